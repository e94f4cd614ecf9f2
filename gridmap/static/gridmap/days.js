/** Sums of calendar days, written YYYY-MM-DD. Pure. */

const DAY = 86_400_000;

/**
 * A day some days before another.
 *
 * @param {string} day YYYY-MM-DD
 * @param {number} days
 */
export function daysBefore(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);
}

/**
 * Which bars a range covers, from the first to the last; null for no range.
 *
 * @param {string[]} days
 * @param {string | null} since
 * @param {string | null} until
 * @returns {[number, number] | null}
 */
export function covered(days, since, until) {
  if (days.length === 0 || (since === null && until === null)) return null;
  const from = days.findIndex((day) => since === null || day >= since);
  const to = days.findLastIndex((day) => until === null || day <= until);
  return from < 0 || to < from ? null : [from, to];
}

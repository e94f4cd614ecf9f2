/** How fresh a place is: the same sum as the database's `gridmap_freshness`, for a phone without it. */

import { day } from '../words.js';

export const DUE = 4;
export const OVER = 5;
export const NEVER = 6;
const DAY = 86_400_000;

/**
 * Whole days since a place was seen, by the city's calendar; null: never.
 *
 * @param {string | null} seen
 * @param {Date} now
 * @param {string} zone
 */
export function daysSince(seen, now, zone) {
  if (seen === null) return null;
  return Math.round((Date.parse(day(now, zone)) - Date.parse(day(seen, zone))) / DAY);
}

/**
 * 0 today … 3 some days, 4 due today, 5 over the interval, 6 never seen.
 *
 * @param {number | null} days
 * @param {number} interval
 */
export function classOf(days, interval) {
  if (days === null) return NEVER;
  if (days <= 0) return 0;
  if (days > interval) return OVER;
  if (days === interval) return DUE;
  if (days <= 2) return 1;
  return days <= 4 ? 2 : 3;
}

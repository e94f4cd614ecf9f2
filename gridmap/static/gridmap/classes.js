/** The classes of the overlays: fixed, so that a colour means the same tomorrow. Pure sums. */

/** @import { Light, Values } from './store.js' */

/** @type {Light[]} in order of urgency */
export const LIGHTS = ['late', 'soon', 'ok', 'parked'];

/** Lowest count of each shade: 0, 1–3, 4–6, 7–9, 10 and more open incidents in a cell. */
export const CELL_STEPS = [0, 1, 4, 7, 10];
/** The same for a community, which has some twenty cells. */
export const COMMUNITY_STEPS = [0, 1, 10, 20, 40];

/** The shade of a figure that is not shown: no shade, but a hatch. */
export const HIDDEN = -2;

/** Below this zoom the ground is shaded by community, from it on by cell (ui.md 6). */
export const COUNTED_BY_COMMUNITY = 15;

/** From this zoom on entrances are drawn: before, they would hide the lanes. */
export const ENTRANCES_FROM = 17;

/** Freshness classes 0..6: today, 1–2 days, 3–4 days, older in time, due today, over, no record. */
export const FRESHNESS = [0, 1, 2, 3, 4, 5, 6];
const IN_TIME = [0, 1, 2, 3, 4];
/** With fewer stretches a percentage says nothing (ui.md 4). */
export const FEWEST_STRETCHES = 5;

/** How an office is filled, in the order of the overlay's columns. */
export const STANDINGS = ['filled', 'substitute', 'expiring', 'vacant'];
/** Rungs of the chief ladder and the prefix of their columns. */
export const RUNGS = { building: 'b', lane: 'n', street: 's' };

/**
 * The shade of a count.
 *
 * @param {number} count NaN: not shown
 * @param {number[]} [steps]
 * @returns {number} 0..4, or HIDDEN
 */
export function shade(count, steps = CELL_STEPS) {
  if (Number.isNaN(count)) return HIDDEN;
  return Math.max(
    0,
    steps.findLastIndex((lowest) => count >= lowest),
  );
}

/**
 * Words for the shades: "0", "1–3", …, "≥10".
 *
 * @param {number[]} [steps]
 */
export function shadeNames(steps = CELL_STEPS) {
  return steps.map((lowest, i) => {
    const next = steps[i + 1];
    if (next === undefined) return `≥${lowest}`;
    return next - 1 > lowest ? `${lowest}–${next - 1}` : `${lowest}`;
  });
}

/**
 * Open incidents by light.
 *
 * @param {{open?: number, soon?: number, late?: number, parked?: number}} values
 * @returns {Record<Light, number>}
 */
export function byLight({ open = 0, soon = 0, late = 0, parked = 0 }) {
  return { late, soon, ok: open - soon - late - parked, parked };
}

/**
 * How many stretches were seen within their interval.
 *
 * @param {Values} values
 * @returns {{seen: number, all: number, share: number | null}} share in percent; null: too few
 */
export function inTime(values) {
  const of = (/** @type {number} */ c) => values[`l${c}`] ?? 0;
  const seen = IN_TIME.reduce((sum, c) => sum + of(c), 0);
  const all = FRESHNESS.reduce((sum, c) => sum + of(c), 0);
  return { seen, all, share: all < FEWEST_STRETCHES ? null : Math.round((100 * seen) / all) };
}

/**
 * Offices by standing on one rung.
 *
 * @param {Values} values
 * @param {keyof typeof RUNGS} rung
 * @returns {number[]} in the order of STANDINGS
 */
export function offices(values, rung) {
  return STANDINGS.map((standing) => values[`${RUNGS[rung]}_${standing}`] ?? 0);
}

/**
 * Offices on the three rungs that nobody fills, a substitute neither.
 *
 * @param {Values} values
 */
export function vacancies(values) {
  return Object.values(RUNGS).reduce((sum, p) => sum + (values[`${p}_vacant`] ?? 0), 0);
}

/**
 * Add up the values of some cells.
 *
 * @param {Iterable<Values>} many
 * @returns {Values}
 */
export function total(many) {
  /** @type {Values} */
  const sum = {};
  for (const values of many) {
    for (const [column, n] of Object.entries(values)) sum[column] = (sum[column] ?? 0) + n;
  }
  return sum;
}

/** What the legend counts: the cells in view and in scope. Pure. */

/** @import { Cell, State } from './store.js' */
/** @import { Box } from './geo.js' */

import { byLight, CELL_STEPS, offices, RUNGS, shade, total } from './classes.js';
import { holds } from './geo.js';

/**
 * Whether a cell belongs to the area chosen in the filters.
 *
 * @param {Cell} cell
 * @param {Pick<State, 'community' | 'subdistrict'>} filters
 */
export function inScope(cell, { community, subdistrict }) {
  if (community !== null) return cell.community === community;
  return subdistrict === null || cell.subdistrict === subdistrict;
}

/**
 * Cells with values whose label stands in the view and that belong to the area chosen.
 *
 * @param {Pick<State, 'cells' | 'community' | 'subdistrict'>} state
 * @param {Box | null} box null: everywhere
 */
export function counted(state, box) {
  return [...state.cells.values()].filter(
    (cell) => cell.values && inScope(cell, state) && (!box || holds(box, cell)),
  );
}

/**
 * The legend's figures.
 *
 * @param {Cell[]} cells
 */
export function figures(cells) {
  const sum = total(cells.map((cell) => cell.values ?? {}));
  const shades = CELL_STEPS.map(() => 0);
  for (const cell of cells) {
    const step = shade(cell.values?.open ?? 0);
    if (step >= 0) shades[step] += 1;
  }
  return {
    lights: byLight(sum),
    open: sum.open ?? 0,
    shades,
    stretches: [0, 1, 2, 3, 4, 5, 6].map((c) => sum[`l${c}`] ?? 0),
    entrances: [0, 1, 2, 3, 4, 5, 6].map((c) => sum[`e${c}`] ?? 0),
    offices: Object.fromEntries(
      Object.keys(RUNGS).map((rung) => [
        rung,
        offices(sum, /** @type {keyof typeof RUNGS} */ (rung)),
      ]),
    ),
  };
}

/**
 * How many incidents are open in some ground, as far as it is told: the sum of its cells or, to
 * those who see sums only, the published figure; NaN: not shown.
 *
 * @param {State['published']} published
 * @param {string} place as in `State.published`
 * @param {Cell[]} cells of the ground
 */
export function openWithin(published, place, cells) {
  if (published) {
    const told = published.open.get(place);
    if (told !== undefined) return told;
    // Somebody who does not see all of the city: the communities that are seen.
    const known = [...byCommunity(cells).keys()].map((id) => published.open.get(`community ${id}`));
    return known.reduce((/** @type {number} */ sum, n) => sum + (n ?? Number.NaN), 0);
  }
  return cells.reduce((sum, { values }) => sum + (values?.open ?? 0), 0);
}

/**
 * The same per community, for the far view.
 *
 * @param {Cell[]} cells
 * @returns {Map<number, Cell[]>}
 */
export function byCommunity(cells) {
  /** @type {Map<number, Cell[]>} */
  const groups = new Map();
  for (const cell of cells) {
    const group = groups.get(cell.community);
    if (group) group.push(cell);
    else groups.set(cell.community, [cell]);
  }
  return groups;
}

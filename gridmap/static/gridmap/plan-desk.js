/** What the planner's page is about at this moment: tool, cell, what is pointed at. Every state that can be
 * linked to stands in the address. */

/** @import { Conflict } from './plan-draft.js' */
/** @import { View } from './store.js' */

import { readView, writeView } from './address.js';
import { observable } from './observable.js';

export const TOOLS = /** @type {const} */ ([
  'select',
  'brush',
  'lasso',
  'side',
  'cut',
  'merge',
  'push',
]);
export const LEVELS = /** @type {const} */ (['unit', 'block']);
/** Radius of the brush, pixels; 0: the one unit under the pointer. */
export const SIZES = [0, 16, 32, 56];
export const TABS = /** @type {const} */ (['cells', 'blocks', 'ground']);

/**
 * @typedef {typeof TOOLS[number]} Tool
 * @typedef {typeof TABS[number]} Tab
 * @typedef {{
 *   tool: Tool,
 *   cell: number | null,
 *   level: typeof LEVELS[number],
 *   size: number,
 *   tab: Tab,
 *   picked: number[],
 *   view: View | null,
 *   hot: number | null,
 *   edited: number,
 *   standing: number,
 *   conflicts: Conflict[],
 *   refused: string[],
 *   job: any,
 *   aside: boolean,
 * }} Desk
 * (cell: the number of the chosen one; picked: units; hot: the cell pointed at, in the table or on the
 * map; edited, standing: counted up when the draft, or how it is saved, has changed; aside: the hand
 * moves the map as long as the space bar is held)
 */

const oneOf = (/** @type {readonly string[]} */ words, /** @type {string | null} */ text) =>
  text !== null && words.includes(text) ? text : words[0];

/**
 * @param {{search: string, hash: string}} address
 * @param {Map<string, number>} places of units by name
 * @returns {Pick<Desk, 'tool' | 'cell' | 'level' | 'size' | 'tab' | 'picked' | 'view'>}
 */
export function readDesk({ search, hash }, places) {
  const query = new URLSearchParams(search);
  const cell = Number(query.get('cell'));
  const size = Number(query.get('size'));
  return {
    tool: /** @type {Tool} */ (oneOf(TOOLS, query.get('tool'))),
    cell: Number.isInteger(cell) && cell > 0 ? cell : null,
    level: /** @type {Desk['level']} */ (oneOf(LEVELS, query.get('level'))),
    size: SIZES.includes(size) ? size : 0,
    tab: /** @type {Tab} */ (oneOf(TABS, query.get('tab'))),
    picked: (query.get('units') ?? '').split('.').flatMap((uid) => places.get(uid) ?? []),
    view: readView(hash),
  };
}

/** So many units stand in an address; more are a selection only as long as the page stands. */
const NAMED = 40;

/**
 * @param {Desk} desk
 * @param {string[]} uids
 * @returns {string} relative to the page
 */
export function writeDesk({ tool, cell, level, size, tab, picked, view }, uids) {
  const query = new URLSearchParams();
  if (tool !== TOOLS[0]) query.set('tool', tool);
  if (cell !== null && cell < 32_000) query.set('cell', String(cell));
  if (level !== LEVELS[0]) query.set('level', level);
  if (size) query.set('size', String(size));
  if (tab !== TABS[0]) query.set('tab', tab);
  if (picked.length && picked.length <= NAMED) {
    query.set('units', picked.map((unit) => uids[unit]).join('.'));
  }
  const head = query.toString();
  return (head ? `?${head}` : '?') + (view ? writeView(view) : '');
}

/** @param {Partial<Desk>} first */
export function openDesk(first) {
  return observable(
    /** @type {Desk} */ ({
      tool: 'select',
      cell: null,
      level: 'unit',
      size: 0,
      tab: 'cells',
      picked: [],
      view: null,
      hot: null,
      edited: 0,
      standing: 0,
      conflicts: [],
      refused: [],
      job: null,
      aside: false,
      ...first,
    }),
  );
}

/** @typedef {ReturnType<typeof openDesk>} DeskStore */

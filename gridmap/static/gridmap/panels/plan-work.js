/** What every tool of the planner works with. */

/** @import { Shown } from '../draw/plan.js' */
/** @import { Fabric } from '../fabric.js' */
/** @import { Pixel, TownMap } from '../map.js' */
/** @import { DeskStore } from '../plan-desk.js' */
/** @import { Draft } from '../plan-draft.js' */
/** @import { Lane } from '../plan-faults.js' */
/** @import { Note } from './plan-note.js' */
/** @import { Trail } from './plan-trail.js' */

import { metresPerPixel } from '../geo.js';
import { wholeBlocks, within } from '../plan-shapes.js';
import { nameOf } from '../plan-wishes.js';
import { moveLines, shutLines } from './plan-note.js';

/**
 * @typedef {{
 *   desk: DeskStore,
 *   draft: Draft,
 *   map: TownMap,
 *   shown: Shown,
 *   fabric: Fabric,
 *   blocks: Map<number, number[]>,
 *   band: [number, number],
 *   names: string[],
 *   lanes: Lane[],
 *   before: {no: number, uid: string, code: string, name: string, households: number}[],
 *   note: Note,
 *   trail: Trail,
 *   say: (text: string, undo?: boolean) => void,
 * }} Work before: the cells in force
 * @typedef {{pixel: Pixel, place: {lng: number, lat: number}, unit: number | null, alt: boolean,
 *   shift: boolean}} Point unit: the one under the pointer
 * @typedef {{
 *   holds: boolean,
 *   hover?: (point: Point) => void,
 *   down?: (point: Point) => void,
 *   drag?: (point: Point) => void,
 *   up?: (point: Point) => void,
 *   click?: (point: Point) => void,
 *   finish?: () => boolean,
 *   back?: () => boolean,
 *   leave?: () => void,
 * }} Hand one tool; holds: a drag is the tool's and not the map's; click: pressed and let go in one
 *   place; finish: Enter or a double click; back: one step back, whether there was one
 */

/**
 * The units that a tool at a point means: one, a round, or whole blocks.
 *
 * @param {Work} work
 * @param {Point} point
 * @returns {number[]}
 */
export function under({ desk, fabric, map, blocks }, { unit, place }) {
  const size = desk.get('size');
  const found = new Set(unit === null ? [] : [unit]);
  if (size > 0) {
    const metres = size * metresPerPixel(place.lat, map.view().zoom);
    for (const other of within(fabric, place, metres)) found.add(other);
  }
  return desk.get('level') === 'block' ? wholeBlocks(fabric, blocks, found) : [...found];
}

/**
 * Say beside the pointer what giving units to the chosen cell would come to, and show them.
 *
 * @param {Work} work
 * @param {Point} point
 * @param {number[]} units
 */
export function preview({ desk, draft, shown, note, band }, { pixel }, units) {
  const to = desk.get('cell');
  const free = to === null ? [] : draft.free(units, to);
  shown.aim(free);
  if (free.length === 0 || to === null) {
    const away = units.some((unit) => draft.partition.labels[unit] !== to);
    note.show(pixel, away ? shutLines(draft, units, to) : []);
    return;
  }
  const from = new Map(free.map((unit) => [unit, draft.partition.labels[unit]]));
  note.show(pixel, moveLines(draft, band, from, to));
}

/**
 * Bring a part of the panel to the top of what scrolls; nothing else of the page moves.
 *
 * @param {Element | null} part
 */
export function bringUp(part) {
  const box = part?.closest('.plan-rest');
  if (!part || !box) return;
  box.scrollTop += part.getBoundingClientRect().top - box.getBoundingClientRect().top;
}

/**
 * Give units to a cell as one operation.
 *
 * @param {Work} work
 * @param {Iterable<number>} units
 * @param {number | null} to
 * @returns {number} how many went
 */
export function give({ draft, fabric }, units, to) {
  if (to === null) return 0;
  const free = draft.free(units, to);
  if (free.length === 0) return 0;
  const name = nameOf(new Map(draft.cells()), to);
  draft.wish({ kind: 'paint', units: free.map((unit) => fabric.uids[unit]), to: name });
  return free.length;
}

/** What an operation would change in a draft, worked out before the server has said so. Pure. */

/** @import { CellFields } from './plan-faults.js' */

/** Cells that the server has not numbered yet get numbers from here on. */
export const PROVISIONAL = 32_001;

/**
 * @typedef {number | string} Name a cell's number, or the id of the operation that made it
 * @typedef {{id: string, kind: 'paint' | 'split' | 'merge' | 'edit' | 'pin' | 'renumber',
 *   units?: string[], to?: Name, cells?: Name[], set?: Record<string, unknown>,
 *   pinned?: boolean}} Wish as it is sent; units by their lasting names
 * @typedef {{labels: Int16Array, cells: Map<number, CellFields>, pins: Set<number>}} View
 * @typedef {{places: number[], news: number[], cells: [number, CellFields | null][],
 *   pins: [number, boolean][]}} Effect cells: null: gone
 */

/**
 * The number a wish means by a cell, among the cells there are; null: there is none.
 *
 * @param {Map<number, CellFields>} cells
 * @param {Name | undefined} wanted
 */
export function numberOf(cells, wanted) {
  if (typeof wanted === 'number') return wanted === 0 || cells.has(wanted) ? wanted : null;
  for (const [no, { made_by: made }] of cells) if (made === wanted) return no;
  return null;
}

/**
 * How a cell is named to the server: by its number, or by the operation that will have made it.
 *
 * @param {Map<number, CellFields>} cells
 * @param {number} no
 * @returns {Name}
 */
export function nameOf(cells, no) {
  return no < PROVISIONAL ? no : (cells.get(no)?.made_by ?? no);
}

/**
 * @param {Wish} wish
 * @param {View} view
 * @param {Map<string, number>} places of units by name
 * @returns {Effect}
 */
export function effectOf(wish, view, places) {
  const units = (wish.units ?? []).flatMap((uid) => places.get(uid) ?? []);
  return EFFECTS[wish.kind](wish, view, units);
}

/** @param {Partial<Effect>} some @returns {Effect} */
const effect = (some) => ({ places: [], news: [], cells: [], pins: [], ...some });

/** @type {Record<Wish['kind'], (wish: Wish, view: View, units: number[]) => Effect>} */
const EFFECTS = {
  paint(wish, { cells }, units) {
    const to = numberOf(cells, wish.to);
    return to === null ? effect({}) : effect({ places: units, news: units.map(() => to) });
  },
  split(wish, { cells }, units) {
    const known = numberOf(cells, wish.id); // the server has done it, and said so just now
    if (known !== null) return effect({ places: units, news: units.map(() => known) });
    const no = Math.max(PROVISIONAL - 1, ...cells.keys()) + 1;
    const fields = { ...newCell(wish.id), ...wish.set };
    return effect({ places: units, news: units.map(() => no), cells: [[no, fields]] });
  },
  merge(wish, { cells, labels }) {
    const to = numberOf(cells, wish.to);
    const gone = (wish.cells ?? []).flatMap((cell) => numberOf(cells, cell) ?? []);
    const from = new Set(gone.filter((no) => no > 0 && no !== to));
    if (to === null || from.size === 0) return effect({});
    const units = [];
    for (let place = 0; place < labels.length; place += 1) {
      if (from.has(labels[place])) units.push(place);
    }
    return effect({
      places: units,
      news: units.map(() => to),
      cells: [...from].map((no) => [no, null]),
    });
  },
  edit(wish, { cells }) {
    const numbers = (wish.cells ?? []).flatMap((cell) => numberOf(cells, cell) ?? []);
    return effect({
      cells: numbers.flatMap((no) => {
        const before = cells.get(no);
        return before ? [[no, { ...before, ...wish.set }]] : [];
      }),
    });
  },
  pin: (wish, _view, units) => effect({ pins: units.map((unit) => [unit, wish.pinned ?? true]) }),
  // Codes are the server's to give: it knows which were ever used.
  renumber: () => effect({}),
};

/**
 * @param {string} made id of the operation
 * @returns {CellFields}
 */
function newCell(made) {
  return {
    cell: null,
    uid: made,
    code: '',
    name: '',
    kind: 'basic',
    use: '',
    locked: false,
    reason: '',
    made_by: made,
  };
}

/**
 * Change a view as an effect says.
 *
 * @param {View} view
 * @param {Effect} done
 */
export function take(view, { places, news, cells, pins }) {
  for (let i = 0; i < places.length; i += 1) view.labels[places[i]] = news[i];
  for (const [no, fields] of cells) {
    if (fields === null) view.cells.delete(no);
    else view.cells.set(no, fields);
  }
  for (const [unit, pinned] of pins) {
    if (pinned) view.pins.add(unit);
    else view.pins.delete(unit);
  }
}

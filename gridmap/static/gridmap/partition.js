/** Which unit belongs to which cell, and what every cell amounts to: kept in typed arrays, so that a
 * stroke of the brush costs what it touches and not what there is. Pure. */

/** @import { Fabric } from './fabric.js' */

import { WAY } from './fabric.js';

/** The number of a cell is an int16; provisional ones lie above those of the server. */
const NUMBERS = 32_768;
/** What is summed up for each cell. */
const SUMS = /** @type {const} */ ([
  'units',
  'households',
  'residents',
  'incidents',
  'buildings',
  'area',
  'around',
  'inner',
  'ways',
]);

/**
 * @typedef {{no: number, units: number, households: number, residents: number | null,
 *   incidents: number | null, buildings: number, area: number, parts: number, pp: number, onWays: number | null}} Figures
 *   residents, incidents: null where they are withheld from who may see sums only; pp: Polsby and Popper's 4πA/P², 1 for a circle; onWays: share of the border with other cells
 *   that runs along streets and lanes, null without such a border; parts: pieces one can walk between
 * @typedef {{places: number[], old: number[], news: number[]}} Change
 */

/**
 * Keep a partition of the units of a fabric.
 *
 * @param {Fabric} fabric
 * @param {ArrayLike<number>} given the number of each unit's cell, 0 for none
 */
export function openPartition(fabric, given) {
  const { size, start, neighbour, edge } = fabric;
  const labels = Int16Array.from(given);
  /** Where the sums of a cell stand; 0: nowhere yet. */
  const slots = new Uint16Array(NUMBERS);
  let slot = 0;
  /** @type {Record<typeof SUMS[number], Float64Array<ArrayBuffer>>} */
  const sum = /** @type {any} */ ({});
  for (const name of SUMS) sum[name] = new Float64Array(64);
  /** The units of each cell, as rings: first unit of a slot, next and previous one of a unit. */
  let first = new Int32Array(64).fill(-1);
  const next = new Int32Array(size).fill(-1);
  const previous = new Int32Array(size).fill(-1);
  /** What is withheld stands as -1 in every place. */
  const told = { residents: fabric.residents[0] >= 0, incidents: fabric.incidents[0] >= 0 };
  const seen = new Uint32Array(size);
  const stack = new Int32Array(size);
  let stamp = 0;

  /** @param {number} no */
  const slotOf = (no) => {
    if (slots[no] === 0) {
      slot += 1;
      slots[no] = slot;
      if (slot === first.length) grow();
    }
    return slots[no];
  };
  const grow = () => {
    for (const name of SUMS) {
      const wider = new Float64Array(2 * first.length);
      wider.set(sum[name]);
      sum[name] = wider;
    }
    const wider = new Int32Array(2 * first.length).fill(-1);
    wider.set(first);
    first = wider;
  };

  /**
   * @param {number} at slot
   * @param {number} place
   * @param {1 | -1} sign
   */
  const count = (at, place, sign) => {
    sum.units[at] += sign;
    sum.households[at] += sign * fabric.households[place];
    sum.residents[at] += sign * fabric.residents[place];
    sum.incidents[at] += sign * fabric.incidents[place];
    sum.buildings[at] += fabric.building[place] > 0 ? sign : 0;
    sum.area[at] += sign * fabric.area[place];
    sum.around[at] += sign * fabric.perimeter[place];
  };
  /**
   * @param {number} at slot
   * @param {number} place
   */
  const link = (at, place) => {
    next[place] = first[at];
    previous[place] = -1;
    if (first[at] >= 0) previous[first[at]] = place;
    first[at] = place;
  };
  /**
   * @param {number} at slot
   * @param {number} place
   */
  const unlink = (at, place) => {
    if (previous[place] >= 0) next[previous[place]] = next[place];
    else first[at] = next[place];
    if (next[place] >= 0) previous[next[place]] = previous[place];
  };
  /**
   * The border between cells at slots `one` and `two` gains or loses this edge.
   *
   * @param {number} one
   * @param {number} two
   * @param {number} at edge
   * @param {1 | -1} sign
   */
  const border = (one, two, at, sign) => {
    const metres = sign * fabric.edge_length[at];
    sum.inner[one] += metres;
    sum.inner[two] += metres;
    if (fabric.edge_level[at] < WAY) return;
    sum.ways[one] += metres;
    sum.ways[two] += metres;
  };

  /**
   * Give one unit to a cell.
   *
   * @param {number} place
   * @param {number} to
   */
  const move = (place, to) => {
    const from = labels[place];
    if (from === to) return;
    const a = slotOf(from);
    const b = slotOf(to);
    count(a, place, -1);
    count(b, place, 1);
    for (let p = start[place]; p < start[place + 1]; p += 1) {
      const c = slots[labels[neighbour[p]]];
      const metres = fabric.edge_length[edge[p]];
      if (c === a) sum.around[a] += 2 * metres;
      else border(a, c, edge[p], -1);
      if (c === b) sum.around[b] -= 2 * metres;
      else border(b, c, edge[p], 1);
    }
    unlink(a, place);
    link(b, place);
    labels[place] = to;
  };

  const build = () => {
    for (let place = 0; place < size; place += 1) slotOf(labels[place]);
    for (let place = size - 1; place >= 0; place -= 1) {
      count(slots[labels[place]], place, 1);
      link(slots[labels[place]], place);
    }
    for (let at = 0; at < fabric.edge_a.length; at += 1) {
      const a = slots[labels[fabric.edge_a[at]]];
      const b = slots[labels[fabric.edge_b[at]]];
      if (a === b) sum.around[a] -= 2 * fabric.edge_length[at];
      else border(a, b, at, 1);
    }
  };
  build();

  /**
   * Walk from a unit over crossable borders through its cell; the units met stand on the stack.
   *
   * @param {number} from
   * @returns {number} how many
   */
  const walk = (from) => {
    const cell = labels[from];
    let met = 1;
    stack[0] = from;
    seen[from] = stamp;
    for (let at = 0; at < met; at += 1) {
      const here = stack[at];
      for (let p = start[here]; p < start[here + 1]; p += 1) {
        const there = neighbour[p];
        if (labels[there] !== cell || seen[there] === stamp) continue;
        if (fabric.edge_crossable[edge[p]] === 0) continue;
        seen[there] = stamp;
        stack[met] = there;
        met += 1;
      }
    }
    return met;
  };
  /**
   * @param {number} no
   * @param {(units: Int32Array) => void} [tell] each piece, in memory that is used again
   */
  const eachPart = (no, tell) => {
    stamp += 1;
    let parts = 0;
    for (let place = first[slots[no]] ?? -1; place >= 0; place = next[place]) {
      if (seen[place] === stamp) continue;
      parts += 1;
      const met = walk(place);
      tell?.(stack.subarray(0, met));
    }
    return parts;
  };

  return {
    /** The number of each unit's cell; not to be changed from outside. */
    labels,
    fabric,
    move,
    /**
     * Give units to cells.
     *
     * @param {ArrayLike<number>} places
     * @param {ArrayLike<number> | number} to one number for all, or one for each
     * @returns {Change} what really changed
     */
    set(places, to) {
      /** @type {Change} */
      const change = { places: [], old: [], news: [] };
      for (let i = 0; i < places.length; i += 1) {
        const wanted = typeof to === 'number' ? to : to[i];
        const place = places[i];
        if (labels[place] === wanted) continue;
        change.places.push(place);
        change.old.push(labels[place]);
        change.news.push(wanted);
        move(place, wanted);
      }
      return change;
    },
    /**
     * What a cell amounts to.
     *
     * @param {number} no
     * @returns {Figures}
     */
    figures(no) {
      const at = slots[no];
      const round = sum.around[at] > 1e-6 ? (4 * Math.PI * sum.area[at]) / sum.around[at] ** 2 : 0;
      return {
        no,
        units: sum.units[at],
        households: sum.households[at],
        residents: told.residents ? sum.residents[at] : null,
        incidents: told.incidents ? sum.incidents[at] : null,
        buildings: sum.buildings[at],
        area: sum.area[at],
        parts: at === 0 ? 0 : eachPart(no),
        pp: sum.units[at] > 0 ? round : 0,
        onWays: sum.inner[at] > 1e-3 ? sum.ways[at] / sum.inner[at] : null,
      };
    },
    /** @param {number} no */
    householdsOf: (no) => sum.households[slots[no]],
    /** How many pieces of a cell one can walk between. @param {number} no */
    parts: (no) => (slots[no] === 0 ? 0 : eachPart(no)),
    /**
     * The pieces of a cell, that with most households first.
     *
     * @param {number} no
     * @returns {number[][]}
     */
    pieces(no) {
      /** @type {{units: number[], weight: number}[]} */
      const found = [];
      if (slots[no] === 0) return [];
      eachPart(no, (units) => {
        const held = [...units];
        const weight = held.reduce((n, place) => n + fabric.households[place] + 1e-6, 0);
        found.push({ units: held, weight });
      });
      return found.sort((one, two) => two.weight - one.weight).map(({ units }) => units);
    },
    /**
     * @param {number} no
     * @returns {number[]} its units
     */
    unitsOf(no) {
      const found = [];
      if (slots[no] === 0) return [];
      for (let place = first[slots[no]]; place >= 0; place = next[place]) found.push(place);
      return found;
    },
    /**
     * @param {number} no
     * @returns {Map<number, number>} metres of border with each of its neighbours
     */
    neighbours(no) {
      /** @type {Map<number, number>} */
      const found = new Map();
      if (slots[no] === 0) return found;
      for (let place = first[slots[no]]; place >= 0; place = next[place]) {
        for (let p = start[place]; p < start[place + 1]; p += 1) {
          const other = labels[neighbour[p]];
          if (other === no) continue;
          found.set(other, (found.get(other) ?? 0) + fabric.edge_length[edge[p]]);
        }
      }
      return found;
    },
  };
}

/** @typedef {ReturnType<typeof openPartition>} Partition */

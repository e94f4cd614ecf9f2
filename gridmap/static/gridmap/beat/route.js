/**
 * Where next: the stretches that are due, in an order that can be walked along lanes in half an hour.
 *
 * A place is worth more the longer it is over its interval; the next is always the one that is worth
 * most for the steps it costs. The order of what was chosen is then shortened. The phone works this
 * out alone, so that it is there without network.
 */

import { DUE, NEVER, OVER } from './freshness.js';

/**
 * @typedef {{id: number, shape: [number, number][], metres: number, interval: number,
 *   days: number | null, klass: number}} Lane a stretch as it stands today
 * @typedef {{stretch: Lane, way: number, walked: number, backwards: boolean}} Leg way: metres to
 *   where it begins; walked: metres from the start to its end
 * @typedef {{legs: Leg[], metres: number, minutes: number}} Route
 */

/** Metres a minute, looking left and right. */
const PACE = 55;
/** Seeing to a place takes time too, metres' worth. */
const LOOK = 25;
/** A way off the lanes is longer than the bird's. */
const DETOUR = 1.4;
const MOST = 60;

/** @typedef {[number, number]} Place */

/**
 * Metres between two places, good to a beat's size.
 *
 * @param {Place} a
 * @param {Place} b
 */
export function metresBetween([lng, lat], [lng2, lat2]) {
  const east = (lng2 - lng) * Math.cos((lat * Math.PI) / 180);
  return Math.hypot(east, lat2 - lat) * 111_320;
}

/** @param {Place} place */
const key = ([lng, lat]) => `${lng.toFixed(5)} ${lat.toFixed(5)}`;

/** Crossings and the stretches between them, as far as the beat has any. */
export class Lanes {
  /** @type {Map<string, {place: Place, out: [string, number][]}>} */
  #nodes = new Map();
  /** @type {Map<string, Map<string, number>>} */
  #known = new Map();

  /** @param {{shape: Place[], metres: number}[]} stretches */
  constructor(stretches) {
    for (const { shape, metres } of stretches) {
      const [a, b] = [shape[0], shape[shape.length - 1]];
      this.#node(a).out.push([key(b), metres]);
      this.#node(b).out.push([key(a), metres]);
    }
  }

  /** @param {Place} place */
  #node(place) {
    const name = key(place);
    let node = this.#nodes.get(name);
    if (!node) {
      node = { place, out: [] };
      this.#nodes.set(name, node);
    }
    return node;
  }

  /**
   * Metres on foot: along the lanes where they lead there, else straight with a detour.
   *
   * @param {Place} from
   * @param {Place} to
   */
  way(from, to) {
    const straight = metresBetween(from, to) * DETOUR;
    if (!this.#nodes.has(key(from))) return straight;
    return Math.min(this.#from(key(from)).get(key(to)) ?? Infinity, straight * 1.5);
  }

  /** @param {string} start */
  #from(start) {
    const known = this.#known.get(start);
    if (known) return known;
    /** @type {Map<string, number>} */
    const far = new Map([[start, 0]]);
    const open = new Set([start]);
    while (open.size) {
      let here = '';
      let least = Infinity;
      for (const name of open) {
        const d = far.get(name) ?? Infinity;
        if (d < least) [here, least] = [name, d];
      }
      open.delete(here);
      for (const [next, metres] of this.#nodes.get(here)?.out ?? []) {
        if (least + metres < (far.get(next) ?? Infinity)) {
          far.set(next, least + metres);
          open.add(next);
        }
      }
    }
    this.#known.set(start, far);
    return far;
  }
}

/**
 * What seeing to a stretch is worth today; 0: it can wait.
 *
 * @param {Lane} stretch
 */
export function worth({ klass, days, interval }) {
  if (klass === NEVER) return 4;
  if (klass === OVER) return 2 + Math.min(4, ((days ?? 0) - interval) / interval);
  if (klass === DUE) return 1;
  return days !== null && days + 1 >= interval ? 0.25 : 0;
}

/** @param {Lane} stretch @param {boolean} backwards @returns {[Place, Place]} */
function ends({ shape }, backwards) {
  const two = /** @type {[Place, Place]} */ ([shape[0], shape[shape.length - 1]]);
  return backwards ? [two[1], two[0]] : two;
}

/**
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Lane[]} order
 * @returns {Route}
 */
function walked(lanes, from, order) {
  let here = from;
  let metres = 0;
  const legs = order.map((stretch) => {
    const ways = [false, true].map((back) => lanes.way(here, ends(stretch, back)[0]));
    const backwards = ways[1] < ways[0];
    const way = Math.min(...ways);
    metres += way + stretch.metres;
    here = ends(stretch, backwards)[1];
    return { stretch, way: Math.round(way), walked: Math.round(metres), backwards };
  });
  return { legs, metres: Math.round(metres), minutes: cost(metres, order.length) };
}

/** @param {number} metres @param {number} n places seen to */
const cost = (metres, n) => Math.ceil((metres + n * LOOK) / PACE);

/**
 * Shorten the walk without leaving anything out: turn round a part, or move one elsewhere.
 *
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Lane[]} order
 */
function shortened(lanes, from, order) {
  let best = order;
  let least = walked(lanes, from, best).metres;
  for (let better = true, rounds = 0; better && rounds < 20; rounds += 1) {
    better = false;
    for (const other of neighbours(best)) {
      const { metres } = walked(lanes, from, other);
      if (metres < least - 1) {
        [best, least, better] = [other, metres, true];
        break;
      }
    }
  }
  return best;
}

/** @param {Lane[]} order */
function* neighbours(order) {
  const n = order.length;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      yield [...order.slice(0, i), ...order.slice(i, j + 1).reverse(), ...order.slice(j + 1)];
    }
  }
  for (let i = 0; i < n; i += 1) {
    const rest = order.toSpliced(i, 1);
    for (let j = 0; j < n; j += 1) if (j !== i) yield rest.toSpliced(j, 0, order[i]);
  }
}

/**
 * A walk of at most so many minutes; what was offered before comes later, so that "another route" is
 * another one.
 *
 * @param {Lane[]} stretches
 * @param {{from: Place | null, minutes?: number, offered?: Set<number>}} wish from null: where most
 *   is due
 * @returns {Route}
 */
export function nextRoute(stretches, { from, minutes = 30, offered = new Set() }) {
  const lanes = new Lanes(stretches);
  const value = (/** @type {Lane} */ s) => worth(s) * (offered.has(s.id) ? 0.2 : 1);
  const left = stretches
    .filter((s) => worth(s) > 0)
    .sort((a, b) => value(b) - value(a) || a.id - b.id)
    .slice(0, MOST);
  if (left.length === 0) return { legs: [], metres: 0, minutes: 0 };
  const start = from ?? left[0].shape[0];
  /** @type {Lane[]} */
  let chosen = [];
  let here = start;
  let metres = 0;
  while (left.length) {
    const steps = left.map((s) => {
      const way = Math.min(lanes.way(here, ends(s, false)[0]), lanes.way(here, ends(s, true)[0]));
      return { s, way, gain: value(s) / (way + s.metres + LOOK) };
    });
    const fitting = steps.filter(
      ({ s, way }) => cost(metres + way + s.metres, chosen.length + 1) <= minutes,
    );
    if (fitting.length === 0) {
      if (chosen.length > 0) break;
      fitting.push(steps[0]);
    }
    const { s, way } = fitting.reduce((a, b) => (b.gain > a.gain ? b : a));
    const back = lanes.way(here, ends(s, true)[0]) < lanes.way(here, ends(s, false)[0]);
    here = ends(s, back)[1];
    metres += way + s.metres;
    chosen.push(s);
    left.splice(left.indexOf(s), 1);
  }
  chosen = shortened(lanes, start, chosen);
  return walked(lanes, start, chosen);
}

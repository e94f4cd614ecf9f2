/**
 * Where next: the stretches that are due, in an order that can be walked along lanes in half an hour.
 *
 * A place is worth more the longer it is over its interval. Of the dozen that are worth most for the
 * steps they cost, the set of most worth that fits into the time is taken, in its shortest order: all
 * sets are looked at. The phone works this out alone, so that it is there without network.
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
/** So many stretches are looked at together: with each one more the work doubles. */
const TOGETHER = 11;
/** How often a walk of several parts is gone over to shorten it. */
const ROUNDS = 20;

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
 * @typedef {{stretch: Lane, backwards: boolean}} Step
 */

/**
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Step[]} steps
 * @returns {Route}
 */
function walked(lanes, from, steps) {
  let here = from;
  let metres = 0;
  const legs = steps.map(({ stretch, backwards }) => {
    const [begin, end] = ends(stretch, backwards);
    const way = lanes.way(here, begin);
    metres += way + stretch.metres;
    here = end;
    return { stretch, way: Math.round(way), walked: Math.round(metres), backwards };
  });
  return { legs, metres: Math.round(metres), minutes: cost(metres, steps.length) };
}

/** @param {number} metres @param {number} n places seen to */
export const cost = (metres, n) => Math.ceil((metres + n * LOOK) / PACE);

/**
 * Those that are worth most for the steps they cost, one after the other from where one stands.
 *
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Lane[]} waiting
 * @param {(stretch: Lane) => number} value
 */
function promising(lanes, from, waiting, value) {
  const left = [...waiting];
  /** @type {Lane[]} */
  const pool = [];
  let here = from;
  while (left.length > 0 && pool.length < TOGETHER) {
    const gain = (/** @type {Lane} */ s) =>
      value(s) /
      (Math.min(...[false, true].map((b) => lanes.way(here, ends(s, b)[0]))) + s.metres + LOOK);
    const s = left.reduce((a, b) => (gain(b) > gain(a) ? b : a));
    here = ends(s, lanes.way(here, ends(s, true)[0]) < lanes.way(here, ends(s, false)[0]))[1];
    pool.push(s);
    left.splice(left.indexOf(s), 1);
  }
  return pool;
}

/**
 * The steps through the set of most worth that fits into the time, shortest first among equals.
 *
 * By sets (as bits), the stretch walked last and the end it is left at: the least metres so far.
 *
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Lane[]} pool at most `TOGETHER`
 * @param {(stretch: Lane) => number} value
 * @param {number} minutes
 * @returns {Step[]}
 */
function best(lanes, from, pool, value, minutes) {
  const n = pool.length;
  const state = (/** @type {number} */ set, /** @type {number} */ step) => set * 2 * n + step;
  // A step is a stretch and whether it is walked backwards: its number is twice the stretch's, or one more.
  const two = pool.flatMap((s) => [ends(s, false), ends(s, true)]);
  const ways = two.map(([, left]) => two.map(([begin]) => lanes.way(left, begin)));
  const metres = new Float64Array((1 << n) * 2 * n).fill(Infinity);
  const before = new Int8Array((1 << n) * 2 * n).fill(-1);
  two.forEach(([begin], step) => {
    metres[state(1 << (step >> 1), step)] = lanes.way(from, begin) + pool[step >> 1].metres;
  });
  let found = { set: 0, step: -1, worth: 0, metres: Infinity };
  for (let set = 1; set < 1 << n; set += 1) {
    const inside = pool.filter((_, i) => set & (1 << i));
    const worthy = inside.reduce((sum, s) => sum + value(s), 0);
    for (let step = 0; step < 2 * n; step += 1) {
      const so = metres[state(set, step)];
      if (so === Infinity) continue;
      const better = worthy > found.worth || (worthy === found.worth && so < found.metres);
      if (better && cost(so, inside.length) <= minutes)
        found = { set, step, worth: worthy, metres: so };
      for (let next = 0; next < 2 * n; next += 1) {
        if (set & (1 << (next >> 1))) continue;
        const longer = so + ways[step][next] + pool[next >> 1].metres;
        const there = state(set | (1 << (next >> 1)), next);
        if (longer < metres[there]) {
          metres[there] = longer;
          before[there] = step;
        }
      }
    }
  }
  /** @type {Step[]} */
  const steps = [];
  for (let { set, step } = found; step >= 0; ) {
    steps.unshift({ stretch: pool[step >> 1], backwards: step % 2 === 1 });
    const earlier = before[state(set, step)];
    set &= ~(1 << (step >> 1));
    step = earlier;
  }
  return steps;
}

/**
 * One step, begun at the nearer end: offered where not even one fits into the time.
 *
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Lane} stretch
 * @returns {Step[]}
 */
function nearest(lanes, from, stretch) {
  const [ahead, back] = [false, true].map((b) => lanes.way(from, ends(stretch, b)[0]));
  return [{ stretch, backwards: back < ahead }];
}

/**
 * Shorten a walk that was put together of several parts: turn round a piece, or move a step.
 *
 * @param {Lanes} lanes
 * @param {Place} from
 * @param {Step[]} steps
 */
function shortened(lanes, from, steps) {
  let shortest = steps;
  let least = walked(lanes, from, steps).metres;
  for (let better = true, rounds = 0; better && rounds < ROUNDS; rounds += 1) {
    better = false;
    for (const other of neighbours(shortest)) {
      const { metres } = walked(lanes, from, other);
      if (metres < least - 1) [shortest, least, better] = [other, metres, true];
    }
  }
  return shortest;
}

const turned = (/** @type {Step} */ { stretch, backwards }) => ({ stretch, backwards: !backwards });

/** @param {Step[]} steps */
function* neighbours(steps) {
  const n = steps.length;
  for (let i = 0; i < n; i += 1) {
    for (let j = i; j < n; j += 1) {
      const piece = steps
        .slice(i, j + 1)
        .reverse()
        .map(turned);
      yield [...steps.slice(0, i), ...piece, ...steps.slice(j + 1)];
    }
  }
  for (let i = 0; i < n; i += 1) {
    const rest = steps.toSpliced(i, 1);
    for (let j = 0; j < n; j += 1)
      for (const step of [steps[i], turned(steps[i])]) yield rest.toSpliced(j, 0, step);
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
  const waiting = stretches
    .filter((s) => worth(s) > 0)
    .sort((a, b) => value(b) - value(a) || a.id - b.id);
  if (waiting.length === 0) return { legs: [], metres: 0, minutes: 0 };
  const start = from ?? waiting[0].shape[0];
  /** @type {Step[]} */
  let steps = [];
  let left = waiting;
  // Where stretches are short, more of them fit than are looked at together: on from the last one.
  for (let whole = true; whole && left.length > 0; ) {
    const so = walked(lanes, start, steps);
    const last = steps.at(-1);
    const here = last ? ends(last.stretch, last.backwards)[1] : start;
    const pool = promising(lanes, here, left, value);
    const rest = Math.floor(minutes - (so.metres + steps.length * LOOK) / PACE);
    const more = best(lanes, here, pool, value, rest);
    steps = [...steps, ...more];
    whole = more.length === pool.length;
    left = left.filter((s) => !more.some(({ stretch }) => stretch === s));
  }
  if (steps.length === 0) steps = nearest(lanes, start, promising(lanes, start, waiting, value)[0]);
  else if (steps.length > TOGETHER) steps = shortened(lanes, start, steps);
  return walked(lanes, start, steps);
}

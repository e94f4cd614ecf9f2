/** Walks offered on a phone beside the best there are: seeded beats of crooked blocks, and an exact
 * solver (dynamic programming over sets of stretches and the end at which each is left). Run by
 * script/bench route; needs no database.
 *
 * Told are how much longer the order offered is than the shortest order of the same stretches (limit
 * 10 %), the milliseconds it takes (limit 200), and how much of the worth that fits into the time is
 * in it. The control puts the same stretches in the order of their numbers. */

import { performance } from 'node:perf_hooks';

import { classOf } from '../gridmap/static/gridmap/beat/freshness.js';
import { cost, Lanes, nextRoute, worth } from '../gridmap/static/gridmap/beat/route.js';

const LONGER = 1.1; // of the shortest
const LIMIT = 200; // milliseconds
const MINUTES = 30;
const SMALL = 12; // stretches that wait, so that the best set can be known too
const [, , asked = '200'] = process.argv;
const EAST = 111_320 * Math.cos((26.27 * Math.PI) / 180);
const NORTH = 111_320;

/** @param {number} seed a small generator of its own, so that a beat is the same everywhere */
function random(seed) {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {number} seed @param {number} waiting how many stretches are due or over */
function beat(seed, waiting) {
  const next = random(seed);
  const side = 4 + (seed % 4);
  const crossing = (i, j) => {
    const jitter = random(seed * 1000 + i * 37 + j);
    return [
      117.6 + (i * 75 + jitter() * 40) / EAST,
      26.27 + (j * 65 + jitter() * 40) / NORTH,
    ];
  };
  const stretches = [];
  const lay = (a, b) => {
    if (next() < 0.15) return; // no lane here
    const [x, y] = [(b[0] - a[0]) * EAST, (b[1] - a[1]) * NORTH];
    stretches.push({ id: stretches.length + 1, shape: [a, b], metres: Math.hypot(x, y) * 1.05 });
  };
  for (let i = 0; i < side; i += 1) {
    for (let j = 0; j < side; j += 1) {
      if (i + 1 < side) lay(crossing(i, j), crossing(i + 1, j));
      if (j + 1 < side) lay(crossing(i, j), crossing(i, j + 1));
    }
  }
  const order = stretches.map((s) => [next(), s]).sort(([a], [b]) => a - b);
  const due = new Set(order.slice(0, waiting).map(([, s]) => s.id));
  for (const s of stretches) {
    s.interval = next() < 0.5 ? 3 : 7;
    s.days = due.has(s.id) ? (next() < 0.2 ? null : s.interval + Math.floor(next() * 9)) : 0;
    s.klass = classOf(s.days, s.interval);
  }
  return { stretches, from: crossing(Math.floor(next() * side), Math.floor(next() * side)) };
}

/** Metres of an order, each stretch begun at the end that is best for the whole walk. */
function lengthOf(lanes, from, order) {
  let ways = [[from, 0]];
  for (const { shape, metres } of order) {
    const two = [shape[0], shape.at(-1)];
    ways = [0, 1].map((begin) => [
      two[1 - begin],
      Math.min(...ways.map(([place, so]) => so + lanes.way(place, two[begin]) + metres)),
    ]);
  }
  return Math.min(...ways.map(([, metres]) => metres));
}

/**
 * The shortest walk through every set of stretches: metres by set.
 *
 * @returns {Float64Array} index: the set as bits
 */
function shortest(lanes, from, stretches) {
  const n = stretches.length;
  const ends = stretches.map(({ shape }) => [shape[0], shape.at(-1)]);
  const best = new Float64Array(1 << n).fill(Infinity);
  const far = new Float64Array((1 << n) * n * 2).fill(Infinity); // by set, last, end left at
  for (let s = 0; s < n; s += 1) {
    for (const begin of [0, 1]) {
      const metres = lanes.way(from, ends[s][begin]) + stretches[s].metres;
      far[((1 << s) * n + s) * 2 + (1 - begin)] = metres;
    }
  }
  best[0] = 0;
  for (let set = 1; set < 1 << n; set += 1) {
    for (let last = 0; last < n; last += 1) {
      for (const left of [0, 1]) {
        const so = far[(set * n + last) * 2 + left];
        if (so === Infinity) continue;
        if (so < best[set]) best[set] = so;
        for (let s = 0; s < n; s += 1) {
          if (set & (1 << s)) continue;
          for (const begin of [0, 1]) {
            const at = ((set | (1 << s)) * n + s) * 2 + (1 - begin);
            const metres = so + lanes.way(ends[last][left], ends[s][begin]) + stretches[s].metres;
            if (metres < far[at]) far[at] = metres;
          }
        }
      }
    }
  }
  return best;
}

/** @param {number[]} values @param {number} share */
const at = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const round = (/** @type {number} */ n, digits = 3) => n.toFixed(digits);

const found = { longer: [], took: [], worth: [], control: [], legs: [], late: 0 };
for (let seed = 1; seed <= Number(asked); seed += 1) {
  const { stretches, from } = beat(seed, SMALL);
  const began = performance.now();
  const { legs, metres, minutes } = nextRoute(stretches, { from, minutes: MINUTES });
  found.took.push(performance.now() - began);
  if (minutes > MINUTES && legs.length > 1) found.late += 1;
  const lanes = new Lanes(stretches);
  const order = legs.map((leg) => leg.stretch);
  const waiting = stretches.filter((s) => worth(s) > 0);
  const least = shortest(lanes, from, waiting);
  const bits = (/** @type {any[]} */ some) =>
    some.reduce((set, s) => set | (1 << waiting.indexOf(s)), 0);
  const optimum = least[bits(order)];
  if (order.length > 1) {
    found.longer.push(metres / optimum);
    const byNumber = order.toSorted((a, b) => a.id - b.id);
    found.control.push(lengthOf(lanes, from, byNumber) / optimum);
  }
  let most = 0;
  for (let set = 1; set < least.length; set += 1) {
    const inside = waiting.filter((_, i) => set & (1 << i));
    if (cost(least[set], inside.length) > MINUTES) continue;
    most = Math.max(most, inside.reduce((sum, s) => sum + worth(s), 0));
  }
  found.worth.push(order.reduce((sum, s) => sum + worth(s), 0) / most);
  found.legs.push(order.length);
}
const worst = Math.max(...found.longer);
const slow = Math.max(...found.took);
console.log(`${found.took.length} beats of ${SMALL} stretches that wait; ${MINUTES} minutes; median ${at(found.legs, 0.5)} stretches offered`);
console.log(`order, times the shortest   median ${round(at(found.longer, 0.5))}  p95 ${round(at(found.longer, 0.95))}  worst ${round(worst)}  limit ${LONGER}`);
console.log(`  in order of numbers       median ${round(at(found.control, 0.5))}  (control: above the limit)`);
console.log(`milliseconds                median ${round(at(found.took, 0.5), 1)}  worst ${round(slow, 1)}  limit ${LIMIT}`);
console.log(`worth in it, of the best    median ${round(at(found.worth, 0.5))}  p5 ${round(at(found.worth, 0.05))}  worst ${round(Math.min(...found.worth))}`);
console.log(`walks longer than asked     ${found.late}  limit 0`);
const good = found.late === 0 && worst <= LONGER && slow <= LIMIT && at(found.control, 0.5) > LONGER;
process.exitCode = good ? 0 : 1;

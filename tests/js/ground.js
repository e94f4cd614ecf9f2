/** A board of square units for the tests: as a fabric, with a river and a street through it. */

/** Seeded numbers between 0 and 1. */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A board of `wide` by `high` units of 20 m, counted row by row from the south-west. Blocks are of
 * three by three units, between them runs a lane; east of column `river` runs water.
 *
 * @param {number} wide
 * @param {number} high
 * @param {{river?: number, households?: (place: number) => number}} [more]
 */
export function board(wide, high, { river = -1, households = () => 10 } = {}) {
  const size = wide * high;
  const pairs = [];
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const here = y * wide + x;
      if (x + 1 < wide) {
        const level = x === river ? 1 : x % 3 === 2 ? 2 : 0;
        pairs.push([here, here + 1, level, x === river ? 0 : 1]);
      }
      if (y + 1 < high) pairs.push([here, here + wide, y % 3 === 2 ? 2 : 0, 1]);
    }
  }
  const start = new Uint32Array(size + 1);
  for (const [a, b] of pairs) {
    start[a + 1] += 1;
    start[b + 1] += 1;
  }
  for (let i = 0; i < size; i += 1) start[i + 1] += start[i];
  const at = start.slice();
  const neighbour = new Uint32Array(2 * pairs.length);
  const edge = new Uint32Array(2 * pairs.length);
  pairs.forEach(([a, b], i) => {
    for (const [one, two] of [
      [a, b],
      [b, a],
    ]) {
      neighbour[at[one]] = two;
      edge[at[one]] = i;
      at[one] += 1;
    }
  });
  const column = (/** @type {number} */ place) => place % wide;
  const row = (/** @type {number} */ place) => Math.floor(place / wide);
  const each = (/** @type {(place: number) => number} */ of) =>
    Float64Array.from({ length: size }, (_, place) => of(place));
  return {
    size,
    uids: Array.from({ length: size }, (_, place) => `U${place}`),
    households: Int32Array.from(each(households)),
    residents: Int32Array.from(each((place) => 2 * households(place))),
    incidents: Int32Array.from(each((place) => place % 3)),
    building: Int32Array.from(each((place) => place + 1)),
    block: Uint32Array.from(
      each((place) => 100 * Math.floor(row(place) / 3) + Math.floor(column(place) / 3)),
    ),
    kind: new Uint8Array(size),
    area: Float32Array.from(each(() => 400)),
    perimeter: Float32Array.from(each(() => 80)),
    lng: each(
      (place) => 117 + ((column(place) + 0.5) * 20) / (111_320 * Math.cos(26 * (Math.PI / 180))),
    ),
    lat: each((place) => 26 + ((row(place) + 0.5) * 20) / 111_320),
    edge_a: Uint32Array.from(pairs, ([a]) => a),
    edge_b: Uint32Array.from(pairs, ([, b]) => b),
    edge_length: Float32Array.from(pairs, () => 20),
    edge_level: Uint8Array.from(pairs, ([, , level]) => level),
    edge_crossable: Uint8Array.from(pairs, ([, , , open]) => open),
    start,
    neighbour,
    edge,
  };
}

/** Everything of a partition, counted from scratch. */
export function recounted(fabric, labels, no) {
  const mine = [...labels.keys()].filter((place) => labels[place] === no);
  const sum = (values) => mine.reduce((n, place) => n + values[place], 0);
  let around = sum(fabric.perimeter);
  let inner = 0;
  let ways = 0;
  fabric.edge_a.forEach((a, i) => {
    const [one, two] = [labels[a], labels[fabric.edge_b[i]]];
    if (one === no && two === no) around -= 2 * fabric.edge_length[i];
    else if (one === no || two === no) {
      inner += fabric.edge_length[i];
      if (fabric.edge_level[i] >= 2) ways += fabric.edge_length[i];
    }
  });
  const left = new Set(mine);
  let parts = 0;
  for (const from of left) {
    parts += 1;
    left.delete(from);
    const walk = [from];
    for (const here of walk) {
      fabric.edge_a.forEach((a, i) => {
        const b = fabric.edge_b[i];
        const there = a === here ? b : b === here ? a : -1;
        if (fabric.edge_crossable[i] && left.delete(there)) walk.push(there);
      });
    }
  }
  const area = sum(fabric.area);
  return {
    no,
    units: mine.length,
    households: sum(fabric.households),
    residents: sum(fabric.residents),
    incidents: sum(fabric.incidents),
    buildings: mine.length,
    area,
    parts,
    pp: mine.length ? (4 * Math.PI * area) / around ** 2 : 0,
    onWays: inner > 0 ? ways / inner : null,
  };
}

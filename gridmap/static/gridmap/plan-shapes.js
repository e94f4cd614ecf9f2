/** Which units a gesture on the map means: inside a ring, left of a line, along a street, swept. Pure;
 * places are longitude and latitude, sums are done in metres around them. */

/** @import { Fabric } from './fabric.js' */
/** @import { Partition } from './partition.js' */

import { WAY } from './fabric.js';

/** @typedef {{lng: number, lat: number}} Place */

const DEGREE = 111_320; // metres of a degree of latitude

/**
 * Metres east and north of a place; good enough for a town.
 *
 * @param {Place} middle
 */
function plane({ lng, lat }) {
  const east = DEGREE * Math.cos((lat * Math.PI) / 180);
  return (/** @type {Place} */ place) => ({
    x: (place.lng - lng) * east,
    y: (place.lat - lat) * DEGREE,
  });
}

/**
 * The place inside a unit that stands for it.
 *
 * @param {Fabric} fabric
 * @param {number} unit
 * @returns {Place}
 */
export function middleOf({ lng, lat }, unit) {
  return { lng: lng[unit], lat: lat[unit] };
}

/**
 * Metres between two places.
 *
 * @param {Place} one
 * @param {Place} two
 */
export function metresBetween(one, two) {
  const { x, y } = plane(one)(two);
  return Math.hypot(x, y);
}

/**
 * The units whose middle lies within a ring drawn by hand; it closes itself.
 *
 * @param {Fabric} fabric
 * @param {Place[]} ring
 * @returns {number[]}
 */
export function inRing(fabric, ring) {
  const found = [];
  if (ring.length < 3) return [];
  for (let unit = 0; unit < fabric.size; unit += 1) {
    const { lng, lat } = middleOf(fabric, unit);
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [a, b] = [ring[i], ring[j]];
      if (a.lat > lat === b.lat > lat) continue;
      if (lng < a.lng + ((lat - a.lat) / (b.lat - a.lat)) * (b.lng - a.lng)) inside = !inside;
    }
    if (inside) found.push(unit);
  }
  return found;
}

/**
 * The units whose middle lies within so many metres of a place.
 *
 * @param {Fabric} fabric
 * @param {Place} place
 * @param {number} metres
 * @returns {number[]}
 */
export function within(fabric, place, metres) {
  const { lng, lat, size } = fabric;
  const north = metres / DEGREE;
  const east = north / Math.cos((place.lat * Math.PI) / 180);
  const found = [];
  for (let unit = 0; unit < size; unit += 1) {
    const dx = (lng[unit] - place.lng) / east;
    const dy = (lat[unit] - place.lat) / north;
    if (dx * dx + dy * dy <= 1) found.push(unit);
  }
  return found;
}

/**
 * Whether a place lies left of a line, by the piece of it that is nearest; its ends run on.
 *
 * @param {{x: number, y: number}[]} line metres
 * @returns {(point: {x: number, y: number}) => boolean}
 */
function leftOf(line) {
  const far = line.map(({ x, y }) => ({ x, y }));
  const [a, b] = [line[0], line[1]];
  const [y, z] = [line[line.length - 2], line[line.length - 1]];
  far[0] = { x: a.x - (b.x - a.x) * 1e3, y: a.y - (b.y - a.y) * 1e3 };
  far[far.length - 1] = { x: z.x + (z.x - y.x) * 1e3, y: z.y + (z.y - y.y) * 1e3 };
  return (point) => {
    let least = Infinity;
    let left = false;
    for (let i = 1; i < far.length; i += 1) {
      const [from, to] = [far[i - 1], far[i]];
      const along = { x: to.x - from.x, y: to.y - from.y };
      const gap = { x: point.x - from.x, y: point.y - from.y };
      const length = Math.max(along.x ** 2 + along.y ** 2, 1e-12);
      const part = Math.min(Math.max((gap.x * along.x + gap.y * along.y) / length, 0), 1);
      const off = Math.hypot(gap.x - part * along.x, gap.y - part * along.y);
      if (off >= least) continue;
      least = off;
      left = along.x * gap.y - along.y * gap.x > 0;
    }
    return left;
  };
}

/**
 * The units of a cell that a drawn line cuts off: those on its left, without what would not hang
 * together with them, and with what would not hang together without them.
 *
 * @param {Partition} partition is left as it was
 * @param {number} no
 * @param {Place[]} line
 * @returns {number[]} none, where the line leaves all of the cell on one side
 */
export function cutOff(partition, no, line) {
  const { fabric } = partition;
  const members = partition.unitsOf(no);
  if (line.length < 2 || members.length < 2) return [];
  const flat = plane(line[0]);
  const test = leftOf(line.map(flat));
  /** @type {Map<number, boolean>} */
  const side = new Map(members.map((unit) => [unit, test(flat(middleOf(fabric, unit)))]));
  for (const left of [true, false]) {
    const [, ...stray] = piecesOf(fabric, side, left);
    for (const piece of stray) for (const unit of piece) side.set(unit, !left);
  }
  const found = members.filter((unit) => side.get(unit));
  return found.length === members.length ? [] : found;
}

/**
 * The pieces of one side, that with most households first.
 *
 * @param {Fabric} fabric
 * @param {Map<number, boolean>} side
 * @param {boolean} wanted
 */
function piecesOf(fabric, side, wanted) {
  const left = new Set([...side].filter(([, at]) => at === wanted).map(([unit]) => unit));
  /** @type {{units: number[], weight: number}[]} */
  const found = [];
  for (const from of left) {
    left.delete(from);
    const units = [from];
    for (const here of units) {
      for (let p = fabric.start[here]; p < fabric.start[here + 1]; p += 1) {
        const there = fabric.neighbour[p];
        if (fabric.edge_crossable[fabric.edge[p]] && left.delete(there)) units.push(there);
      }
    }
    const weight = units.reduce((n, unit) => n + fabric.households[unit] + 1e-6, 0);
    found.push({ units, weight });
  }
  return found.sort((one, two) => two.weight - one.weight).map(({ units }) => units);
}

/**
 * The units along one side of a street or lane, from one crossing to the next: those of this unit's
 * block that face the same block across a way. The way is the one nearest to where one points.
 *
 * @param {Fabric} fabric
 * @param {number} unit
 * @param {Place} place
 * @returns {number[]} none, where the unit lies on no way
 */
export function sideOfWay(fabric, unit, place) {
  const { start, neighbour, edge, edge_level: level, block } = fabric;
  let best = -1;
  let least = Infinity;
  for (let p = start[unit]; p < start[unit + 1]; p += 1) {
    if (level[edge[p]] < WAY) continue;
    const far = metresBetween(place, middleOf(fabric, neighbour[p]));
    if (far < least) [best, least] = [block[neighbour[p]], far];
  }
  if (best < 0) return [];
  const found = [];
  for (let other = 0; other < fabric.size; other += 1) {
    if (block[other] !== block[unit]) continue;
    for (let p = start[other]; p < start[other + 1]; p += 1) {
      if (level[edge[p]] >= WAY && block[neighbour[p]] === best) {
        found.push(other);
        break;
      }
    }
  }
  return found;
}

/**
 * What a boundary that is pushed sweeps over: the units of the cell on the far side within a band
 * along the way of the hand, as far as they hang together with the cell that grows.
 *
 * @param {Partition} partition is left as it was
 * @param {{grows: number, yields: number, from: Place, to: Place, wide: number, crossed?: number[]}}
 *   push wide: half of the band, metres; crossed: units that lie under the way of the hand
 * @returns {number[]}
 */
export function swept(partition, { grows, yields, from, to, wide, crossed = [] }) {
  const { fabric, labels } = partition;
  const flat = plane(from);
  const end = flat(to);
  const length = Math.hypot(end.x, end.y);
  if (length < 1) return [];
  const [ex, ey] = [end.x / length, end.y / length];
  const under = (/** @type {number} */ unit) => {
    const { x, y } = flat(middleOf(fabric, unit));
    const along = x * ex + y * ey;
    return along >= -wide && along <= length && Math.abs(x * ey - y * ex) <= wide;
  };
  const wanted = new Set([...partition.unitsOf(yields).filter(under), ...crossed]);
  const found = [];
  const reached = [...wanted].filter((unit) => touches(fabric, unit, (n) => labels[n] === grows));
  for (const unit of reached) wanted.delete(unit);
  for (const unit of reached) {
    found.push(unit);
    for (let p = fabric.start[unit]; p < fabric.start[unit + 1]; p += 1) {
      const there = fabric.neighbour[p];
      if (fabric.edge_crossable[fabric.edge[p]] && wanted.delete(there)) reached.push(there);
    }
  }
  return found;
}

/**
 * @param {Fabric} fabric
 * @param {number} unit
 * @param {(neighbour: number) => boolean} test
 */
function touches(fabric, unit, test) {
  for (let p = fabric.start[unit]; p < fabric.start[unit + 1]; p += 1) {
    if (fabric.edge_crossable[fabric.edge[p]] && test(fabric.neighbour[p])) return true;
  }
  return false;
}

/**
 * Whole blocks instead of single units; only units of the cells allowed.
 *
 * @param {Fabric} fabric
 * @param {Map<number, number[]>} blocks
 * @param {Iterable<number>} units
 * @returns {number[]}
 */
export function wholeBlocks({ block }, blocks, units) {
  const numbers = new Set([...units].map((unit) => block[unit]));
  return [...numbers].flatMap((number) => blocks.get(number) ?? []);
}

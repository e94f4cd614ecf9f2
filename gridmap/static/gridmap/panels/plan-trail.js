/** A line or ring drawn over the map by dragging or click by click. */

/** @import { TownMap } from '../map.js' */

import { drawn } from '../elements.js';

/** @typedef {{lng: number, lat: number}} Place */

/** Pixels between two points of a line drawn by dragging. */
const STEP = 5;

/**
 * @param {HTMLElement} root
 * @param {TownMap} map
 */
export function mountTrail(root, map) {
  const rim = drawn('polyline', { class: 'case' });
  const line = drawn('polyline', { class: 'line' });
  root.append(drawn('svg', { class: 'plan-trail', 'aria-hidden': 'true' }, rim, line));
  /** @type {Place[]} */
  let places = [];
  /** @type {Place | null} */
  let next = null;
  let ring = false;

  const show = () => {
    const all = next ? [...places, next] : places;
    const points = (ring && all.length > 2 ? [...all, all[0]] : all).map((place) => {
      const { x, y } = map.pixel(place);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    for (const shape of [rim, line]) shape.setAttribute('points', points.join(' '));
  };
  map.on('move', show);
  return {
    /** @param {boolean} closed */
    begin(closed) {
      ring = closed;
      places = [];
      next = null;
      show();
    },
    /** A corner that stays. @param {Place} place */
    add(place) {
      places.push(place);
      next = null;
      show();
    },
    /** A point of a line drawn by dragging; too near ones are left out. @param {Place} place */
    follow(place) {
      const last = places.at(-1);
      const far = last ? gap(map, last, place) : STEP;
      if (far >= STEP) places.push(place);
      show();
    },
    /** Where the next corner would be. @param {Place} place */
    lead(place) {
      next = place;
      show();
    },
    /** @returns {boolean} whether there was a corner to take back */
    shorten() {
      next = null;
      const had = places.pop() !== undefined;
      show();
      return had;
    },
    clear() {
      places = [];
      next = null;
      show();
    },
    /** @param {boolean} [withNext] */
    places: (withNext = false) => (withNext && next ? [...places, next] : [...places]),
  };
}

/** @typedef {ReturnType<typeof mountTrail>} Trail */

/**
 * @param {TownMap} map
 * @param {Place} one
 * @param {Place} two
 */
function gap(map, one, two) {
  const [a, b] = [map.pixel(one), map.pixel(two)];
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Small sums on the sphere and in the view. Pure; longitude first, degrees, as in GeoJSON. */

/** @typedef {[number, number, number, number]} Box west, south, east, north */

/** Metres along the equator. */
const EQUATOR = 40_075_016.686;
/** Width of the world in pixels at zoom 0, in the zoom levels of ui.md (256-pixel tiles). */
const TILE = 256;

/**
 * Metres on the ground in one pixel.
 *
 * @param {number} lat
 * @param {number} zoom zoom level of ui.md
 */
export function metresPerPixel(lat, zoom) {
  return (EQUATOR * Math.cos((lat * Math.PI) / 180)) / (TILE * 2 ** zoom);
}

/**
 * Where a place lies in the flat picture of the world at a zoom, pixels from its north-west corner.
 *
 * @param {{lng: number, lat: number}} place
 * @param {number} zoom zoom level of ui.md
 */
export function worldPixel({ lng, lat }, zoom) {
  const size = TILE * 2 ** zoom;
  const sine = Math.sin((lat * Math.PI) / 180);
  const north = Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return { x: (lng / 360 + 0.5) * size, y: (0.5 - north) * size };
}

/**
 * The scale bar: the longest round length that fits.
 *
 * @param {number} metresAPixel
 * @param {number} [widest] pixels
 * @returns {{metres: number, pixels: number}}
 */
export function scaleBar(metresAPixel, widest = 90) {
  const most = metresAPixel * widest;
  const power = 10 ** Math.floor(Math.log10(most));
  const digit = [5, 2, 1].find((d) => d * power <= most) ?? 1;
  return { metres: digit * power, pixels: (digit * power) / metresAPixel };
}

/**
 * Whether a box holds a place.
 *
 * @param {Box} box
 * @param {{lng: number, lat: number}} place
 */
export function holds([west, south, east, north], { lng, lat }) {
  return lng >= west && lng <= east && lat >= south && lat <= north;
}

/**
 * A box half as wide again to every side.
 *
 * @param {Box} box
 * @returns {Box}
 */
export function widened([west, south, east, north]) {
  const [lng, lat] = [(east - west) / 2, (north - south) / 2];
  return [west - lng, south - lat, east + lng, north + lat];
}

/**
 * The box around some places; null for none.
 *
 * @param {Iterable<{lng: number, lat: number}>} places
 * @returns {Box | null}
 */
export function boxAround(places) {
  /** @type {Box} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { lng, lat } of places) {
    box[0] = Math.min(box[0], lng);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lng);
    box[3] = Math.max(box[3], lat);
  }
  return box[0] === Infinity ? null : box;
}

/**
 * The place among many that lies nearest to their middle: a label there stands on their ground.
 *
 * @template {{lng: number, lat: number}} T
 * @param {T[]} places at least one
 * @returns {T}
 */
export function middlemost(places) {
  const lng = places.reduce((sum, p) => sum + p.lng, 0) / places.length;
  const lat = places.reduce((sum, p) => sum + p.lat, 0) / places.length;
  const squeeze = Math.cos((lat * Math.PI) / 180);
  const far = (/** @type {T} */ p) => Math.hypot((p.lng - lng) * squeeze, p.lat - lat);
  return places.reduce((best, p) => (far(p) < far(best) ? p : best));
}

/**
 * A place for reading and copying: latitude first, as maps of the street print it.
 *
 * @param {{lng: number, lat: number}} place
 */
export function placeText({ lng, lat }) {
  return `${lat.toFixed(6)}, ${lng.toFixed(6)}`;
}

/**
 * The line through the middle of a long shape, for a name along a river: the middles of slices
 * across the longer side of its box.
 *
 * @param {[number, number][]} ring longitude, latitude
 * @param {number} [slices]
 * @returns {[number, number][]}
 */
export function middleLine(ring, slices = 24) {
  const box = boxAround(ring.map(([lng, lat]) => ({ lng, lat })));
  if (!box) return [];
  const [west, south, east, north] = box;
  const wide = (east - west) * Math.cos((south * Math.PI) / 180) >= north - south;
  const [along, across] = wide ? [0, 1] : [1, 0];
  const [from, to] = wide ? [west, east] : [south, north];
  /** @type {[number, number][]} */
  const line = [];
  for (let i = 1; i < slices; i += 1) {
    const at = from + ((to - from) * i) / slices;
    const cuts = crossings(ring, along, across, at);
    if (cuts.length < 2) continue;
    const middle = (cuts[0] + cuts[1]) / 2;
    line.push(wide ? [at, middle] : [middle, at]);
  }
  return line;
}

/**
 * Where a ring crosses a line across, sorted.
 *
 * @param {[number, number][]} ring
 * @param {number} along index of the coordinate that is fixed
 * @param {number} across index of the other
 * @param {number} at
 */
function crossings(ring, along, across, at) {
  /** @type {number[]} */
  const cuts = [];
  for (let i = 1; i < ring.length; i += 1) {
    const [a, b] = [ring[i - 1], ring[i]];
    if (a[along] > at === b[along] > at) continue;
    const part = (at - a[along]) / (b[along] - a[along]);
    cuts.push(a[across] + part * (b[across] - a[across]));
  }
  return cuts.sort((x, y) => x - y);
}

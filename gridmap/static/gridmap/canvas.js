/** The map and all that floats on it, put together: what a page calls. */

/** @import { Store } from './store.js' */

/** Thrown when the machine has no WebGL2; the page then offers the light map. */
export class NoWebGL extends Error {}

/** Whether this browser can draw the map. */
export function hasWebGL2() {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/**
 * Put the map and its floating pieces into `root` and keep them in step with the store.
 *
 * @param {HTMLElement} root an empty positioned element; its height is the map's
 * @param {Store} store must hold `city`
 * @returns {{
 *   flyTo: (target: {lng: number, lat: number, zoom?: number}
 *     | {bbox: [number, number, number, number]}) => void,
 *   resize: () => void,
 * }}
 * @throws {NoWebGL}
 */
export function mountCanvas(root, store) {
  if (!hasWebGL2()) throw new NoWebGL();
  root.dataset.city = store.get('city')?.slug;
  return { flyTo() {}, resize() {} };
}

/** The units of a community as typed arrays, read from the bundle of the server. Pure. */

const MAGIC = 'GMF1';
const TYPES = /** @type {const} */ ({
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
  float32: Float32Array,
  float64: Float64Array,
});

/** What a unit is, by the numbers of the bundle. */
export const KINDS = /** @type {const} */ (['building', 'open', 'water', 'given']);
/** What a border runs along, by its level. */
export const LEVELS = /** @type {const} */ (['inner', 'barrier', 'lane', 'street', 'arterial']);
/** From this level on a border lies on a way. */
export const WAY = 2;

/**
 * @typedef {Int32Array | Uint32Array | Uint8Array | Float32Array | Float64Array} Numbers
 * @typedef {{
 *   size: number,
 *   uids: string[],
 *   households: Numbers,
 *   residents: Numbers,
 *   incidents: Numbers,
 *   building: Numbers,
 *   block: Numbers,
 *   kind: Numbers,
 *   area: Numbers,
 *   perimeter: Numbers,
 *   lng: Numbers,
 *   lat: Numbers,
 *   edge_a: Numbers,
 *   edge_b: Numbers,
 *   edge_length: Numbers,
 *   edge_level: Numbers,
 *   edge_crossable: Numbers,
 *   start: Numbers,
 *   neighbour: Numbers,
 *   edge: Numbers,
 * }} Fabric units are counted from 0 (`place`); the neighbours of unit i are
 *   neighbour[start[i]…start[i + 1]] over the borders edge[…]; areas in square metres
 */

/**
 * Read a bundle; the arrays lie in its own memory.
 *
 * @param {ArrayBuffer} data unpacked
 * @returns {Fabric}
 * @throws {Error} these are no bytes of a bundle
 */
export function readBundle(data) {
  const text = new TextDecoder();
  if (text.decode(data.slice(0, 4)) !== MAGIC) throw new Error('no bundle of a fabric');
  const length = new DataView(data).getUint32(4, true);
  const header = JSON.parse(text.decode(new Uint8Array(data, 8, length)));
  const from = 8 + length;
  const arrays = Object.entries(header.arrays).map(([name, { type, length: count, offset }]) => [
    name,
    new TYPES[/** @type {keyof typeof TYPES} */ (type)](data, from + offset, count),
  ]);
  return { size: header.size, uids: header.uids, ...Object.fromEntries(arrays) };
}

/**
 * Where each unit stands, by its lasting name.
 *
 * @param {Fabric} fabric
 * @returns {Map<string, number>}
 */
export function placesOf({ uids }) {
  return new Map(uids.map((uid, place) => [uid, place]));
}

/**
 * The units of each block.
 *
 * @param {Fabric} fabric
 * @returns {Map<number, number[]>}
 */
export function blocksOf({ size, block }) {
  /** @type {Map<number, number[]>} */
  const found = new Map();
  for (let place = 0; place < size; place += 1) {
    const units = found.get(block[place]);
    if (units) units.push(place);
    else found.set(block[place], [place]);
  }
  return found;
}

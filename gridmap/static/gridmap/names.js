/** Names of places as the reader's language writes them: Chinese as they are, or pinyin. */

/** @import { ExpressionSpecification } from 'maplibre-gl' */

/** @type {Record<string, string>} English by Chinese; empty: names stay as they are */
let known = {};

/** A name or address with a number, 榕树巷 12 号 or 明珠花园 5 幢. */
const NUMBERED = /^(.+?)\s*(\d+)\s*(号楼|号|幢|栋|座)?$/;

/** @param {Record<string, string>} names English by Chinese */
export function useNames(names) {
  known = names;
}

/**
 * @param {string} name as it stands in the register
 * @returns {string}
 */
export function place(name) {
  if (Object.hasOwn(known, name)) return known[name];
  if (/.口$/.test(name) && Object.hasOwn(known, name.slice(0, -1))) {
    return `${known[name.slice(0, -1)]} corner`;
  }
  const [, stem, number, unit] = NUMBERED.exec(name) ?? [];
  if (stem === undefined || !Object.hasOwn(known, stem)) return name;
  if (/^号$/.test(unit)) return `No. ${number} ${known[stem]}`;
  return unit ? `${known[stem]}, Bldg ${number}` : `${known[stem]} ${number}`;
}

/** Properties of the server's answers that name places. */
const NAMING = new Set(['name', 'start', 'end', 'superior', 'address', 'area', 'title']);

/**
 * An answer of the server with the places in it written so. What is no name of a place (a person,
 * the words of a report) is not in the dictionary and stays. Never for what is sent back.
 *
 * @template T
 * @param {T} answer
 * @returns {T}
 */
export function spell(answer) {
  if (Object.keys(known).length === 0) return answer;
  return /** @type {T} */ (deep(answer, ''));
}

/**
 * @param {unknown} value
 * @param {string} key under which it stands
 * @returns {unknown}
 */
function deep(value, key) {
  if (typeof value === 'string') return NAMING.has(key) ? place(value) : value;
  if (Array.isArray(value)) return value.map((one) => deep(one, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, deep(one, name)]));
}

/**
 * The same for a property of the tiles, which carry the Chinese names alone.
 *
 * @param {string} property
 * @returns {ExpressionSpecification}
 */
export function placeOf(property) {
  const own = ['to-string', ['get', property]];
  if (Object.keys(known).length === 0) return /** @type {any} */ (['get', property]);
  const spelled = (/** @type {unknown} */ name) => [
    'coalesce',
    ['get', name, ['literal', known]],
    name,
  ];
  const gap = ['index-of', ' ', ['var', 'name']];
  const before = ['slice', ['var', 'name'], 0, gap];
  const after = ['slice', ['var', 'name'], ['+', gap, 1]];
  const end = ['index-of', ' ', ['var', 'rest']];
  const number = [
    'let',
    'rest',
    after,
    ['case', ['<', end, 0], ['var', 'rest'], ['slice', ['var', 'rest'], 0, end]],
  ];
  return /** @type {any} */ ([
    'let',
    'name',
    own,
    ['case', ['<', gap, 0], spelled(['var', 'name']), ['concat', spelled(before), ' ', number]],
  ]);
}

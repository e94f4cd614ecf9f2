/** The page's address and the store, kept equal: every state of the map has a link. */

/** @import { State, Store, Key, View } from './store.js' */

/** Keys that stand in the query, each with its reader; what it refuses is left out. */
const OVERLAYS = ['incidents', 'coverage', 'chiefs', 'party'];
const LIGHTS = ['ok', 'soon', 'late', 'parked'];
const DUTIES = ['rulings'];
const PANELS = ['card', 'list'];
export const MOST_PICKED = 60;
const DAY = 86_400_000;

const id = (/** @type {string} */ text) => (/^[1-9]\d{0,15}$/.test(text) ? Number(text) : null);
const pair = (/** @type {string} */ text) => (/^\d{1,15}-\d{1,15}$/.test(text) ? text : null);
const day = (/** @type {string} */ text) =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
/** A day, or an hour of it, that has begun somewhere: the server knows the city's clock. */
const past = (/** @type {string} */ text) =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/.test(text) && Date.parse(text) < Date.now() + DAY ? text : null;
/** Cells chosen together; more would be a filter. */
const ids = (/** @type {string} */ text) =>
  [...new Set(text.split('.').flatMap((one) => id(one) ?? []))].slice(0, MOST_PICKED);
const oneOf = (/** @type {string[]} */ words) => (/** @type {string} */ text) =>
  words.includes(text) ? text : null;
const words = (/** @type {string} */ text) => text.split('.').filter((w) => /^\w{1,12}$/.test(w));

/** @type {Record<string, (text: string) => unknown>} */
const READERS = {
  overlay: oneOf(OVERLAYS),
  cell: id,
  building: id,
  incident: id,
  picked: ids,
  subdistrict: id,
  community: id,
  category: id,
  since: day,
  until: day,
  asof: past,
  light: oneOf(LIGHTS),
  classes: words,
  panel: oneOf(PANELS),
  duty: oneOf(DUTIES),
  ruling: id,
  border: pair,
};
/** What a key is when the address does not name it. */
const DEFAULTS = /** @type {Record<string, unknown>} */ ({
  overlay: 'incidents',
  classes: [],
  picked: [],
});

/**
 * @param {string} hash "#zoom/lat/lng"
 * @returns {View | null}
 */
export function readView(hash) {
  const parts = hash.replace('#', '').split('/');
  if (parts.length !== 3 || !parts.every((part) => /^-?\d+(\.\d+)?$/.test(part))) return null;
  const [zoom, lat, lng] = parts.map(Number);
  const sane = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180;
  return sane ? { zoom, lat, lng } : null;
}

/** @param {View} view five decimals are a metre */
export function writeView({ zoom, lat, lng }) {
  return `#${Number(zoom.toFixed(2))}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
}

/**
 * The state an address asks for; every key of the address is there, so that going back also clears.
 *
 * @param {{search: string, hash: string}} place a URL or location
 * @returns {Partial<State>}
 */
export function readAddress({ search, hash }) {
  const query = new URLSearchParams(search);
  /** @type {Record<string, unknown>} */
  const state = {};
  for (const [key, read] of Object.entries(READERS)) {
    const text = query.get(key);
    state[key] = (text === null ? null : read(text)) ?? DEFAULTS[key] ?? null;
  }
  const view = readView(hash);
  return /** @type {Partial<State>} */ (view ? { ...state, view } : state);
}

/**
 * The address of a state; foreign parts of the query stay as they are.
 *
 * @param {Partial<State>} state
 * @param {string} [search] the present query
 * @returns {string} "?…#…", relative to the page
 */
export function writeAddress(state, search = '') {
  const query = new URLSearchParams(search);
  for (const key of Object.keys(READERS)) {
    const value = state[/** @type {Key} */ (key)];
    const text = Array.isArray(value) ? value.join('.') : String(value ?? '');
    if (text === '' || text === DEFAULTS[key]) query.delete(key);
    else query.set(key, text);
  }
  const tail = state.view ? writeView(state.view) : '';
  const head = query.toString();
  return (head ? `?${head}` : '?') + tail;
}

/**
 * Keep the browser's address and the store equal, both ways.
 *
 * @param {Store} store
 * @param {Window} [page]
 * @returns {() => void} lets go
 */
export function bindAddress(store, page = window) {
  const keys = /** @type {Key[]} */ ([...Object.keys(READERS), 'view']);
  const stop = store.on(keys, (state, _changed, history) => {
    if (history === null) return;
    const next = writeAddress(state, page.location.search);
    if (history === 'push') page.history.pushState(null, '', next);
    else page.history.replaceState(null, '', next);
  });
  const back = () =>
    store.set(sameWhereEqual(store, readAddress(page.location)), { history: null });
  page.addEventListener('popstate', back);
  return () => {
    stop();
    page.removeEventListener('popstate', back);
  };
}

/**
 * Drop from a patch the lists and views that say what the store says already: the store compares
 * by identity.
 *
 * @param {Store} store
 * @param {Partial<State>} patch
 */
function sameWhereEqual(store, patch) {
  const kept = { ...patch };
  for (const key of /** @type {('classes' | 'picked' | 'view')[]} */ ([
    'classes',
    'picked',
    'view',
  ])) {
    if (JSON.stringify(store.get(key)) === JSON.stringify(patch[key])) delete kept[key];
  }
  return kept;
}

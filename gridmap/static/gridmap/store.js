/** What the page knows: one observable state. Knows no DOM, no network and no map. */

/**
 * @typedef {'incidents' | 'coverage' | 'chiefs' | 'party'} Overlay
 * @typedef {'ok' | 'soon' | 'late' | 'parked'} Light
 * @typedef {'push' | 'replace' | null} History how a change enters the browser's history
 * @typedef {{slug: string, name: string, edition: string, bbox: [number, number, number, number],
 *   demo: boolean, approval: string, whole?: boolean, subdistricts?: {id: number, name: string,
 *   communities: {id: number, name: string, own: boolean}[]}[]}} City bbox is west, south, east,
 *   north in degrees; own: the caller's own ground
 * @typedef {{zoom: number, lat: number, lng: number}} View
 * @typedef {Record<string, number>} Values the overlay's columns of one cell
 * @typedef {{id: number, code: string, name: string, kind: string, community: number,
 *   communityName: string, subdistrict: number | null, lng: number, lat: number,
 *   values: Values | null}} Cell lng/lat: where its label stands (pole of inaccessibility)
 * @typedef {{id: number, lng: number, lat: number, light: Light, category: number | null,
 *   cell: number | null, title: string, filed: string, due: string | null}} Incident
 * @typedef {{id: number, name: string, kind: string, cell: number | null, lng: number, lat: number}}
 *   PartyUnit
 * @typedef {{id: number, lng: number, lat: number, class: number, days: number | null,
 *   interval: number}} Entrance class 0..6; days since it was seen, null: never
 * @typedef {{building: Map<number, number>, lane: Map<number, number>, street: Map<number, number>}}
 *   Standings 0 filled, 1 substitute, 2 expiring, 3 vacant, by object
 * @typedef {{
 *   city: City | null,
 *   overlay: Overlay,
 *   cell: number | null,
 *   building: number | null,
 *   incident: number | null,
 *   picked: number[],
 *   walked: {lng: number, lat: number} | null,
 *   hover: number | null,
 *   subdistrict: number | null,
 *   community: number | null,
 *   category: number | null,
 *   since: string | null,
 *   until: string | null,
 *   asof: string | null,
 *   unknown: string[],
 *   published: {week: string, open: Map<string, number>} | null,
 *   classes: string[],
 *   light: Light | null,
 *   view: View | null,
 *   box: [number, number, number, number] | null,
 *   panel: 'card' | 'list' | null,
 *   lang: 'zh' | 'en',
 *   layers: Record<string, boolean>,
 *   cells: Map<number, Cell>,
 *   incidents: Map<number, Incident>,
 *   freshness: Map<number, number>,
 *   entrances: Entrance[],
 *   standings: Standings,
 *   many: Set<string>,
 *   units: PartyUnit[],
 *   days: {day: string, filed: number}[],
 *   waters: {name: string, line: [number, number][]}[],
 *   live: 'live' | 'stale' | 'offline',
 *   errors: Record<string, string>,
 * }} State
 * (asof: the moment shown, a day or a day and an hour in the city's time; null: now; unknown: of what
 * no record reaches that moment: incidents, parked, coverage, chiefs; published: the figures of the
 * week by `community 5`, `subdistrict 2` and `city`, for those who see sums only;
 * picked: cells chosen together, whose sums are shown when no single one is; walked: the sign the
 * keyboard points at; many: `building 12`, what is one of too many in one hand;
 * box: what the map shows, west, south, east, north; freshness: class 0..6 by stretch;
 * entrances: those in the box, near by only; days: incidents filed on each of the last days)
 * @typedef {keyof State} Key
 * @typedef {(state: State, changed: Set<Key>, history: History) => void} Listener
 */

/** @type {State} */
const EMPTY = {
  city: null,
  overlay: 'incidents',
  cell: null,
  building: null,
  incident: null,
  picked: [],
  walked: null,
  hover: null,
  subdistrict: null,
  community: null,
  category: null,
  since: null,
  until: null,
  asof: null,
  unknown: [],
  published: null,
  classes: [],
  light: null,
  view: null,
  box: null,
  panel: null,
  lang: 'zh',
  layers: {},
  cells: new Map(),
  incidents: new Map(),
  freshness: new Map(),
  entrances: [],
  standings: { building: new Map(), lane: new Map(), street: new Map() },
  many: new Set(),
  units: [],
  days: [],
  waters: [],
  live: 'live',
  errors: {},
};

/** Nothing selected, and the panel at its beginning. */
export const UNSELECTED = {
  cell: null,
  building: null,
  incident: null,
  picked: /** @type {number[]} */ ([]),
  panel: null,
};

/**
 * Make a store.
 *
 * Values are compared by identity: to change a Map or an object in it, set a new one. `set` tells
 * each listener once, after all keys of the patch are in place; a listener that sets something
 * itself is heard after the present round.
 *
 * @param {Partial<State>} [initial]
 */
export function createStore(initial = {}) {
  /** @type {State} */
  const state = { ...EMPTY, cells: new Map(), incidents: new Map(), ...initial };
  /** @type {Set<{keys: Set<Key>, fn: Listener}>} */
  const listeners = new Set();
  /** @type {Map<string, Set<(detail: any) => void>>} */
  const doers = new Map();
  /** @type {{changed: Set<Key>, history: History}[]} */
  const waiting = [];
  let telling = false;

  const tell = () => {
    if (telling) return;
    telling = true;
    try {
      for (let round = waiting.shift(); round; round = waiting.shift()) {
        for (const { keys, fn } of [...listeners]) {
          const { changed, history } = round;
          if ([...keys].some((key) => changed.has(key))) fn(state, changed, history);
        }
      }
    } finally {
      telling = false;
    }
  };

  return {
    /**
     * @template {Key} K
     * @param {K} key
     * @returns {State[K]}
     */
    get: (key) => state[key],

    /** Everything, to read from. @returns {Readonly<State>} */
    all: () => state,

    /**
     * Change some keys.
     *
     * @param {Partial<State>} patch
     * @param {{history?: History}} [options] push: a step the back button undoes; replace: the
     *   address follows without a step; null: the address is left alone
     */
    set(patch, { history = 'replace' } = {}) {
      /** @type {Set<Key>} */
      const changed = new Set();
      for (const key of /** @type {Key[]} */ (Object.keys(patch))) {
        if (!Object.is(state[key], patch[key])) changed.add(key);
      }
      if (changed.size === 0) return;
      Object.assign(state, patch);
      waiting.push({ changed, history });
      tell();
    },

    /**
     * Hear of changes to any of the keys.
     *
     * @param {Key | Key[]} keys
     * @param {Listener} fn
     * @returns {() => void} stops listening
     */
    on(keys, fn) {
      const entry = { keys: new Set(typeof keys === 'string' ? [keys] : keys), fn };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },

    /**
     * Ask the page to do something that is no state: `report` {lng, lat}, `ladder` {lng, lat},
     * `toast` {text}, `reload` {}.
     *
     * @param {string} name
     * @param {any} [detail]
     */
    act(name, detail = {}) {
      for (const fn of doers.get(name) ?? []) fn(detail);
    },

    /**
     * Do what `act(name)` asks for.
     *
     * @param {string} name
     * @param {(detail: any) => void} fn
     * @returns {() => void} stops doing it
     */
    does(name, fn) {
      const set = doers.get(name) ?? new Set();
      doers.set(name, set.add(fn));
      return () => {
        set.delete(fn);
      };
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */

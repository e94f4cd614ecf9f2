/** Keeps the store in step with the server: what the filters ask for, and what changes elsewhere. */

/** @import { Feeds } from './feeds.js' */
/** @import { Store } from './store.js' */

import { keepTicket, valuesByCell, withChanges, withValues } from './feeds.js';
import { holds, widened } from './geo.js';
import { listen } from './live.js';
import { filtered, loads } from './load.js';

/** Something is read again at most once in this time when changes pour in, milliseconds. */
const CALM = 1_000;
/** Of a flood of new incidents, the words of so many are read at a time. */
const MOST_WORDS = 5;

/**
 * Load what the map shows of the store's city, and follow it.
 *
 * @param {Store} store
 * @param {Feeds} feeds
 * @returns {() => void} stops
 */
export function follow(store, feeds) {
  const load = loads(store, feeds);
  const { soon, forget } = calmly(CALM);
  /** @type {{close: () => void} | null} */
  let live = null;
  let stopped = false;

  const everything = async () => {
    const { cells, incidents, details, entrances, days, waters } = load;
    const together = [incidents, days, waters, load.duties];
    // Of the past the values say first what is known at all.
    const after = store.get('asof') === null ? [] : [details, entrances];
    if (after.length === 0) together.push(details, entrances);
    await Promise.all([cells, ...together].map((read) => read()));
    await Promise.all(after.map((read) => read()));
  };
  /** Nothing changes in the past: there is nothing to hear. */
  const hear = () => {
    live?.close();
    live = null;
    if (stopped || store.get('asof') !== null) return;
    live = listen(wires(store, feeds, load, soon), load.seen.cursor);
  };
  const stops = [
    store.on(['since', 'until', 'category'], () => {
      load.values();
      load.incidents();
    }),
    store.on(['category', 'community', 'subdistrict'], load.days),
    store.on('overlay', load.details),
    store.on('duty', load.duties),
    store.on(['overlay', 'box'], load.entrances),
    store.on('asof', () => {
      live?.close();
      live = null;
      everything().then(hear);
    }),
    store.does('reload', everything),
    keepTicket(feeds),
    whenOnline(() => store.act('reload')),
  ];
  everything().then(hear);
  return () => {
    stopped = true;
    live?.close();
    forget();
    for (const stop of stops) stop();
  };
}

/**
 * What is done with each kind of news.
 *
 * @param {Store} store
 * @param {Feeds} feeds
 * @param {ReturnType<typeof loads>} load
 * @param {(task: () => unknown) => void} soon
 */
function wires(store, feeds, load, soon) {
  const city = store.get('city')?.slug ?? '';
  const quiet = /** @type {const} */ ({ history: null });
  return {
    address: (/** @type {number} */ cursor) =>
      `/feeds/live?city=${encodeURIComponent(city)}&cursor=${cursor}`,
    renew: feeds.renew,
    onChange: (
      /** @type {{cells: number[][], incidents: any[] | null}} */ { cells, incidents },
    ) => {
      // The news tells totals; with a filter on, the figures shown are others.
      if (filtered(store)) soon(load.values);
      else {
        const values = valuesByCell({ columns: load.seen.columns, cells });
        store.set({ cells: withValues(store.get('cells'), values) }, quiet);
      }
      if (filtered(store) || incidents === null) soon(load.incidents);
      else if (incidents.length > 0) {
        store.set({ incidents: withChanges(store.get('incidents'), incidents) }, quiet);
        for (const id of wordless(store).slice(0, MOST_WORDS)) load.incident(id);
      }
      soon(load.details);
      if (cells.some(([id]) => inView(store, id))) soon(load.entrances);
      soon(load.days);
    },
    onEdition: (/** @type {string} */ edition) => {
      const known = store.get('city');
      if (known) store.set({ city: { ...known, edition } }, quiet);
      soon(load.cells);
    },
    onReset: () => store.act('reload'),
    onLiveness: (/** @type {'live' | 'stale' | 'offline'} */ liveness) =>
      store.set({ live: liveness }, quiet),
  };
}

/**
 * @param {() => void} act done when the network is there again
 * @returns {() => void} stops
 */
function whenOnline(act) {
  addEventListener('online', act);
  return () => removeEventListener('online', act);
}

/**
 * Whether some of a cell may be in view, as far as its label tells.
 *
 * @param {Store} store
 * @param {number} id
 */
function inView(store, id) {
  const { box, cells } = store.all();
  const cell = cells.get(id);
  return box !== null && cell !== undefined && holds(widened(box), cell);
}

/**
 * Open incidents whose words are not known yet.
 *
 * @param {Store} store
 */
function wordless(store) {
  return [...store.get('incidents').values()].filter(({ title }) => !title).map(({ id }) => id);
}

/**
 * Do each task at most once in a while.
 *
 * @param {number} pause milliseconds
 */
function calmly(pause) {
  /** @type {Map<() => unknown, ReturnType<typeof setTimeout>>} */
  const planned = new Map();
  return {
    soon(/** @type {() => unknown} */ task) {
      if (planned.has(task)) return;
      const run = () => {
        planned.delete(task);
        task();
      };
      planned.set(task, setTimeout(run, pause));
    },
    forget() {
      for (const timer of planned.values()) clearTimeout(timer);
    },
  };
}

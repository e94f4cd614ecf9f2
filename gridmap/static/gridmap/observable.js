/** A state that tells its listeners what of it changed; the base of every page's store. */

/** @typedef {'push' | 'replace' | null} History how a change enters the browser's history */

/**
 * Make a state observable.
 *
 * Values are compared by identity: to change a Map or an object in it, set a new one. `set` tells
 * each listener once, after all keys of the patch are in place; a listener that sets something
 * itself is heard after the present round.
 *
 * @template {Record<string, any>} S
 * @param {S} state is changed in place
 */
export function observable(state) {
  /** @typedef {keyof S & string} Key */
  /** @typedef {(state: S, changed: Set<Key>, history: History) => void} Listener */
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
     * @returns {S[K]}
     */
    get: (key) => state[key],

    /** Everything, to read from. @returns {Readonly<S>} */
    all: () => state,

    /**
     * Change some keys.
     *
     * @param {Partial<S>} patch
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

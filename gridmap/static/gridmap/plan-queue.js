/** What a planner has done and the server has not yet confirmed: kept in the browser's storage, so that
 * a closed laptop loses nothing. */

/** @import { Wish } from './plan-wishes.js' */

/**
 * @typedef {{base: number, wish: Wish, tried: boolean}} Step base: newest operation the planner had
 *   seen; tried: it was sent, and may have arrived
 * @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>} Kept
 */

const PREFIX = 'gridmap.plan';

/**
 * Open the queue of one person's work on one plan. What other windows of the same person left behind
 * is taken over; sending it twice does no harm, for every operation has an id.
 *
 * @param {Kept | null} storage null: none, the queue then ends with the page
 * @param {{plan: number, user: string, tab: string}} whose
 */
export function openQueue(storage, { plan, user, tab }) {
  const own = `${PREFIX}.${plan}.${user}.`;
  const key = own + tab;
  /** @type {Step[]} */
  let steps = [];
  let safe = storage !== null;

  const keep = () => {
    if (storage === null) return;
    try {
      if (steps.length) storage.setItem(key, JSON.stringify(steps));
      else storage.removeItem(key);
      safe = true;
    } catch {
      safe = false; // full, or shut off: the page says so
    }
  };
  const adopt = () => {
    if (storage === null) return;
    const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '');
    const mine = keys.filter((name) => name.startsWith(own)).sort();
    const known = new Set();
    for (const name of mine) {
      for (const step of read(storage.getItem(name))) {
        if (known.has(step.wish.id)) continue;
        known.add(step.wish.id);
        steps.push(step);
      }
    }
    steps.sort((one, two) => one.base - two.base);
    keep();
    if (safe) for (const name of mine) if (name !== key) storage.removeItem(name);
  };
  adopt();

  return {
    /** @returns {readonly Step[]} oldest first */
    all: () => steps,
    /** @param {Step} step */
    add(step) {
      steps = [...steps, step];
      keep();
    },
    /** @param {Iterable<string>} ids */
    drop(ids) {
      const gone = new Set(ids);
      steps = steps.filter(({ wish }) => !gone.has(wish.id));
      keep();
    },
    /** @param {Iterable<string>} ids that are sent now */
    mark(ids) {
      const sent = new Set(ids);
      steps = steps.map((step) => (sent.has(step.wish.id) ? { ...step, tried: true } : step));
      keep();
    },
    /** Whether what waits would survive the page. */
    safe: () => safe,
  };
}

/** @typedef {ReturnType<typeof openQueue>} Queue */

/**
 * @param {string | null} text
 * @returns {Step[]}
 */
function read(text) {
  try {
    const found = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter((step) => typeof step?.wish?.id === 'string') : [];
  } catch {
    return [];
  }
}

/**
 * Sends what waits, in order, until nothing waits.
 *
 * A cut line or a busy server stops the row and is tried again, each time a little later; a refusal
 * concerns one thing only, which is put aside for its maker to settle, and the row goes on.
 */

/** @import { Item, Queue } from './queue.js' */

/** Visits that travel together. */
const BATCH = 50;
const SHORTEST = 1000;
const LONGEST = 30_000;

/**
 * @typedef {{id: string, ok: boolean, code?: string, reason?: string}} Result
 * @typedef {{
 *   visits: (items: Item[]) => Promise<Result[]>,
 *   report: (item: Item) => Promise<void>,
 * }} Sending a `Failure` with status 0, 429 or 5xx is the line's; any other is a refusal
 */

/**
 * How long to wait before try number `tries`, in milliseconds: doubled each time, and not for all
 * phones of a stairwell at the same moment.
 *
 * @param {number} tries
 * @param {number} [dice] 0 to 1
 */
export function patience(tries, dice = Math.random()) {
  return Math.min(LONGEST, SHORTEST * 2 ** Math.min(tries, 10)) * (0.5 + dice / 2);
}

/** @param {any} failure */
function isOfTheLine(failure) {
  const { status } = failure;
  return status === undefined || status === 0 || status === 408 || status === 429 || status >= 500;
}

export class Replay extends EventTarget {
  /** @type {Promise<void> | null} */
  #running = null;
  #woken = () => {};
  /** Failures of the line in a row. */
  failures = 0;
  /** The session has ended: nothing is sent before somebody signs in. */
  ended = false;

  /**
   * @param {Queue} queue
   * @param {Sending} sending
   * @param {{wait?: (ms: number) => Promise<unknown>, online?: () => boolean}} [world]
   */
  constructor(queue, sending, { wait, online } = {}) {
    super();
    this.queue = queue;
    this.sending = sending;
    this.wait = wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.online = online ?? (() => navigator.onLine);
  }

  /** Begin, or go on at once where it was waiting. */
  wake() {
    this.#woken();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** The server did not answer somebody else's question either: said before anything is sent. */
  noLine() {
    this.failures = Math.max(1, this.failures);
    this.dispatchEvent(new Event('stuck'));
  }

  get busy() {
    return this.#running !== null;
  }

  async #run() {
    while (!this.ended && this.online()) {
      const [first] = this.queue.ready();
      if (!first) {
        const next = this.queue.next();
        if (next === null) return;
        await this.#pause(Math.max(0, next - Date.now()) + 20);
        continue;
      }
      await this.#step(first);
    }
  }

  /** @param {number} ms */
  async #pause(ms) {
    const woken = new Promise((resolve) => {
      this.#woken = () => resolve(null);
    });
    await Promise.race([this.wait(ms), woken]);
    this.#woken = () => {};
  }

  /** @param {Item} first */
  async #step(first) {
    try {
      if (first.kind === 'visit') await this.#visits();
      else {
        await this.sending.report(first);
        await this.queue.remove(first);
      }
      this.failures = 0;
      this.dispatchEvent(new Event('sent'));
    } catch (failure) {
      await this.#failed(first, /** @type {any} */ (failure));
    }
  }

  /** Visits that follow one another go together; each has its own answer. */
  async #visits() {
    const ready = this.queue.ready();
    const end = ready.findIndex((item) => item.kind !== 'visit');
    const batch = ready.slice(0, Math.min(BATCH, end < 0 ? ready.length : end));
    const results = await this.sending.visits(batch);
    // An answer that settles nothing is no answer: waited for like a cut line.
    if (!results.some(({ id }) => batch.some((item) => item.id === id))) throw new Error('nothing');
    const byId = new Map(results.map((result) => [result.id, result]));
    for (const item of batch) {
      const result = byId.get(item.id);
      if (result?.ok) await this.queue.remove(item);
      else if (result) await this.#refuse(item, result.code ?? '', result.reason ?? '');
    }
  }

  /**
   * @param {Item} item
   * @param {string} code
   * @param {string} reason
   */
  async #refuse(item, code, reason) {
    item.refused = { code, reason };
    await this.queue.keep(item);
    this.dispatchEvent(new Event('refused'));
  }

  /**
   * @param {Item} item
   * @param {any} failure
   */
  async #failed(item, failure) {
    if (failure.status === 401) {
      this.ended = true;
      this.dispatchEvent(new Event('ended'));
      return;
    }
    if (isOfTheLine(failure)) {
      this.failures += 1;
      item.tries += 1;
      await this.queue.keep(item);
      this.dispatchEvent(new Event('stuck'));
      await this.#pause(patience(this.failures));
      return;
    }
    const code = failure.detail?.detail?.reason ?? failure.code ?? String(failure.status);
    await this.#refuse(item, String(code), failure.message ?? '');
  }
}

/**
 * Plays recorded answers and news to the page's own modules and prints what its store then holds.
 *
 * In: [{answers: {path: answer}, events: [[name, id, data]]}], one for each open map; out: for each
 * the values of its cells and its incidents. Run by tests/feeds/test_live_equals_fresh.py.
 */

import { readFileSync } from 'node:fs';
import { createStore } from '../../gridmap/static/gridmap/store.js';
import { follow } from '../../gridmap/static/gridmap/sync.js';

/** An event source on which the record is played. */
class Source extends EventTarget {
  static CLOSED = 2;
  static last = null;

  constructor() {
    super();
    this.readyState = 1;
    Source.last = this;
  }

  close() {
    this.readyState = Source.CLOSED;
  }
}
globalThis.EventSource = Source;
globalThis.addEventListener ??= () => {};
globalThis.removeEventListener ??= () => {};

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function played({ answers, events }) {
  const store = createStore({ city: { slug: 'toy' } });
  const feeds = {
    renew: async () => ({ seconds: 600 }),
    json: async (path) => {
      if (!(path in answers)) throw new Error(`not recorded: ${path}`);
      return answers[path];
    },
  };
  Source.last = null;
  const stop = follow(store, feeds);
  for (let wait = 0; Source.last === null && wait < 50; wait += 1) await settled();
  for (const [name, id, data] of events) {
    const event = Object.assign(new Event(name), {
      lastEventId: String(id),
      data: JSON.stringify(data),
    });
    Source.last.dispatchEvent(event);
  }
  const cells = [...store.get('cells').values()].map(({ id, values }) => [id, values]);
  const incidents = [...store.get('incidents').values()].map(
    ({ id, lng, lat, light, category, cell }) => [id, lng, lat, light, category, cell],
  );
  stop();
  return { cells, incidents };
}

const results = [];
for (const record of JSON.parse(readFileSync(0, 'utf8'))) results.push(await played(record));
process.stdout.write(JSON.stringify(results), () => process.exit(0));

/** The stream of changes: resumed behind the last one heard, silence said after a while. */

import assert from 'node:assert/strict';
import test, { mock } from 'node:test';
import { listen } from '../../gridmap/static/gridmap/live.js';

/** An event source that the test plays on. */
class Source extends EventTarget {
  static CLOSED = 2;
  static made = [];

  constructor(address) {
    super();
    this.address = address;
    this.readyState = 1;
    Source.made.push(this);
  }

  close() {
    this.readyState = Source.CLOSED;
  }

  send(name, id, data) {
    const event = new Event(name);
    this.dispatchEvent(
      Object.assign(event, { lastEventId: String(id), data: JSON.stringify(data) }),
    );
  }

  fail(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

function start(t) {
  Source.made = [];
  mock.timers.enable({ apis: ['setTimeout'] });
  const heard = [];
  const tell = (name) => (what) => heard.push(what === undefined ? [name] : [name, what]);
  const stream = listen(
    {
      address: (cursor) => `/feeds/live?cursor=${cursor}`,
      renew: async () => tell('renew')(),
      onChange: tell('change'),
      onEdition: tell('edition'),
      onReset: tell('reset'),
      onLiveness: tell('liveness'),
    },
    10,
    Source,
  );
  t.after(() => {
    stream.close();
    mock.timers.reset();
  });
  return { heard, stream, source: () => Source.made.at(-1) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the stream starts behind the values shown', (t) => {
  const { source } = start(t);
  assert.equal(source().address, '/feeds/live?cursor=10');
});

test('each kind of news reaches its wire', (t) => {
  const { heard, source, stream } = start(t);
  source().send('change', 12, { cells: [[1, 2]], incidents: [] });
  source().send('edition', 13, { edition: 'toy.3' });
  source().send('reset', 14, {});
  assert.deepEqual(heard, [
    ['change', { cells: [[1, 2]], incidents: [] }],
    ['edition', 'toy.3'],
    ['reset'],
  ]);
  assert.equal(stream.cursor, 14);
});

test('a short break is not worth a word', (t) => {
  const { heard, source } = start(t);
  source().fail(0);
  mock.timers.tick(2_900);
  source().dispatchEvent(new Event('open'));
  mock.timers.tick(10_000);
  assert.deepEqual(heard, [['liveness', 'live']]);
});

test('a longer one is said, and taken back when the stream is there again', (t) => {
  const { heard, source } = start(t);
  source().fail(0);
  mock.timers.tick(3_100);
  source().dispatchEvent(new Event('open'));
  assert.deepEqual(heard, [
    ['liveness', 'stale'],
    ['liveness', 'live'],
  ]);
});

test('a refused stream is opened anew with a new ticket, behind the last change heard', async (t) => {
  const { heard, source } = start(t);
  source().send('change', 31, { cells: [], incidents: [] });
  source().fail(Source.CLOSED);
  mock.timers.tick(1_100);
  await settled();
  assert.deepEqual(heard.slice(1), [['renew']]);
  assert.equal(Source.made.length, 2);
  assert.equal(source().address, '/feeds/live?cursor=31');
});

test('a closed stream stays closed', async (t) => {
  const { source, stream } = start(t);
  stream.close();
  source().fail(Source.CLOSED);
  mock.timers.tick(60_000);
  await settled();
  assert.equal(Source.made.length, 1);
});

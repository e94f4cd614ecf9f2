/** The beat's queue: nothing lost, nothing twice, whatever the line does; and the walk it proposes. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { Failure } from '../../gridmap/static/gridmap/api.js';
import { classOf, daysSince } from '../../gridmap/static/gridmap/beat/freshness.js';
import { Queue } from '../../gridmap/static/gridmap/beat/queue.js';
import { patience, Replay } from '../../gridmap/static/gridmap/beat/replay.js';
import { nextRoute } from '../../gridmap/static/gridmap/beat/route.js';

/** What outlives the page. */
function keeping() {
  const rows = new Map();
  return {
    rows,
    put: async (store, id, value) => rows.set(`${store} ${id}`, structuredClone(value)),
    drop: async (store, id) => rows.delete(`${store} ${id}`),
    all: async () =>
      [...rows].filter(([k]) => k.startsWith('queue')).map(([, v]) => structuredClone(v)),
    putBytes: async (store, id, bytes) => rows.set(`${store} ${id}`, bytes),
    bytes: async (store, id) => rows.get(`${store} ${id}`),
  };
}

/** A server that knows each key once, and a line that fails before or after it has heard. */
function server(fails = () => '') {
  const kept = new Map();
  const order = [];
  const take = (item) => {
    const text = JSON.stringify(item.body);
    if (kept.has(item.id) && kept.get(item.id) !== text) {
      throw new Failure('WrongState', 'same key', 409, { detail: { reason: 'ClientIdReused' } });
    }
    if (!kept.has(item.id)) order.push(item.body.n);
    kept.set(item.id, text);
  };
  const line = async (act) => {
    const how = fails();
    if (how === 'before') throw new Failure('NoNetwork', '', 0);
    const answer = await act();
    if (how === 'after') throw new Failure('NoNetwork', '', 0);
    if (how === 'busy') throw new Failure('Busy', '', 503);
    return answer;
  };
  return {
    kept,
    order,
    visits: (items) =>
      line(async () =>
        items.map((item) => {
          if (item.body.gone) return { id: item.id, ok: false, code: 'OutOfScope', reason: 'gone' };
          take(item);
          return { id: item.id, ok: true };
        }),
      ),
    report: (item) => line(async () => take(item)),
  };
}

const world = { wait: async () => {}, online: () => true };

test('what fails on the way comes again, and is there once, in order', async () => {
  let n = 0;
  const line = server(() => ['before', 'after', '', 'busy'][n++ % 4]);
  const queue = new Queue(keeping());
  for (let i = 0; i < 40; i += 1) {
    await queue.add(i % 5 === 4 ? 'report' : 'visit', { n: i }, { words: String(i) });
  }
  await new Replay(queue, line, world).wake();
  assert.equal(queue.items.length, 0);
  assert.equal(line.kept.size, 40);
  assert.deepEqual(line.order, [...Array(40).keys()]);
});

test('a page that ends in the middle goes on where it was', async () => {
  const kept = keeping();
  const before = new Queue(kept);
  for (let i = 0; i < 6; i += 1) await before.add('report', { n: i }, { words: '' });
  let calls = 0;
  const line = server(() => (calls++ >= 2 ? 'after' : ''));
  const dead = new Replay(before, line, { ...world, wait: () => new Promise(() => {}) });
  dead.wake();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const after = new Queue(kept);
  await after.load();
  assert.deepEqual(
    after.items.map((item) => item.body.n),
    [2, 3, 4, 5],
  );
  calls = -100;
  await new Replay(after, line, world).wake();
  assert.equal(line.kept.size, 6);
});

test('a refusal concerns one thing, says why, and the others go on', async () => {
  const line = server();
  const queue = new Queue(keeping());
  await queue.add('visit', { n: 1 }, { words: '' });
  const wrong = await queue.add('visit', { n: 2, gone: true }, { words: '' });
  await queue.add('visit', { n: 3 }, { words: '' });
  const replay = new Replay(queue, line, world);
  let said = 0;
  replay.addEventListener('refused', () => {
    said += 1;
  });
  await replay.wake();
  assert.deepEqual(line.order, [1, 3]);
  assert.equal(said, 1);
  assert.deepEqual(wrong.refused, { code: 'OutOfScope', reason: 'gone' });
  assert.equal(queue.refused, 1);
  await queue.again(wrong, { n: 4 });
  await replay.wake();
  assert.deepEqual(line.order, [1, 3, 4]);
  assert.equal(queue.items.length, 0);
});

test('a key that is taken by other words is settled by a new key, never by overwriting', async () => {
  const line = server();
  const queue = new Queue(keeping());
  const item = await queue.add('report', { n: 7 }, { words: '' });
  line.kept.set(item.id, '{"n":0}');
  const replay = new Replay(queue, line, world);
  await replay.wake();
  assert.equal(item.refused.code, 'ClientIdReused');
  const old = item.id;
  await queue.again(item);
  assert.notEqual(item.id, old);
  await replay.wake();
  assert.equal(line.kept.get(old), '{"n":0}');
  assert.equal(line.kept.size, 2);
});

test('an ended session sends nothing and loses nothing', async () => {
  const queue = new Queue(keeping());
  await queue.add('report', { n: 1 }, { words: '' });
  const gone = async () => {
    throw new Failure('NotSignedIn', '', 401);
  };
  const replay = new Replay(queue, { visits: gone, report: gone }, world);
  await replay.wake();
  assert.equal(replay.ended, true);
  assert.equal(queue.waiting, 1);
});

test('a tap can be taken back before it is sent', async () => {
  const line = server();
  const queue = new Queue(keeping());
  const item = await queue.add('visit', { n: 1 }, { words: '', hold: 60_000 });
  assert.deepEqual(queue.ready(), []);
  await queue.remove(item);
  await new Replay(queue, line, world).wake();
  assert.equal(line.kept.size, 0);
});

test('photos are kept before what names them, and go with it', async () => {
  const kept = keeping();
  const queue = new Queue(kept);
  const item = await queue.add('report', { n: 1 }, { words: '', photos: [new Blob(['x'])] });
  assert.equal([...kept.rows.keys()].filter((k) => k.startsWith('photos')).length, 1);
  await queue.remove(item);
  assert.equal(kept.rows.size, 0);
});

test('waiting grows, has an end, and is not the same for everybody', () => {
  assert.equal(patience(0, 1), 1000);
  assert.equal(patience(3, 1), 8000);
  assert.equal(patience(30, 1), 30_000);
  assert.equal(patience(3, 0), 4000);
});

test('freshness follows the calendar of the city, as the database has it', () => {
  const now = new Date('2026-10-10T01:00:00+08:00');
  const zone = 'Asia/Shanghai';
  assert.equal(daysSince('2026-10-09T23:00:00+08:00', now, zone), 1);
  assert.equal(daysSince(null, now, zone), null);
  const classes = [
    [null, 3],
    [0, 3],
    [1, 7],
    [3, 7],
    [5, 7],
    [7, 7],
    [8, 7],
  ];
  assert.deepEqual(
    classes.map(([days, interval]) => classOf(days, interval)),
    [6, 0, 1, 2, 3, 4, 5],
  );
});

/** A comb of lanes: `n` stretches of 100 m one behind the other, 0.001 degrees each. */
function street(n, over) {
  return Array.from({ length: n }, (_, i) => ({
    id: i + 1,
    shape: [
      [117.6 + i * 0.001, 26.27],
      [117.6 + (i + 1) * 0.001, 26.27],
    ],
    metres: 100,
    interval: 3,
    days: over.includes(i + 1) ? 9 : 0,
    klass: over.includes(i + 1) ? 5 : 0,
  }));
}

test('the next walk takes what is overdue on the way, near first, and keeps to the time', () => {
  const { legs, minutes } = nextRoute(street(12, [1, 3, 5, 12]), { from: [117.6, 26.27] });
  assert.deepEqual(
    legs.map((leg) => leg.stretch.id),
    [1, 3, 5, 12],
  );
  assert.deepEqual(
    legs.map((leg) => leg.walked),
    [100, 300, 500, 1200],
  );
  assert.ok(minutes <= 30);
  const short = nextRoute(street(12, [1, 3, 5, 12]), { from: [117.6, 26.27], minutes: 10 });
  assert.deepEqual(
    short.legs.map((leg) => leg.stretch.id),
    [1, 3],
  );
});

test('short stretches fill the half hour, more of them than are looked at together', () => {
  const { legs, minutes } = nextRoute(
    street(
      20,
      Array.from({ length: 20 }, (_, i) => i + 1),
    ).map((s) => ({ ...s, metres: 25 })),
    { from: [117.6, 26.27] },
  );
  assert.ok(legs.length > 11);
  assert.ok(minutes <= 30);
  assert.equal(new Set(legs.map((leg) => leg.stretch.id)).size, legs.length);
});

test('a stretch too far for the time is offered alone, not left out', () => {
  const { legs } = nextRoute(street(12, [12]), { from: [117.6, 26.27], minutes: 5 });
  assert.deepEqual(
    legs.map((leg) => leg.stretch.id),
    [12],
  );
});

test('another route begins elsewhere; a fresh beat has none', () => {
  const lanes = street(12, [1, 2, 11, 12]);
  const wish = { from: [117.606, 26.27], minutes: 8 };
  const first = nextRoute(lanes, wish).legs.map((leg) => leg.stretch.id);
  const other = nextRoute(lanes, { ...wish, offered: new Set(first) }).legs.map(
    (l) => l.stretch.id,
  );
  assert.ok(!first.includes(other[0]));
  assert.deepEqual(nextRoute(street(3, []), { from: null }).legs, []);
});

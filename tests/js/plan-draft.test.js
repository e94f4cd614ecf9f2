import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Failure } from '../../gridmap/static/gridmap/api.js';
import { openDraft } from '../../gridmap/static/gridmap/plan-draft.js';
import { openQueue } from '../../gridmap/static/gridmap/plan-queue.js';
import { nameOf } from '../../gridmap/static/gridmap/plan-wishes.js';
import { board } from './ground.js';

const fields = (no) => ({
  no,
  cell: no,
  uid: `c${no}`,
  code: '',
  name: '',
  kind: 'basic',
  use: '',
  locked: false,
  reason: '',
  made_by: null,
});

/** A browser's storage. */
function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
    key: (i) => [...kept.keys()][i] ?? null,
    get length() {
      return kept.size;
    },
  };
}

/** The server's rule in small: unit by unit, a retry does nothing, a rival's unit is left. */
function server(fabric, labels) {
  const state = {
    labels: [...labels],
    log: [],
    cells: new Map([1, 2].map((no) => [no, fields(no)])),
    last: 2,
  };
  const write = (author, wish, units, to, cells = []) => {
    for (const unit of units) state.labels[unit] = to;
    state.log.push({
      seq: state.log.length + 1,
      id: wish.id,
      kind: wish.kind,
      author,
      at: '',
      units: units.map((unit) => fabric.uids[unit]),
      new: units.map(() => to),
      cells,
      pins: [],
    });
  };
  const net = (me, line) => ({
    async ops(base, wishes) {
      if (line.down) throw new Failure('NoNetwork', '', 0);
      const conflicts = [];
      for (const wish of wishes) {
        if (state.log.some(({ id }) => id === wish.id)) continue;
        if (wish.units?.includes('nowhere')) throw new Failure('BadValue', '没有这个地块', 422);
        const rivals = new Set(
          state.log
            .filter(({ seq, author }) => seq > base && author !== me)
            .flatMap(({ units }) => units),
        );
        const free = wish.units.filter((uid) => !rivals.has(uid));
        for (const unit of wish.units.filter((uid) => rivals.has(uid))) {
          conflicts.push({ op: wish.id, why: 'changed', unit, author: '别人' });
        }
        const units = free.map((uid) => fabric.uids.indexOf(uid));
        let to = wish.to;
        const cells = [];
        if (wish.kind === 'split') {
          state.last += 1;
          to = state.last;
          cells.push({ no: to, before: null, after: { ...fields(to), made_by: wish.id } });
        }
        if (typeof to === 'string') {
          to = state.log.find(({ id }) => id === to).cells[0].no;
        }
        write(me, wish, units, to, cells);
      }
      if (line.lose) {
        line.lose = false;
        throw new Failure('NoNetwork', '', 0);
      }
      return { conflicts, seq: state.log.length };
    },
    async turn() {
      throw new Failure('WrongState', '', 409, { detail: { reason: 'NothingToUndo' } });
    },
    async log(after) {
      if (line.down) throw new Failure('NoNetwork', '', 0);
      return { seq: state.log.length, ops: state.log.slice(after), more: false };
    },
    async reserved() {
      return [];
    },
  });
  const opened = () => ({
    seq: state.log.length,
    labels: [...state.labels],
    cells: [...state.cells.values()],
    pins: [],
    reserved: [],
    status: 'draft',
  });
  return { state, net, opened };
}

/** One person at the draft. */
function person(me, there, fabric, kept = storage(), line = { down: false, lose: false }) {
  const queue = openQueue(kept, { plan: 1, user: me, tab: `${me}-${Math.random()}` });
  const news = [];
  const later = [];
  let count = 0;
  const draft = openDraft({
    fabric,
    opened: there.opened(),
    me,
    net: there.net(me, line),
    queue,
    id: () => `${me}-${Math.random()}-${count++}`,
    wait: (fn) => void later.push(fn),
  });
  draft.on((one) => news.push(one));
  const again = async () => {
    for (const fn of later.splice(0)) fn();
    await draft.settled();
  };
  return { draft, news, line, kept, again };
}

const town = () => {
  const fabric = board(6, 3);
  return {
    fabric,
    there: server(
      fabric,
      Array.from({ length: 18 }, (_, i) => (i % 6 < 3 ? 1 : 2)),
    ),
  };
};

test('what is done stands at once and is then saved', async () => {
  const { fabric, there } = town();
  const li = person('li', there, fabric);
  li.draft.wish({ kind: 'paint', units: ['U2', 'U8'], to: 2 });
  assert.deepEqual([li.draft.partition.labels[2], li.draft.standing()], [2, 'saving']);
  await li.draft.settled();
  assert.deepEqual([li.draft.seq(), li.draft.waiting(), li.draft.standing()], [1, 0, 'saved']);
  assert.equal(there.state.labels[8], 2);
});

test('two people see what the other did, and only the same unit is a conflict', async () => {
  const { fabric, there } = town();
  const [li, wu] = [person('li', there, fabric), person('wu', there, fabric)];
  li.draft.wish({ kind: 'paint', units: ['U2', 'U1'], to: 2 });
  await li.draft.settled();
  wu.draft.wish({ kind: 'paint', units: ['U2', 'U14'], to: 0 });
  assert.equal(wu.draft.partition.labels[2], 0);
  await wu.draft.settled();
  const told = wu.news.find(({ kind }) => kind === 'conflicts');
  assert.deepEqual(
    told.found.map(({ unit }) => unit),
    ['U2'],
  );
  assert.deepEqual([...wu.draft.partition.labels], there.state.labels);
  await li.draft.look();
  assert.deepEqual([...li.draft.partition.labels], there.state.labels);
  assert.equal(li.news.find(({ kind }) => kind === 'others').ops.length, 1);
});

test('an answer that is lost on the way does nothing twice', async () => {
  const { fabric, there } = town();
  const li = person('li', there, fabric);
  li.line.lose = true;
  li.draft.wish({ kind: 'split', units: ['U0', 'U6'] });
  await li.draft.settled();
  assert.deepEqual([li.draft.standing(), li.draft.waiting()], ['offline', 1]);
  await li.again();
  assert.deepEqual([li.draft.standing(), there.state.log.length], ['saved', 1]);
});

test('a closed laptop loses nothing', async () => {
  const { fabric, there } = town();
  const li = person('li', there, fabric);
  li.line.down = true;
  const made = li.draft.wish({ kind: 'split', units: ['U0', 'U6'] });
  const no = li.draft.partition.labels[0];
  assert.ok(no > 32_000);
  assert.equal(nameOf(new Map(li.draft.cells()), no), made);
  li.draft.wish({ kind: 'paint', units: ['U12'], to: made });
  await li.draft.settled();
  assert.deepEqual([li.draft.standing(), li.draft.waiting()], ['offline', 2]);
  // Somebody else goes on meanwhile, then li comes back in a new window.
  const wu = person('wu', there, fabric);
  wu.draft.wish({ kind: 'paint', units: ['U17'], to: 1 });
  await wu.draft.settled();
  const back = person('li', there, fabric, li.kept);
  assert.deepEqual([back.draft.waiting(), back.draft.partition.labels[12]], [2, no]);
  await back.draft.settled();
  assert.deepEqual([...back.draft.partition.labels], there.state.labels);
  assert.deepEqual([there.state.labels[12], there.state.labels[17]], [3, 1]);
  const renamed = back.news.find(({ kind, numbers }) => kind === 'changed' && numbers.size);
  assert.deepEqual([...renamed.numbers], [[no, 3]]);
  assert.equal(back.kept.length, 0);
});

test('a step not yet sent is taken back here, and done again', async () => {
  const { fabric, there } = town();
  const li = person('li', there, fabric);
  li.line.down = true;
  li.draft.wish({ kind: 'paint', units: ['U0'], to: 2 });
  await li.draft.settled();
  li.draft.wish({ kind: 'paint', units: ['U1'], to: 2 });
  assert.equal(await li.draft.undo(), 'done');
  assert.deepEqual([...li.draft.partition.labels].slice(0, 2), [2, 1]);
  assert.equal(await li.draft.undo(), 'offline'); // the first was tried: only the server can say
  assert.equal(await li.draft.redo(), 'done');
  assert.deepEqual([...li.draft.partition.labels].slice(0, 2), [2, 2]);
  li.line.down = false;
  await li.draft.again();
  assert.equal(there.state.log.length, 2);
  assert.equal(await li.draft.undo(), 'nothing');
  assert.equal(li.draft.turns().undo, false);
});

test('one step that is refused does not take the others along', async () => {
  const { fabric, there } = town();
  const li = person('li', there, fabric);
  li.line.down = true;
  li.draft.wish({ kind: 'paint', units: ['U0'], to: 2 });
  li.draft.wish({ kind: 'paint', units: ['nowhere'], to: 2 });
  li.draft.wish({ kind: 'paint', units: ['U1'], to: 2 });
  await li.draft.settled();
  li.line.down = false;
  await li.again();
  assert.deepEqual(
    [li.draft.standing(), li.draft.waiting(), there.state.log.length],
    ['saved', 0, 2],
  );
  assert.equal(li.news.find(({ kind }) => kind === 'refused').why, '没有这个地块');
});

test('locked and reserved cells and pinned units are left alone', () => {
  const { fabric, there } = town();
  const opened = {
    ...there.opened(),
    pins: ['U3'],
    reserved: [{ cell: 1, holder: 'wu', until: '' }],
  };
  const queue = openQueue(null, { plan: 1, user: 'li', tab: 'a' });
  const draft = openDraft({ fabric, opened, me: 'li', net: there.net('li', {}), queue });
  assert.equal(draft.shut(1), 'reserved');
  assert.deepEqual(draft.free([0, 3, 4], 0), [4]);
  assert.deepEqual(draft.free([4], 1), []);
});

test('what comes while the hand paints waits for its end', async () => {
  const { fabric, there } = town();
  const [li, wu] = [person('li', there, fabric), person('wu', there, fabric)];
  const stroke = wu.draft.stroke(1);
  assert.deepEqual(stroke.paint([3, 4, 0]), [3, 4]);
  li.draft.wish({ kind: 'paint', units: ['U17'], to: 1 });
  await li.draft.settled();
  await wu.draft.look();
  assert.deepEqual([wu.draft.partition.labels[3], wu.draft.partition.labels[17]], [1, 2]);
  stroke.done(['U3', 'U4'], 1);
  assert.deepEqual([wu.draft.partition.labels[3], wu.draft.partition.labels[17]], [1, 1]);
  await wu.draft.settled();
  assert.deepEqual([...wu.draft.partition.labels], there.state.labels);
  const other = wu.draft.stroke(1);
  other.paint([5]);
  assert.deepEqual(other.cancel(), [5]);
  assert.equal(wu.draft.partition.labels[5], 2);
});

/** A draft as one planner works on it: what is done stands at once, is sent, and is set on what others
 * did meanwhile. Knows the server only by the functions it is given. */

/** @import { Fabric } from './fabric.js' */
/** @import { CellFields } from './plan-faults.js' */
/** @import { Queue, Step } from './plan-queue.js' */
/** @import { View, Wish } from './plan-wishes.js' */

import { Failure } from './api.js';
import { placesOf } from './fabric.js';
import { openPartition } from './partition.js';
import { effectOf, numberOf, PROVISIONAL, take } from './plan-wishes.js';

/**
 * @typedef {{seq: number, kind: string, author: string | null, at: string, units: string[],
 *   new: number[], cells: {no: number, after: CellFields | null}[], pins: [string, boolean][]}} Op
 * @typedef {{op: string, why: 'changed' | 'gone' | 'locked' | 'pinned' | 'reserved',
 *   unit: string | null, cell: number | null, base: number | null, theirs: number | null,
 *   yours: number | null, author: string | null}} Conflict
 * @typedef {{seq: number, labels: number[], cells: (CellFields & {no: number})[], pins: string[],
 *   reserved: {cell: number, holder: string, until: string}[], status: string}} Opened
 * @typedef {{conflicts: Conflict[], seq: number}} Outcome
 * @typedef {{
 *   ops: (base: number, wishes: Wish[]) => Promise<Outcome>,
 *   turn: (way: 'undo' | 'redo', id: string) => Promise<Outcome>,
 *   log: (after: number) => Promise<{seq: number, ops: Op[], more: boolean}>,
 *   reserved: () => Promise<Opened['reserved']>,
 * }} Net how the server is asked; conflicts are an answer and no failure
 * @typedef {'saved' | 'saving' | 'waiting' | 'offline' | 'stopped'} Standing stopped: the server will
 *   have no more of it: sent in, or no longer one's own
 * @typedef {{kind: 'changed', units: number[], numbers: Map<number, number>} | {kind: 'standing'} | {kind: 'reserved'} |
 *   {kind: 'conflicts', found: Conflict[]} | {kind: 'refused', wish: Wish, why: string} |
 *   {kind: 'others', ops: Op[]}} News numbers: of cells that were provisional
 */

/** How long until it is tried again, milliseconds. */
const PATIENCE = [1000, 2000, 4000, 8000, 15_000];
const MOST = 200; // operations in one request
const FOR_GOOD = new Set([400, 403, 404, 409, 410, 413, 422]);
const NOTHING = new Set(['NothingToUndo', 'NothingToRedo']);

/**
 * @param {{fabric: Fabric, opened: Opened, me: string, net: Net, queue: Queue,
 *   id?: () => string, wait?: (fn: () => void, after: number) => void}} given
 */
export function openDraft({
  fabric,
  opened,
  me,
  net,
  queue,
  id = () => crypto.randomUUID(),
  wait = (fn, after) => void setTimeout(fn, after),
}) {
  const places = placesOf(fabric);
  /** What the server has said. @type {View & {seq: number}} */
  const known = {
    seq: opened.seq,
    labels: Int16Array.from(opened.labels),
    cells: new Map(opened.cells.map(({ no, ...fields }) => [no, fields])),
    pins: new Set(opened.pins.flatMap((uid) => places.get(uid) ?? [])),
  };
  const partition = openPartition(fabric, known.labels);
  /** The same with what waits on top. @type {View} */
  let shown = { labels: partition.labels, cells: new Map(known.cells), pins: new Set(known.pins) };
  let reserved = reservations(opened.reserved);
  /** @type {Standing} */
  let standing = 'saved';
  let tries = 0;
  let painting = false;
  let late = false; // something came while the hand was painting
  /** Steps taken back before they were sent, newest last. @type {Wish[]} */
  let dropped = [];
  const turns = { undo: true, redo: true };
  /** Steps the server has taken, but whose effect it has not told yet. @type {Set<string>} */
  const sent = new Set();
  /** Conflicts that were told. @type {Set<string>} */
  const told = new Set();
  /** @type {Promise<void>} */
  let line = Promise.resolve();
  /** @type {Set<(news: News) => void>} */
  const listeners = new Set();

  const tell = (/** @type {News} */ news) => {
    for (const fn of listeners) fn(news);
  };
  const stand = (/** @type {Standing} */ next) => {
    standing = next;
    tell({ kind: 'standing' });
  };

  /** Show what is known with what waits on top of it. */
  const rebuild = () => {
    if (painting) {
      late = true;
      return;
    }
    const before = shown.cells;
    /** @type {View} */
    const next = {
      labels: known.labels.slice(),
      cells: new Map(known.cells),
      pins: new Set(known.pins),
    };
    for (const { wish } of queue.all()) take(next, effectOf(wish, next, places));
    /** @type {Map<number, number>} */
    const numbers = new Map();
    for (const [no, { made_by: made }] of before) {
      const now = made && no >= PROVISIONAL ? numberOf(next.cells, made) : null;
      if (now !== null && now !== no) numbers.set(no, now);
    }
    const units = [];
    for (let place = 0; place < fabric.size; place += 1) {
      if (partition.labels[place] === next.labels[place]) continue;
      partition.move(place, next.labels[place]);
      units.push(place);
    }
    shown = { labels: partition.labels, cells: next.cells, pins: next.pins };
    tell({ kind: 'changed', units, numbers });
  };

  /** @param {Op} op */
  const learn = (op) => {
    take(known, {
      places: op.units.map((uid) => places.get(uid) ?? 0),
      news: op.new,
      cells: op.cells.map(({ no, after }) => [no, after]),
      pins: op.pins.map(([uid, pinned]) => [places.get(uid) ?? 0, pinned]),
    });
    known.seq = op.seq;
  };
  const read = async () => {
    const others = [];
    for (let more = true; more; ) {
      const answer = await net.log(known.seq);
      for (const op of answer.ops) {
        learn(op);
        if (op.author !== me) others.push(op);
      }
      more = answer.more;
    }
    if (others.length) tell({ kind: 'others', ops: others });
  };

  /** Steps that may go together: the oldest unsent ones that were done on the same state. */
  const batch = () => {
    const steps = queue.all().filter(({ wish }) => !sent.has(wish.id));
    const same = steps.findIndex(({ base }) => base !== steps[0].base);
    return steps.slice(0, Math.min(same < 0 ? steps.length : same, MOST));
  };
  /** @param {Step[]} steps */
  const post = async (steps) => {
    const ids = steps.map(({ wish }) => wish.id);
    queue.mark(ids);
    const { conflicts } = await net.ops(
      steps[0].base,
      steps.map(({ wish }) => wish),
    );
    for (const one of ids) sent.add(one);
    // What is sent again after a lost answer is answered alike: it is told once.
    const fresh = conflicts.filter(({ op, unit, cell }) => !told.has(`${op} ${unit} ${cell}`));
    for (const { op, unit, cell } of fresh) told.add(`${op} ${unit} ${cell}`);
    if (fresh.length) tell({ kind: 'conflicts', found: fresh });
  };
  /** One of several is refused: the others are sent alone. @param {Step[]} steps @param {Failure} why */
  const sift = async (steps, why) => {
    if (steps.length > 1) {
      for (const step of steps) await post([step]).catch((error) => sift([step], asFailure(error)));
      return;
    }
    if (!FOR_GOOD.has(why.status)) throw why;
    if (why.status !== 422 && why.status !== 400) {
      stand('stopped');
      throw why;
    }
    queue.drop([steps[0].wish.id]);
    tell({ kind: 'refused', wish: steps[0].wish, why: why.message });
  };
  const flush = async () => {
    if (standing === 'stopped') return;
    try {
      if (queue.all().length) {
        stand('saving');
        for (let steps = batch(); steps.length; steps = batch()) {
          const now = steps;
          await post(now).catch((error) => sift(now, asFailure(error)));
        }
      }
      await read();
      // Only now does what is known hold these steps: until then they stand on top of it.
      queue.drop(sent);
      sent.clear();
      tries = 0;
      rebuild();
      stand('saved');
    } catch (error) {
      sent.clear();
      failed(asFailure(error));
    }
  };
  /** @param {Failure} failure */
  const failed = (failure) => {
    rebuild();
    if (/** @type {Standing} */ (standing) === 'stopped') return;
    if (FOR_GOOD.has(failure.status)) {
      stand('stopped');
      return;
    }
    stand(failure.status === 0 ? 'offline' : 'waiting');
    wait(() => void soon(flush), PATIENCE[Math.min(tries, PATIENCE.length - 1)]);
    tries += 1;
  };
  /** @param {() => Promise<void>} work after what is under way */
  const soon = (work) => {
    line = line.then(work);
    return line;
  };

  /** @param {Wish} wish */
  const put = (wish) => {
    queue.add({ base: known.seq, wish, tried: false });
    turns.undo = true;
    rebuild();
    if (standing === 'saved') stand('saving');
    if (standing !== 'offline' && standing !== 'waiting') void soon(flush);
    else tell({ kind: 'standing' });
  };
  /** @param {'undo' | 'redo'} way */
  const turn = async (way) => {
    await soon(flush);
    if (queue.all().length) return 'offline';
    const turning = id();
    try {
      const { conflicts } = await net.turn(way, turning);
      turns[way === 'undo' ? 'redo' : 'undo'] = true;
      if (conflicts.length) tell({ kind: 'conflicts', found: conflicts });
    } catch (error) {
      const failure = asFailure(error);
      if (NOTHING.has(failure.detail.detail?.reason)) {
        turns[way] = false;
        tell({ kind: 'standing' });
        return 'nothing';
      }
      failed(failure);
      return failure.status === 0 ? 'offline' : 'refused';
    }
    await soon(flush);
    return 'done';
  };

  const draft = {
    partition,
    places,
    /** @returns {ReadonlyMap<number, CellFields>} */
    cells: () => shown.cells,
    /** @returns {ReadonlySet<number>} units that must stay */
    pins: () => shown.pins,
    reserved: () => reserved,
    /** The newest operation that the server has told. */
    seq: () => known.seq,
    standing: () => standing,
    waiting: () => queue.all().length,
    safe: () => queue.safe(),
    turns: () => turns,
    /** Why units of a cell may not go or come; null: they may. @param {number} no */
    shut(no) {
      if (shown.cells.get(no)?.locked) return 'locked';
      const held = reserved.get(no);
      return held && held.holder !== me ? 'reserved' : null;
    },
    /**
     * Those of the units that may go to a cell.
     *
     * @param {Iterable<number>} units
     * @param {number} to
     */
    free(units, to) {
      if (draft.shut(to)) return [];
      return [...units].filter(
        (unit) =>
          partition.labels[unit] !== to &&
          !shown.pins.has(unit) &&
          draft.shut(partition.labels[unit]) === null,
      );
    },
    /**
     * Do something; it stands at once.
     *
     * @param {Omit<Wish, 'id'>} wish
     * @returns {string} the id of the operation
     */
    wish(wish) {
      dropped = [];
      turns.redo = false;
      const made = { ...wish, id: id() };
      put(made);
      return made.id;
    },
    /**
     * Begin a stroke: what it paints is seen at once and becomes one operation when it ends.
     *
     * @param {number} to
     */
    stroke(to) {
      painting = true;
      /** @type {Map<number, number>} */
      const before = new Map();
      const end = () => {
        painting = false;
        if (late) rebuild();
        late = false;
      };
      return {
        /** @param {Iterable<number>} units @returns {number[]} those that went */
        paint(units) {
          const free = draft.free(units, to);
          for (const unit of free) {
            if (!before.has(unit)) before.set(unit, partition.labels[unit]);
            partition.move(unit, to);
          }
          return free;
        },
        before,
        /** @returns {number[]} units that are as they were again */
        cancel() {
          for (const [unit, from] of before) partition.move(unit, from);
          end();
          return [...before.keys()];
        },
        /** @param {string[]} uids @param {import('./plan-wishes.js').Name} name of the cell */
        done(uids, name) {
          painting = false;
          late = false;
          if (uids.length) draft.wish({ kind: 'paint', units: uids, to: name });
          else rebuild();
        },
      };
    },
    /** Take the newest own step back. @returns {Promise<'done' | 'nothing' | 'offline' | 'refused'>} */
    async undo() {
      const last = queue.all().at(-1);
      if (last && !last.tried && standing !== 'saving') {
        queue.drop([last.wish.id]);
        dropped.push(last.wish);
        turns.redo = true;
        rebuild();
        tell({ kind: 'standing' });
        return 'done';
      }
      return turn('undo');
    },
    /** Do again what was taken back. @returns {Promise<'done' | 'nothing' | 'offline' | 'refused'>} */
    async redo() {
      const again = dropped.pop();
      if (!again) return turn('redo');
      put(again);
      turns.redo = dropped.length > 0;
      return 'done';
    },
    /** Look what others did. */
    look: () => (standing === 'saved' ? soon(flush) : line),
    /** Try again now. */
    again: () => soon(flush),
    /** Everything sent and read. */
    settled: () => line,
    async readReserved() {
      const before = JSON.stringify([...reserved]);
      reserved = reservations(await net.reserved());
      if (JSON.stringify([...reserved]) !== before) tell({ kind: 'reserved' });
    },
    /** @param {(news: News) => void} fn */
    on(fn) {
      listeners.add(fn);
    },
  };
  rebuild();
  if (queue.all().length) void soon(flush);
  return draft;
}

/** @typedef {ReturnType<typeof openDraft>} Draft */

/** @param {Opened['reserved']} rows */
function reservations(rows) {
  return new Map(rows.map(({ cell, holder, until }) => [cell, { holder, until }]));
}

/** @param {unknown} error @returns {Failure} */
function asFailure(error) {
  if (error instanceof Failure) return error;
  throw error;
}

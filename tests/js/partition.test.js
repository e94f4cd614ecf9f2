import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf, readBundle } from '../../gridmap/static/gridmap/fabric.js';
import { openPartition } from '../../gridmap/static/gridmap/partition.js';
import { fillsOf } from '../../gridmap/static/gridmap/plan-colours.js';
import { faultsOf, repairOf, splitIn } from '../../gridmap/static/gridmap/plan-faults.js';
import {
  cutOff,
  inRing,
  sideOfWay,
  swept,
  wholeBlocks,
  within,
} from '../../gridmap/static/gridmap/plan-shapes.js';
import { board, dice, recounted } from './ground.js';

const cell = (more = {}) => ({
  cell: 1,
  uid: 'u',
  code: '',
  name: '',
  kind: 'basic',
  use: '',
  locked: false,
  reason: '',
  ...more,
});
/** The middle of a unit of the board. */
const at = (fabric, place) => ({ lng: fabric.lng[place], lat: fabric.lat[place] });

function same(got, wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    if (value === null) assert.equal(got[name], null, name);
    else assert.ok(Math.abs(got[name] - value) < 1e-6, `${name}: ${got[name]} for ${value}`);
  }
}

test('after any strokes every figure is what counting from scratch gives', () => {
  for (const seed of [1, 2, 3]) {
    const roll = dice(seed);
    const fabric = board(12, 9, { river: 5, households: (place) => place % 7 });
    const labels = Int16Array.from({ length: fabric.size }, () => 1 + Math.floor(roll() * 5));
    const partition = openPartition(fabric, labels);
    for (let stroke = 0; stroke < 60; stroke += 1) {
      const places = Array.from({ length: 1 + Math.floor(roll() * 12) }, () =>
        Math.floor(roll() * fabric.size),
      );
      // Cell 0 is none; cell 32001 is one the server has not numbered yet.
      partition.set(places, [0, 1, 2, 3, 4, 5, 6, 32001][Math.floor(roll() * 8)]);
    }
    for (const no of [0, 1, 2, 3, 4, 5, 6, 32001]) {
      same(partition.figures(no), recounted(fabric, partition.labels, no));
    }
  }
});

test('what was changed can be changed back to the identical figures', () => {
  const fabric = board(9, 9);
  const partition = openPartition(fabric, new Int16Array(81).fill(1));
  const before = partition.figures(1);
  const change = partition.set([3, 3, 4, 40], 2);
  assert.deepEqual(change, { places: [3, 4, 40], old: [1, 1, 1], news: [2, 2, 2] });
  partition.set(change.places, change.old);
  assert.deepEqual(partition.figures(1), before);
  assert.equal(partition.figures(2).units, 0);
});

test('more cells than it first has room for', () => {
  const fabric = board(20, 10);
  const partition = openPartition(
    fabric,
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  assert.equal(partition.figures(200).units, 1);
  partition.set([0], 5000);
  same(partition.figures(5000), recounted(fabric, partition.labels, 5000));
});

test('nobody walks across a river', () => {
  const partition = openPartition(board(6, 3, { river: 2 }), new Int16Array(18).fill(1));
  assert.equal(partition.parts(1), 2);
  assert.deepEqual(
    partition.pieces(1).map((units) => units.length),
    [9, 9],
  );
});

test('a line cuts a cell in two that hang together', () => {
  const fabric = board(9, 9);
  const partition = openPartition(fabric, new Int16Array(81).fill(1));
  const line = [at(fabric, 3), at(fabric, 75)]; // north along column 3: its middle is on the line
  const west = cutOff(partition, 1, line);
  assert.ok(west.includes(0) && !west.includes(8));
  partition.set(west, 2);
  assert.equal(partition.parts(1), 1);
  assert.equal(partition.parts(2), 1);
});

test('a line beside a cell cuts nothing off', () => {
  const fabric = board(9, 9);
  const partition = openPartition(fabric, new Int16Array(81).fill(1));
  const east = (place) => ({ ...at(fabric, place), lng: 117.1 });
  assert.deepEqual(cutOff(partition, 1, [east(0), east(72)]), []);
});

test('a ring, a circle and a block hold the units whose middles they hold', () => {
  const fabric = board(6, 6);
  const off = (place, dx, dy) => ({
    lng: fabric.lng[place] + dx / 100_000,
    lat: fabric.lat[place] + dy / 111_320,
  });
  const ring = [off(0, -5, -5), off(1, 5, -5), off(7, 5, 5), off(6, -5, 5)];
  assert.deepEqual(inRing(fabric, ring), [0, 1, 6, 7]);
  assert.deepEqual(inRing(fabric, ring.slice(0, 2)), []);
  assert.deepEqual(within(fabric, at(fabric, 7), 21), [1, 6, 7, 8, 13]);
  assert.equal(wholeBlocks(fabric, blocksOf(fabric), [0, 1]).length, 9);
});

test('one side of a street is what faces the same block across it', () => {
  const fabric = board(9, 9);
  const towards = { lng: fabric.lng[12], lat: fabric.lat[12] };
  assert.deepEqual(sideOfWay(fabric, 11, towards), [2, 11, 20]);
  assert.deepEqual(sideOfWay(fabric, 10, towards), []); // in the middle of its block
});

test('a pushed boundary takes what it sweeps over and nothing behind', () => {
  const fabric = board(9, 9);
  const labels = Array.from({ length: 81 }, (_, place) => (place % 9 < 4 ? 1 : 2));
  const partition = openPartition(fabric, labels);
  const [from, to] = [at(fabric, 39), { ...at(fabric, 41), lng: fabric.lng[41] + 1e-6 }];
  const units = swept(partition, { grows: 1, yields: 2, from, to, wide: 25 });
  assert.deepEqual(
    [...units].sort((a, b) => a - b),
    [31, 32, 40, 41, 49, 50],
  );
  assert.deepEqual(swept(partition, { grows: 1, yields: 2, from, to: from, wide: 25 }), []);
});

test('faults are told as the server tells them, and those at hand are mended', () => {
  const fabric = board(9, 3, { households: (place) => (place === 26 ? 600 : 10) });
  const labels = Array.from({ length: 27 }, (_, place) =>
    place % 9 < 3 ? 1 : place % 9 < 6 ? 2 : 3,
  );
  labels[0] = 0;
  labels[5] = 1;
  const partition = openPartition(fabric, labels);
  const cells = new Map([
    [1, cell()],
    [2, cell({ reason: '新小区未入住' })],
    [3, cell()],
    [4, cell({ cell: null })],
  ]);
  const lanes = [{ name: '榕树巷', units: [2, 3], headed: true }];
  const found = faultsOf(partition, cells, [85, 500], lanes);
  assert.deepEqual(
    found.map(({ code, no, must }) => [code, no, must]),
    [
      ['unassigned', 0, true],
      ['apart', 1, true],
      ['tower', 3, true],
      ['lane', 1, false],
      ['under', 2, false],
      ['empty', 4, false],
    ],
  );
  assert.equal(found[3].headed, true);
  assert.deepEqual(splitIn(partition, lanes, 1), { lanes: 1, chiefs: 1 });
  assert.deepEqual(splitIn(partition, lanes, 3), { lanes: 0, chiefs: 0 });
  const unheaded = lanes.map((lane) => ({ ...lane, headed: false }));
  assert.deepEqual(splitIn(partition, unheaded, 2), { lanes: 1, chiefs: 0 });
  const open = () => true;
  assert.deepEqual(repairOf(partition, found[0], open), [{ units: [0], to: 1 }]);
  assert.deepEqual(repairOf(partition, found[1], open), [{ units: [5], to: 2 }]);
  assert.deepEqual(
    repairOf(partition, found[1], (no) => no !== 2),
    [{ units: [5], to: 3 }],
  );
  assert.deepEqual(repairOf(partition, found[2], open), []);
});

test('neighbours never have the same fill, and a cell keeps its own', () => {
  const fabric = board(12, 12);
  const label = (place) =>
    1 + 4 * Math.floor(Math.floor(place / 12) / 3) + Math.floor((place % 12) / 3);
  const partition = openPartition(
    fabric,
    Array.from({ length: 144 }, (_, place) => label(place)),
  );
  const numbers = Array.from({ length: 16 }, (_, i) => i + 1);
  const fills = fillsOf(partition, numbers);
  for (const no of numbers) {
    for (const other of partition.neighbours(no).keys()) {
      assert.notEqual(fills.get(no), fills.get(other));
    }
  }
  assert.deepEqual(fillsOf(partition, numbers, fills), fills);
});

test('a bundle is read as the server writes it', () => {
  const header = {
    size: 2,
    uids: ['B1', 'L2'],
    arrays: { households: { type: 'int32', offset: 0, length: 2 } },
  };
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - ((8 + text.length) % 8)) % 8);
  const bytes = new Uint8Array(8 + text.length + 8);
  bytes.set(new TextEncoder().encode('GMF1'));
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(new TextEncoder().encode(text), 8);
  new Int32Array(bytes.buffer, 8 + text.length, 2).set([7, 9]);
  const fabric = readBundle(bytes.buffer);
  assert.deepEqual([fabric.size, [...fabric.households]], [2, [7, 9]]);
  assert.throws(() => readBundle(new ArrayBuffer(16)));
});

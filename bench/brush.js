/** Times the planner's brush: ten units change cell, every figure and the contiguity of the cells touched
 * are worked out anew, as on the page. Run by bench/brush.py. */

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

import { readBundle } from '../gridmap/static/gridmap/fabric.js';
import { openPartition } from '../gridmap/static/gridmap/partition.js';

const STEPS = 5000;
const UNITS = 10; // of a step
const TARGET = 400; // households of a cell
const LIMIT = 1; // milliseconds, of the 99th in a hundred

const [, , name, path] = process.argv;
const bytes = readFileSync(path);
const fabric = readBundle(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

/** Cells grown unit by unit until each has its households. */
function grown() {
  const labels = new Int16Array(fabric.size);
  let cell = 0;
  for (let from = 0; from < fabric.size; from += 1) {
    if (labels[from] !== 0) continue;
    cell += 1;
    labels[from] = cell;
    const units = [from];
    let households = fabric.households[from];
    for (const here of units) {
      for (let p = fabric.start[here]; p < fabric.start[here + 1]; p += 1) {
        const there = fabric.neighbour[p];
        if (labels[there] !== 0 || households >= TARGET) continue;
        labels[there] = cell;
        households += fabric.households[there];
        units.push(there);
      }
    }
  }
  return { labels, cells: cell };
}

let state = 12_345;
const roll = () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return state / 0x7fffffff;
};

const { labels, cells } = grown();
const partition = openPartition(fabric, labels);
const now = partition.labels;
const times = [];
while (times.length < STEPS) {
  const unit = Math.floor(roll() * fabric.size);
  let to = 0;
  for (let p = fabric.start[unit]; p < fabric.start[unit + 1]; p += 1) {
    if (now[fabric.neighbour[p]] !== now[unit]) to = now[fabric.neighbour[p]];
  }
  if (to === 0) continue;
  const near = [unit];
  const met = new Set(near);
  for (const here of near) {
    if (near.length >= UNITS) break;
    for (let p = fabric.start[here]; p < fabric.start[here + 1]; p += 1) {
      const there = fabric.neighbour[p];
      if (near.length < UNITS && !met.has(there)) {
        met.add(there);
        near.push(there);
      }
    }
  }
  const began = performance.now();
  const change = partition.set(near, to);
  for (const no of new Set([to, ...change.old])) partition.figures(no);
  times.push(performance.now() - began);
  // Every other step is taken back, so that the cells stay of a usual size.
  if (times.length % 2) partition.set(change.places, change.old);
}
times.sort((one, two) => one - two);
const at = (share) => times[Math.floor(share * times.length)].toFixed(3);
const row = [
  name.padEnd(6),
  String(fabric.size).padStart(8),
  String(cells).padStart(7),
  String(STEPS).padStart(7),
  at(0.5).padStart(9),
  at(0.99).padStart(9),
  times[times.length - 1].toFixed(3).padStart(10),
  LIMIT.toFixed(3).padStart(10),
];
process.stdout.write(`${row.join('')}\n`);

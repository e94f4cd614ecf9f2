/** The axis of percent of the charts. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { ends } from '../../gridmap/static/gridmap/charts.js';

test('an axis holds its shares between whole tens', () => {
  assert.deepEqual(ends([84.4, 91.5]), [80, 100]);
  assert.deepEqual(ends([0, 33.6]), [0, 40]);
  assert.deepEqual(ends([71.2, null, 79.9]), [70, 80]);
});

test('an axis has a length where all shares are the same, and never leaves 0 to 100', () => {
  assert.deepEqual(ends([100, 100]), [90, 100]);
  assert.deepEqual(ends([0]), [0, 10]);
  assert.deepEqual(ends([80]), [80, 90]);
});

test('without a share it is the whole axis', () => {
  assert.deepEqual(ends([]), [0, 100]);
  assert.deepEqual(ends([null]), [0, 100]);
});

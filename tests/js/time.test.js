/** The time range of the incidents. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { covered, daysBefore } from '../../gridmap/static/gridmap/days.js';

const DAYS = ['2026-10-01', '2026-10-02', '2026-10-03', '2026-10-04'];

test('days are counted back across months and leap years', () => {
  assert.equal(daysBefore('2026-11-03', 6), '2026-10-28');
  assert.equal(daysBefore('2028-03-01', 1), '2028-02-29');
});

test('without a range no bar is marked', () => {
  assert.equal(covered(DAYS, null, null), null);
  assert.equal(covered([], '2026-10-01', null), null);
});

test('a range marks the bars it covers', () => {
  assert.deepEqual(covered(DAYS, '2026-10-02', '2026-10-03'), [1, 2]);
  assert.deepEqual(covered(DAYS, '2026-10-03', null), [2, 3]);
  assert.deepEqual(covered(DAYS, null, '2026-10-01'), [0, 0]);
});

test('a range before or after all bars marks none', () => {
  assert.equal(covered(DAYS, '2026-11-01', null), null);
  assert.equal(covered(DAYS, null, '2026-09-01'), null);
});

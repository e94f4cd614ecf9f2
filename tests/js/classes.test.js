/** The fixed classes of the overlays. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  byLight,
  COMMUNITY_STEPS,
  inTime,
  offices,
  shade,
  shadeNames,
  total,
  vacancies,
} from '../../gridmap/static/gridmap/classes.js';

test('the shades are 0, 1–3, 4–6, 7–9 and ten or more', () => {
  const counts = [0, 1, 3, 4, 6, 7, 9, 10, 250];
  assert.deepEqual(
    counts.map((n) => shade(n)),
    [0, 1, 1, 2, 2, 3, 3, 4, 4],
  );
  assert.deepEqual(shadeNames(), ['0', '1–3', '4–6', '7–9', '≥10']);
});

test('a community has wider steps of the same shades', () => {
  assert.deepEqual(shadeNames(COMMUNITY_STEPS), ['0', '1–9', '10–19', '20–39', '≥40']);
  assert.equal(shade(39, COMMUNITY_STEPS), 3);
});

test('the four lights add up to what is open', () => {
  const lights = byLight({ open: 9, soon: 2, late: 1, parked: 1 });
  assert.deepEqual(lights, { late: 1, soon: 2, ok: 5, parked: 1 });
  assert.deepEqual(byLight({}), { late: 0, soon: 0, ok: 0, parked: 0 });
});

test('a stretch due today is still in time, one over its interval or never seen is not', () => {
  const values = { l0: 3, l1: 2, l2: 2, l3: 1, l4: 3, l5: 2, l6: 1 };
  assert.deepEqual(inTime(values), { seen: 11, all: 14, share: 79 });
});

test('with fewer than five stretches no percentage is given', () => {
  assert.deepEqual(inTime({ l0: 4 }), { seen: 4, all: 4, share: null });
  assert.equal(inTime({ l0: 4, l6: 1 }).share, 80);
});

test('vacancies are those of the three rungs', () => {
  const values = { s_vacant: 1, n_vacant: 2, b_vacant: 3, b_substitute: 9 };
  assert.equal(vacancies(values), 6);
  assert.deepEqual(offices(values, 'building'), [0, 9, 0, 3]);
});

test('values of several cells add up, column by column', () => {
  assert.deepEqual(total([{ open: 1, late: 1 }, { open: 2 }, {}]), { open: 3, late: 1 });
});

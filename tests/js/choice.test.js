/** Several cells at a time, and the order in which the signs are walked. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pick } from '../../gridmap/static/gridmap/panels/picked.js';
import { stops } from '../../gridmap/static/gridmap/panels/walk.js';
import { createStore } from '../../gridmap/static/gridmap/store.js';

test('the selected cell counts as chosen, and one that is left is selected again', () => {
  const store = createStore({ cell: 3 });
  pick(store, 5);
  assert.deepEqual([store.get('cell'), store.get('picked')], [null, [3, 5]]);
  pick(store, 7);
  pick(store, 3);
  assert.deepEqual(store.get('picked'), [5, 7]);
  pick(store, 5);
  assert.deepEqual([store.get('cell'), store.get('picked')], [7, []]);
});

const at = (id, light, lng, due = null) => [
  id,
  { id, light, lng, lat: 26, due, cell: 1, title: `t${id}`, category: null, filed: '' },
];

test('signs in view are walked by urgency: overdue, then least time left', () => {
  const state = createStore({
    view: { zoom: 17, lng: 117, lat: 26 },
    box: [116.9, 25.9, 117.1, 26.1],
    cells: new Map([[1, { id: 1, community: 4, subdistrict: 2 }]]),
    incidents: new Map([
      at(1, 'ok', 117),
      at(2, 'late', 117, '2026-01-02'),
      at(3, 'late', 117, '2026-01-01'),
      at(4, 'late', 118, '2025-01-01'),
      at(5, 'soon', 117.05),
    ]),
  }).all();
  assert.deepEqual(
    stops(state).map(({ open }) => open.incident),
    [3, 2, 5, 1],
  );
  assert.equal(stops({ ...state, community: 9 }).length, 0, 'in the area chosen only');
  assert.equal(stops({ ...state, view: { zoom: 15, lng: 117, lat: 26 } }).length, 0);
  assert.equal(stops({ ...state, overlay: 'coverage' }).length, 0);
});

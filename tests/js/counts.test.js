/** The legend: counts in view and in scope, and their sum. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { byCommunity, counted, figures, inScope } from '../../gridmap/static/gridmap/counts.js';
import { shapes as entrances } from '../../gridmap/static/gridmap/draw/entrances.js';
import { shapes } from '../../gridmap/static/gridmap/draw/incidents.js';
import { areaLabels, cellLabels, figure } from '../../gridmap/static/gridmap/draw/labels.js';
import { createStore } from '../../gridmap/static/gridmap/store.js';

/** Three cells in a row: two of community 5, one of community 6 in another subdistrict. */
const cell = (id, community, subdistrict, values) => ({
  id,
  code: `35040400100500${id}`,
  name: `第${id}网格`,
  kind: 'basic',
  community,
  communityName: community === 5 ? '三路社区' : '四路社区',
  subdistrict,
  lng: 117 + id / 100,
  lat: 26,
  values,
});

const toy = () =>
  createStore({
    cells: new Map([
      [1, cell(1, 5, 1, { open: 9, soon: 2, late: 1, parked: 1, l0: 5, l5: 1, b_vacant: 2 })],
      [2, cell(2, 5, 1, { open: 0, soon: 0, late: 0, parked: 0, l0: 2 })],
      [3, cell(3, 6, 2, { open: 12, soon: 0, late: 12, parked: 0, l6: 9 })],
    ]),
    incidents: new Map([
      [71, { id: 71, lng: 117.01, lat: 26, light: 'late', category: 3, cell: 1 }],
      [72, { id: 72, lng: 117.03, lat: 26, light: 'ok', category: 4, cell: 3 }],
      [73, { id: 73, lng: 117.09, lat: 26, light: 'ok', category: 4, cell: null }],
    ]),
  });

test('the legend counts what is in view', () => {
  const { lights, open, shades } = figures(counted(toy().all(), [117, 25, 117.025, 27]));
  assert.equal(open, 9);
  assert.deepEqual(lights, { late: 1, soon: 2, ok: 5, parked: 1 });
  assert.deepEqual(shades, [1, 0, 0, 1, 0]);
});

test('the lights add up to the title, everywhere', () => {
  const { lights, open } = figures(counted(toy().all(), null));
  assert.equal(
    Object.values(lights).reduce((sum, n) => sum + n, 0),
    open,
  );
  assert.equal(open, 21);
});

test('the legend counts what the filters leave', () => {
  const store = toy();
  store.set({ community: 6 });
  assert.equal(figures(counted(store.all(), null)).open, 12);
  store.set({ community: null, subdistrict: 1 });
  assert.equal(figures(counted(store.all(), null)).open, 9);
});

test('a community is narrower than its subdistrict', () => {
  const one = cell(1, 5, 1, null);
  assert.ok(inScope(one, { community: 5, subdistrict: 9 }));
  assert.ok(!inScope(one, { community: 6, subdistrict: 1 }));
});

test('a cell without values is not counted as zero', () => {
  const store = createStore({ cells: new Map([[1, cell(1, 5, 1, null)]]) });
  assert.deepEqual(counted(store.all(), null), []);
  assert.equal(figure('incidents', null, 0), '');
});

test('cells are grouped by community', () => {
  const groups = byCommunity([...toy().get('cells').values()]);
  assert.deepEqual(
    [...groups].map(([id, cells]) => [id, cells.length]),
    [
      [5, 2],
      [6, 1],
    ],
  );
});

test('the label of a cell says what the overlay asks', () => {
  const [one, two, three] = [...toy().get('cells').values()].map(({ values }) => values);
  assert.equal(figure('incidents', one, 0), '9 件');
  assert.equal(figure('coverage', one, 0), '83% 按要求');
  assert.equal(figure('coverage', two, 0), '巷段太少，不计');
  assert.equal(figure('coverage', three, 0), '0% 按要求');
  assert.equal(figure('chiefs', one, 0), '缺 2');
  assert.equal(figure('chiefs', two, 0), '齐');
  assert.equal(figure('party', one, 5), '5 家');
  assert.equal(figure('party', one, 0), '');
});

test('labels outside the area chosen are not written', () => {
  const store = toy();
  store.set({ community: 6, cell: 3 });
  const names = cellLabels(store.all(), new Map()).features.map((f) => f.properties.cell);
  assert.deepEqual(names, [3]);
});

test('a community shows its sum in a ring split by light', () => {
  const [first, second] = areaLabels(toy().all(), new Map()).features;
  assert.equal(first.properties.ring, 'ring-1-2-5-1');
  assert.equal(second.properties.ring, 'ring-12-0-0-0');
});

test('a class chosen in the legend fades the other signs', () => {
  const store = toy();
  store.set({ classes: ['late'] });
  const dim = shapes(store.all()).features.map((f) => [f.id, f.properties.dim]);
  assert.deepEqual(dim, [
    [71, false],
    [72, true],
    [73, true],
  ]);
});

test('an incident outside every cell is shown until an area is chosen', () => {
  const store = toy();
  assert.equal(shapes(store.all()).features.length, 3);
  store.set({ subdistrict: 2 });
  assert.deepEqual(
    shapes(store.all()).features.map((f) => f.id),
    [72],
  );
  store.set({ category: 3 });
  assert.deepEqual(shapes(store.all()).features, []);
});

test('an entrance is drawn in its class, and fades when the legend keeps another', () => {
  const doors = [
    { id: 1, lng: 117, lat: 26, class: 5, days: 20, interval: 14 },
    { id: 2, lng: 117, lat: 26, class: 0, days: 0, interval: 14 },
  ];
  const dim = (classes) => entrances(doors, { classes }).features.map((f) => f.properties.dim);
  assert.deepEqual(dim([]), [false, false]);
  assert.deepEqual(dim(['f5']), [false, true]);
  assert.deepEqual(dim(['b3']), [false, false], 'a class of another overlay');
  assert.deepEqual(entrances(doors, { classes: [] }).features[0].properties.class, 5);
});

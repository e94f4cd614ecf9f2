/** The feeds: tickets renewed once, and live changes equal to a fresh load. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  incidentsOf,
  openFeeds,
  valuesByCell,
  withChanges,
  withQuery,
  withValues,
} from '../../gridmap/static/gridmap/feeds.js';
import { cellsOf } from '../../gridmap/static/gridmap/load.js';

const COLUMNS = ['open', 'soon', 'late', 'parked'];

const labels = {
  cells: [1, 2].map((id) => ({
    id,
    code: `35040400100100${id}`,
    name: '第一网格',
    kind: 'basic',
    community: 5,
    community_name: '三路社区',
    subdistrict: 2,
    lng: 117,
    lat: 26,
  })),
};

const cellsWith = (rows) =>
  withValues(cellsOf(labels), valuesByCell({ columns: COLUMNS, cells: rows }));

const feature = (id, light, more = {}) => ({
  type: 'Feature',
  id,
  geometry: { type: 'Point', coordinates: [117, 26] },
  properties: {
    light,
    category: 3,
    cell: 1,
    title: '井盖破损',
    due: null,
    filed_at: null,
    ...more,
  },
});

const answer = (status, body) => new Response(JSON.stringify(body), { status });

test('values loaded, then changed live, equal values loaded afresh', () => {
  const live = withValues(
    cellsWith([
      [1, 3, 0, 0, 0],
      [2, 5, 1, 0, 0],
    ]),
    valuesByCell({ columns: COLUMNS, cells: [[1, 4, 1, 0, 0]] }),
  );
  const fresh = cellsWith([
    [1, 4, 1, 0, 0],
    [2, 5, 1, 0, 0],
  ]);
  assert.deepEqual(live, fresh);
});

test('incidents loaded, then changed live, equal incidents loaded afresh', () => {
  const before = incidentsOf({ features: [feature(1, 'ok'), feature(2, 'soon')] });
  const live = withChanges(before, [
    { id: 1, lng: 117, lat: 26, light: 'late', category: 3, cell: 1, open: true },
    { id: 2, lng: null, lat: null, light: null, category: null, cell: null, open: false },
  ]);
  assert.deepEqual(live, incidentsOf({ features: [feature(1, 'late')] }));
});

test('a new incident arrives without its words and is drawn all the same', () => {
  const next = withChanges(new Map(), [
    { id: 9, lng: 117, lat: 26, light: 'ok', category: 3, cell: 1, open: true },
  ]);
  assert.deepEqual(next.get(9), {
    id: 9,
    lng: 117,
    lat: 26,
    light: 'ok',
    category: 3,
    cell: 1,
    title: '',
    filed: '',
    due: null,
  });
});

test('a change leaves the maps it came from alone', () => {
  const before = cellsWith([[1, 3, 0, 0, 0]]);
  withValues(before, valuesByCell({ columns: COLUMNS, cells: [[1, 9, 9, 9, 9]] }));
  assert.equal(before.get(1).values.open, 3);
});

test('values of a cell that is not on the map are passed over', () => {
  const cells = cellsWith([[99, 1, 1, 1, 1]]);
  assert.deepEqual([...cells.keys()], [1, 2]);
  assert.equal(cells.get(1).values, null);
});

test('an ended ticket is renewed once and the request repeated', async () => {
  const asked = [];
  let renewed = 0;
  const feeds = openFeeds({
    fetch: async (path) => {
      asked.push(path);
      return asked.length === 1
        ? answer(401, { code: 'TicketExpired' })
        : answer(200, { ok: true });
    },
    renew: async () => {
      renewed += 1;
    },
  });
  assert.deepEqual(await feeds.json('/feeds/overlay', { city: 'toy', since: null }), { ok: true });
  assert.deepEqual(asked, ['/feeds/overlay?city=toy', '/feeds/overlay?city=toy']);
  assert.equal(renewed, 1);
});

test('two requests refused together share one renewal', async () => {
  let fresh = false;
  let renewed = 0;
  const feeds = openFeeds({
    fetch: async () => (fresh ? answer(200, {}) : answer(401, { code: 'NoTicket' })),
    renew: async () => {
      renewed += 1;
      await Promise.resolve();
      fresh = true;
    },
  });
  await Promise.all([feeds.json('/a'), feeds.json('/b')]);
  assert.equal(renewed, 1);
});

test('a refusal that no ticket cures is thrown with its code', async () => {
  const feeds = openFeeds({
    fetch: async () => answer(404, { code: 'OutOfScope', message: '没有这座城市' }),
    renew: () => assert.fail('renewed'),
  });
  await assert.rejects(feeds.json('/feeds/overlay'), {
    code: 'OutOfScope',
    status: 404,
    message: '没有这座城市',
  });
});

test('a network that is gone is said as such', async () => {
  const feeds = openFeeds({
    fetch: async () => {
      throw new TypeError('Failed to fetch');
    },
    renew: () => assert.fail('renewed'),
  });
  await assert.rejects(feeds.bytes('/feeds/tiles/x'), { code: 'NoNetwork', status: 0 });
});

test('empty filters do not stand in the address', () => {
  assert.equal(withQuery('/a', { b: null, c: '', d: 0, e: 'x y' }), '/a?d=0&e=x+y');
});

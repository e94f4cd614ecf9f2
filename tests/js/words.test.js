/** Numbers and dates as they stand on the page, and the small sums behind the panels. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaPath, chosenCity } from '../../gridmap/static/gridmap/boot.js';
import { sorted } from '../../gridmap/static/gridmap/panels/list.js';
import { selection } from '../../gridmap/static/gridmap/panels/search.js';
import {
  area,
  asOf,
  asofWords,
  distance,
  grouped,
  number,
  percent,
  stamp,
  t,
  tn,
  useMoment,
  useZone,
  when,
} from '../../gridmap/static/gridmap/words.js';

const NOW = new Date('2026-10-10T01:40:00Z'); // 09:40 in Sanming

test('thousands are set apart by a thin space, and what is not known is no zero', () => {
  assert.equal(number(999), '999');
  assert.equal(number(1062), '1\u2009062');
  assert.equal(number(13_629_000), '13\u2009629\u2009000');
  assert.equal(number(null), '—');
  assert.equal(percent(11, 14), '79%');
  assert.equal(percent(0, 0), '—');
});

test('a moment near today is said by its day, in the town\u2019s own time', () => {
  assert.equal(stamp(NOW), '2026-10-10 09:40');
  assert.equal(when('2026-10-10T07:00:00Z', NOW), '今天 15:00');
  assert.equal(when('2026-10-10T16:30:00Z', NOW), '明天 00:30');
  assert.equal(when('2026-10-08T16:30:00Z', NOW), '昨天 00:30');
  assert.equal(when('2026-10-12T01:10:00Z', NOW), '10-12 09:10');
  assert.equal(when('2025-12-31T15:59:00Z', NOW), '2025-12-31 23:59');
});

test('another city tells its own time', () => {
  useZone('America/Chicago');
  try {
    assert.equal(stamp(NOW), '2026-10-09 20:40');
    assert.equal(when('2026-10-10T07:00:00Z', NOW), '明天 02:00');
  } finally {
    useZone('Asia/Shanghai');
  }
});

test('time left and time over are said in hours up to two days, then in days', () => {
  assert.equal(distance('2026-10-10T02:00:00Z', NOW), '不到 1 小时');
  assert.equal(distance('2026-10-10T04:40:00Z', NOW), '还有 3 小时');
  assert.equal(distance('2026-10-13T01:40:00Z', NOW), '还有 3 天');
  assert.equal(distance('2026-10-09T22:40:00Z', NOW), '超期 3 小时');
  assert.equal(distance('2026-10-06T01:40:00Z', NOW), '超期 4 天');
});

test('areas and codes are written as officials write them', () => {
  assert.equal(area(8_400), '8\u2009400 平方米');
  assert.equal(area(32_000), '3.2 公顷');
  assert.equal(grouped('350404001005008'), '350404\u2009001\u2009005\u2009008');
});

test('the catalogue speaks when there is one', () => {
  assert.equal(t('任期至 %(day)s', { day: '2027-06-30' }), '任期至 2027-06-30');
  globalThis.gettext = (text) => (text === '任期至 %(day)s' ? 'until %(day)s' : text);
  globalThis.ngettext = (_one, _many, n) => (n === 1 ? '%(n)s cell' : '%(n)s cells');
  try {
    assert.equal(t('任期至 %(day)s', { day: '2027-06-30' }), 'until 2027-06-30');
    assert.equal(tn('%(n)s 个网格', 1), '1 cell');
    assert.equal(tn('%(n)s 个网格', 1062), '1\u2009062 cells');
  } finally {
    delete globalThis.gettext;
    delete globalThis.ngettext;
  }
});

const TOY = {
  slug: 'toy',
  name: '玩具城',
  subdistricts: [{ id: 1, name: '列东街道', communities: [{ id: 7, name: '甲社区', own: true }] }],
};

test('the path of an area runs from the city to what is chosen', () => {
  assert.deepEqual(areaPath(TOY, { subdistrict: null, community: null }), ['玩具城']);
  assert.deepEqual(areaPath(TOY, { subdistrict: 1, community: null }), ['玩具城', '列东街道']);
  assert.deepEqual(areaPath(TOY, { subdistrict: null, community: 7 }), [
    '玩具城',
    '列东街道',
    '甲社区',
  ]);
  assert.deepEqual(areaPath(TOY, { subdistrict: 99, community: 99 }), ['玩具城']);
  assert.deepEqual(areaPath(undefined, { subdistrict: 1, community: 7 }), []);
});

test('the address names the city before the own one, and a strange name is passed over', () => {
  const boot = { cities: [{ slug: 'a' }, { slug: 'b' }], home: { city: 'b' } };
  assert.equal(chosenCity(boot, '?city=a').slug, 'a');
  assert.equal(chosenCity(boot, '').slug, 'b');
  assert.equal(chosenCity(boot, '?city=zz').slug, 'a');
  assert.equal(chosenCity({ cities: [], home: {} }, ''), undefined);
});

test('cells are sorted by a figure; equal ones and unknown ones stand by their code', () => {
  const cell = (code, values) => ({ code, values });
  const cells = [
    cell('003', { open: 2, late: 0 }),
    cell('001', null),
    cell('002', { open: 9, late: 1 }),
    cell('004', { open: 2, late: 0 }),
  ];
  const codes = (column, down) => sorted(cells, { column, down }).map(({ code }) => code);
  assert.deepEqual(codes('open', true), ['002', '003', '004', '001']);
  assert.deepEqual(codes('late', true), ['002', '001', '003', '004']);
  assert.deepEqual(codes('name', false), ['001', '002', '003', '004']);
});

test('a hit opens what it is', () => {
  const hit = (kind) => selection({ kind, id: 5, cell: 8, title: '', area: '', lng: 0, lat: 0 });
  assert.equal(hit('building').building, 5);
  assert.equal(hit('building').cell, 8);
  assert.equal(hit('cell').cell, 5);
  assert.equal(hit('incident').incident, 5);
  assert.equal(hit('chief').overlay, 'chiefs');
  assert.equal(hit('party_unit').overlay, 'party');
});

test('a day of the past begins at the town\u2019s own midnight, and distances count from it', () => {
  useMoment('2026-10-01');
  assert.equal(asOf(), '2026-09-30T16:00:00Z');
  assert.equal(distance('2026-09-30T13:00:00Z'), '超期 3 小时');
  useZone('America/New_York');
  useMoment('2026-11-01T12:00'); // the clocks were changed that morning
  assert.equal(asOf(), '2026-11-01T17:00:00Z');
  useZone('Asia/Shanghai');
  useMoment(null);
  assert.equal(asOf(), null);
  assert.equal(asofWords('2026-03-01T00:00'), '2026-03-01');
  assert.equal(asofWords('2026-03-01T12:00'), '2026-03-01 12:00');
});

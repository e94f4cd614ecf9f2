/** Names of places in English: whole, with a number, at a corner; everything else as it is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place, placeOf, spell, useNames } from '../../gridmap/static/gridmap/names.js';

const NAMES = { 榕树巷: 'Rongshu Xiang', 明珠花园: 'Mingzhu Huayuan', 第八网格: 'Cell 8' };

test('without a dictionary names stay as they are', () => {
  useNames({});
  assert.equal(place('榕树巷'), '榕树巷');
  assert.deepEqual(placeOf('name'), ['get', 'name']);
});

test('a name is spelled with its number and its unit', () => {
  useNames(NAMES);
  assert.equal(place('榕树巷'), 'Rongshu Xiang');
  assert.equal(place('榕树巷 12 号'), 'No. 12 Rongshu Xiang');
  assert.equal(place('榕树巷12号'), 'No. 12 Rongshu Xiang');
  assert.equal(place('明珠花园 5 幢'), 'Mingzhu Huayuan, Bldg 5');
  assert.equal(place('榕树巷口'), 'Rongshu Xiang corner');
  for (const other of ['石坎巷', '石坎巷 3 号', '12', 'toString', '', '榕树巷 12 号旁']) {
    assert.equal(place(other), other);
  }
});

test('in an answer only what names a place is spelled', () => {
  useNames(NAMES);
  const answer = {
    name: '第八网格',
    code: '榕树巷',
    text: '榕树巷',
    holders: [{ name: '林小满' }],
    worst: [{ name: '榕树巷', start: '榕树巷口', days: null }],
  };
  assert.deepEqual(spell(answer), {
    name: 'Cell 8',
    code: '榕树巷',
    text: '榕树巷',
    holders: [{ name: '林小满' }],
    worst: [{ name: 'Rongshu Xiang', start: 'Rongshu Xiang corner', days: null }],
  });
  useNames({});
  assert.equal(spell(answer), answer);
});

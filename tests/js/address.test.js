/** Every state of the map has a link, and a link opens the same state. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  bindAddress,
  readAddress,
  readView,
  writeAddress,
  writeView,
} from '../../gridmap/static/gridmap/address.js';
import { createStore } from '../../gridmap/static/gridmap/store.js';

const NOTHING = {
  overlay: 'incidents',
  cell: null,
  building: null,
  incident: null,
  subdistrict: null,
  community: null,
  category: null,
  since: null,
  until: null,
  asof: null,
  picked: [],
  light: null,
  classes: [],
  panel: null,
  duty: null,
  ruling: null,
  border: null,
};

const FULL = {
  ...NOTHING,
  overlay: 'coverage',
  cell: 153,
  building: 9,
  community: 8,
  category: 4,
  since: '2026-10-01',
  until: '2026-10-31',
  asof: '2026-03-01T12:00',
  picked: [4, 9],
  light: 'late',
  classes: ['f5', 'f6'],
  panel: 'card',
  duty: 'rulings',
  ruling: 7,
  border: '12-0',
  view: { zoom: 17.2, lat: 26.2701, lng: 117.6402 },
};

/** A browser's history in a few lines. */
function browser(href) {
  const stack = [new URL(href)];
  const listeners = new Set();
  const page = {
    get location() {
      return stack.at(-1);
    },
    history: {
      pushState: (_state, _title, path) => stack.push(new URL(path, stack.at(-1))),
      replaceState: (_state, _title, path) => stack.push(new URL(path, stack.pop())),
    },
    addEventListener: (_name, fn) => listeners.add(fn),
    removeEventListener: (_name, fn) => listeners.delete(fn),
    back() {
      stack.pop();
      for (const fn of listeners) fn();
    },
    depth: () => stack.length,
  };
  return page;
}

test('a state written and read again is the same', () => {
  const written = new URL(writeAddress(FULL), 'http://town/');
  assert.deepEqual(readAddress(written), FULL);
});

test('an empty address is the plain map', () => {
  assert.deepEqual(readAddress({ search: '', hash: '' }), NOTHING);
  assert.equal(writeAddress(NOTHING), '?');
});

test('other parts of the query stay', () => {
  const written = writeAddress({ ...NOTHING, cell: 5 }, '?city=sanming&cell=4');
  assert.equal(written, '?city=sanming&cell=5');
});

test('what makes no sense in a link is left out', () => {
  const search = '?overlay=weather&cell=-3&building=1e9&since=2026-13-45&light=red&panel=all';
  assert.deepEqual(readAddress({ search, hash: '#17/x/y' }), NOTHING);
});

for (const hash of ['', '#', '#17/26', '#17/95/117', '#17/26/190', '#99/26/117', '#a/b/c', '#//']) {
  test(`no view is read from "${hash}"`, () => assert.equal(readView(hash), null));
}

test('a view keeps five decimals, a metre', () => {
  const view = { zoom: 17.256, lat: 26.27012345, lng: 117.64 };
  assert.equal(writeView(view), '#17.26/26.27012/117.64000');
});

test('choosing is a step that back undoes, moving the map is none', () => {
  const page = browser('http://town/?city=sanming');
  const store = createStore(readAddress(page.location));
  const stop = bindAddress(store, page);
  store.set({ view: { zoom: 16, lat: 26, lng: 117 } });
  assert.equal(page.depth(), 1);
  store.set({ cell: 153, panel: 'card' }, { history: 'push' });
  store.set({ cell: 154 }, { history: 'push' });
  assert.equal(page.depth(), 3);
  page.back();
  assert.equal(store.get('cell'), 153);
  page.back();
  assert.equal(store.get('cell'), null);
  assert.equal(store.get('panel'), null);
  assert.deepEqual(store.get('view'), { zoom: 16, lat: 26, lng: 117 });
  stop();
});

test('live changes do not touch the address', () => {
  const page = browser('http://town/');
  const store = createStore(readAddress(page.location));
  bindAddress(store, page);
  store.set({ cell: 3 }, { history: null });
  assert.equal(page.location.search, '');
});

test('going back does not tell of lists and views that stayed equal', () => {
  const page = browser('http://town/?classes=f5#16/26.00000/117.00000');
  const store = createStore(readAddress(page.location));
  bindAddress(store, page);
  store.set({ cell: 3 }, { history: 'push' });
  const told = [];
  store.on(['cell', 'classes', 'view'], (_state, changed) => told.push(...changed));
  page.back();
  assert.deepEqual(told, ['cell']);
});

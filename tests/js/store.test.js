/** The page's state: changes are told once, to those who asked. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createStore } from '../../gridmap/static/gridmap/store.js';

test('a listener hears once of a patch that changes two of its keys', () => {
  const store = createStore();
  const heard = [];
  store.on(['cell', 'panel'], (state, changed) =>
    heard.push([state.cell, state.panel, [...changed]]),
  );
  store.set({ cell: 7, panel: 'card' });
  assert.deepEqual(heard, [[7, 'card', ['cell', 'panel']]]);
});

test('what does not change is not told', () => {
  const store = createStore({ cell: 7 });
  let times = 0;
  store.on('cell', () => {
    times += 1;
  });
  store.set({ cell: 7 });
  store.set({ community: 3 });
  assert.equal(times, 0);
});

test('a listener that changes something is heard after the present round', () => {
  const store = createStore();
  const order = [];
  store.on('community', () => {
    store.set({ cell: null });
    order.push('first');
  });
  store.on('community', () => order.push('second'));
  store.on('cell', () => order.push('cell'));
  store.set({ cell: 1 });
  store.set({ community: 3 });
  assert.deepEqual(order, ['cell', 'first', 'second', 'cell']);
});

test('one who stopped listening hears nothing more', () => {
  const store = createStore();
  let times = 0;
  const stop = store.on('cell', () => {
    times += 1;
  });
  store.set({ cell: 1 });
  stop();
  store.set({ cell: 2 });
  assert.equal(times, 1);
});

test('a listener that fails does not silence the store for ever', () => {
  const store = createStore();
  const stop = store.on('cell', () => {
    throw new Error('broken');
  });
  assert.throws(() => store.set({ cell: 1 }), /broken/);
  stop();
  let heard = null;
  store.on('cell', ({ cell }) => {
    heard = cell;
  });
  store.set({ cell: 2 });
  assert.equal(heard, 2);
});

test('an action reaches who does it, and nobody when nobody does', () => {
  const store = createStore();
  store.act('report', { lng: 1, lat: 2 });
  const done = [];
  const stop = store.does('report', (place) => done.push(place));
  store.act('report', { lng: 3, lat: 4 });
  stop();
  store.act('report', { lng: 5, lat: 6 });
  assert.deepEqual(done, [{ lng: 3, lat: 4 }]);
});

/** Small sums on the sphere. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  boxAround,
  holds,
  metresPerPixel,
  middleLine,
  middlemost,
  placeText,
  scaleBar,
} from '../../gridmap/static/gridmap/geo.js';

test('at 26° north a pixel of zoom 17 is a little over a metre, as ui.md says', () => {
  assert.ok(Math.abs(metresPerPixel(26.27, 17) - 1.07) < 0.005);
});

test('the scale bar is the longest round length that fits', () => {
  assert.deepEqual(scaleBar(1, 90), { metres: 50, pixels: 50 });
  assert.deepEqual(scaleBar(1.2, 90), { metres: 100, pixels: 100 / 1.2 });
  assert.deepEqual(scaleBar(0.25, 90), { metres: 20, pixels: 80 });
});

test('a box holds its edges', () => {
  const box = [0, 0, 2, 1];
  assert.ok(holds(box, { lng: 2, lat: 1 }));
  assert.ok(!holds(box, { lng: 2.01, lat: 1 }));
});

test('there is no box around nothing', () => {
  assert.equal(boxAround([]), null);
  const places = [
    { lng: 3, lat: 1 },
    { lng: 1, lat: 2 },
  ];
  assert.deepEqual(boxAround(places), [1, 1, 3, 2]);
});

test('the label of a community stands at its middlemost cell', () => {
  const cells = [
    { id: 1, lng: 0, lat: 0 },
    { id: 2, lng: 1, lat: 0.1 },
    { id: 3, lng: 2, lat: 0 },
  ];
  assert.equal(middlemost(cells).id, 2);
});

test('a place is copied with latitude first', () => {
  assert.equal(placeText({ lng: 117.6402, lat: 26.2701 }), '26.270100, 117.640200');
});

test('the middle of a straight river is a straight line', () => {
  const ring = [
    [0, 0],
    [4, 0],
    [4, 1],
    [0, 1],
    [0, 0],
  ];
  assert.deepEqual(middleLine(ring, 4), [
    [1, 0.5],
    [2, 0.5],
    [3, 0.5],
  ]);
  assert.deepEqual(middleLine([]), []);
});

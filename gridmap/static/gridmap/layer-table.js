/** The base map as a table of layers, bottom to top; every colour comes from the design tokens. */

/** @import { ExpressionSpecification, LayerSpecification } from 'maplibre-gl' */
/** @import { Palette } from './palette.js' */

import { metresPerPixel } from './geo.js';
import { placeOf } from './names.js';
import { language } from './words.js';

const SOURCE = 'town';
/** Zoom levels of the table are the library's: one less than those of ui.md. */
const ui = (/** @type {number} */ zoom) => zoom - 1;

/**
 * A width given in metres by the feature, in pixels at every zoom; never thinner than `least`.
 *
 * @param {number} lat of the city
 * @param {number} least pixels
 * @param {number} [more] pixels added on top, for a casing
 * @returns {ExpressionSpecification}
 */
export function metresWide(lat, least, more = 0) {
  const stop = (/** @type {number} */ zoom) =>
    /** @type {ExpressionSpecification} */ ([
      '+',
      more,
      ['max', least, ['/', ['coalesce', ['get', 'width'], 4], metresPerPixel(lat, zoom)]],
    ]);
  const stops = [13, 14, 15, 16, 17, 18, 19, 20, 21].flatMap((zoom) => [ui(zoom), stop(zoom)]);
  return /** @type {ExpressionSpecification} */ (['interpolate', ['linear'], ['zoom'], ...stops]);
}

/**
 * Land, water, green, streets and buildings.
 *
 * @param {Palette} palette
 * @param {number} lat of the city
 * @returns {LayerSpecification[]}
 */
export function ground({ color }, lat) {
  const kind = (/** @type {string[]} */ ...kinds) =>
    /** @type {ExpressionSpecification} */ (['in', ['get', 'kind'], ['literal', kinds]]);
  const round = /** @type {const} */ ({ 'line-cap': 'round', 'line-join': 'round' });
  return [
    { id: 'land', type: 'background', paint: { 'background-color': color('--m-land') } },
    {
      id: 'block',
      type: 'fill',
      source: SOURCE,
      'source-layer': 'communities',
      paint: { 'fill-color': color('--m-block'), 'fill-antialias': false },
    },
    {
      id: 'green',
      type: 'fill',
      source: SOURCE,
      'source-layer': 'ground',
      filter: kind('green'),
      paint: { 'fill-color': color('--m-green') },
    },
    {
      id: 'square',
      type: 'fill',
      source: SOURCE,
      'source-layer': 'ground',
      filter: kind('square', 'school_ground'),
      paint: { 'fill-color': color('--m-land'), 'fill-outline-color': color('--m-road-case') },
    },
    {
      id: 'lane-case',
      type: 'line',
      source: SOURCE,
      'source-layer': 'lanes',
      minzoom: ui(15),
      layout: round,
      paint: { 'line-color': color('--m-road-case'), 'line-width': metresWide(lat, 0.8, 1.6) },
    },
    {
      id: 'lane',
      type: 'line',
      source: SOURCE,
      'source-layer': 'lanes',
      minzoom: ui(15),
      layout: round,
      paint: { 'line-color': color('--m-road'), 'line-width': metresWide(lat, 0.8) },
    },
    {
      id: 'building',
      type: 'fill',
      source: SOURCE,
      'source-layer': 'buildings',
      minzoom: ui(16),
      paint: { 'fill-color': color('--m-bldg'), 'fill-outline-color': color('--m-bldg-line') },
    },
  ];
}

/**
 * Water lies on the shades of the overlays, for nobody governs it by the cell; bridges lie on it.
 *
 * @param {Palette} palette
 * @param {number} lat of the city
 * @returns {LayerSpecification[]}
 */
export function waterAndStreets({ color }, lat) {
  const round = /** @type {const} */ ({ 'line-cap': 'round', 'line-join': 'round' });
  return [
    {
      id: 'water',
      type: 'fill',
      source: SOURCE,
      'source-layer': 'ground',
      filter: ['==', ['get', 'kind'], 'water'],
      paint: { 'fill-color': color('--m-water') },
    },
    {
      id: 'street-case',
      type: 'line',
      source: SOURCE,
      'source-layer': 'streets',
      layout: round,
      paint: { 'line-color': color('--m-road-case'), 'line-width': metresWide(lat, 1.4, 1.8) },
    },
    {
      id: 'street',
      type: 'line',
      source: SOURCE,
      'source-layer': 'streets',
      layout: round,
      paint: { 'line-color': color('--m-road'), 'line-width': metresWide(lat, 1.4) },
    },
  ];
}

/**
 * Boundaries, and the veil over ground that is not asked for.
 *
 * @param {Palette} palette
 * @returns {{cells: LayerSpecification[], veil: LayerSpecification[],
 *   communities: LayerSpecification[]}}
 */
export function boundaries({ color, size }) {
  const join = /** @type {const} */ ({ 'line-join': 'round' });
  const chosen = /** @type {ExpressionSpecification} */ ([
    'boolean',
    ['feature-state', 'chosen'],
    false,
  ]);
  const width = size('--b-community-w');
  const cell = size('--b-cell-w');
  return {
    cells: [
      {
        // Drawn in nothing: what a click on the ground of a cell hits.
        id: 'cell-ground',
        type: 'fill',
        source: SOURCE,
        'source-layer': 'cells',
        minzoom: ui(15),
        paint: { 'fill-color': color('--m-land'), 'fill-opacity': 0 },
      },
      {
        id: 'cell-case',
        type: 'line',
        source: SOURCE,
        'source-layer': 'cells',
        minzoom: ui(15),
        layout: join,
        paint: {
          'line-color': color('--surface'),
          'line-opacity': 0.85,
          'line-width': ['interpolate', ['linear'], ['zoom'], ui(15), 1.6, ui(17), cell + 2.4],
        },
      },
      {
        id: 'cell-line',
        type: 'line',
        source: SOURCE,
        'source-layer': 'cells',
        minzoom: ui(15),
        layout: join,
        paint: {
          'line-color': color('--b-cell'),
          'line-width': ['interpolate', ['linear'], ['zoom'], ui(15), 0.7, ui(17), cell],
        },
      },
    ],
    veil: [
      {
        id: 'veil',
        type: 'fill',
        source: SOURCE,
        'source-layer': 'communities',
        paint: {
          'fill-color': color('--m-outside'),
          'fill-opacity': ['case', ['boolean', ['feature-state', 'outside'], false], 1, 0],
          'fill-antialias': false,
        },
      },
    ],
    communities: [
      {
        id: 'community-case',
        type: 'line',
        source: SOURCE,
        'source-layer': 'communities',
        layout: join,
        paint: {
          'line-color': color('--surface'),
          'line-width': ['interpolate', ['linear'], ['zoom'], ui(12), 2.4, ui(17), width + 2.4],
        },
      },
      {
        id: 'community-line',
        type: 'line',
        source: SOURCE,
        'source-layer': 'communities',
        layout: join,
        paint: {
          'line-color': color('--b-community'),
          'line-width': ['interpolate', ['linear'], ['zoom'], ui(12), 1, ui(17), width - 0.6],
        },
      },
      // The long dash is kept for the community chosen: two neighbours' dashes on one line would
      // fill each other's gaps.
      {
        id: 'community-chosen-case',
        type: 'line',
        source: SOURCE,
        'source-layer': 'communities',
        layout: join,
        paint: {
          'line-color': color('--surface'),
          'line-width': ['case', chosen, width + 3.5, 0],
        },
      },
      {
        id: 'community-chosen',
        type: 'line',
        source: SOURCE,
        'source-layer': 'communities',
        layout: join,
        paint: {
          'line-color': color('--b-community'),
          'line-dasharray': [14 / 3, 5 / 3],
          'line-width': ['case', chosen, width, 0],
        },
      },
    ],
  };
}

/**
 * Names along streets, lanes and the river, and house numbers.
 *
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function names({ color, font }) {
  const halo = { 'text-halo-color': color('--m-halo'), 'text-halo-width': 1.7 };
  // Chinese signs stand apart on a line, Latin letters do not.
  const apart = language() === 'zh' ? 0.16 : 0.03;
  return [
    {
      id: 'house-number',
      type: 'symbol',
      source: SOURCE,
      'source-layer': 'buildings',
      minzoom: ui(19),
      layout: { 'text-field': placeOf('label'), 'text-font': font, 'text-size': 11 },
      paint: { 'text-color': color('--m-label-2'), ...halo },
    },
    {
      id: 'lane-name',
      type: 'symbol',
      source: SOURCE,
      'source-layer': 'lanes',
      minzoom: ui(16.7),
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 600,
        'text-field': placeOf('name'),
        'text-font': font,
        'text-size': 12,
        'text-letter-spacing': apart,
        'text-max-angle': 30,
      },
      paint: { 'text-color': color('--m-label-2'), ...halo },
    },
    {
      id: 'street-name',
      type: 'symbol',
      source: SOURCE,
      'source-layer': 'streets',
      minzoom: ui(15.5),
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 600,
        'text-field': placeOf('name'),
        'text-font': font,
        'text-size': 13,
        'text-letter-spacing': apart,
        'text-max-angle': 30,
        'symbol-sort-key': ['-', 0, ['coalesce', ['get', 'width'], 0]],
      },
      paint: { 'text-color': color('--m-label'), ...halo },
    },
    {
      id: 'water-name',
      type: 'symbol',
      source: 'waters',
      minzoom: ui(13),
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 600,
        'text-field': ['get', 'name'],
        'text-font': font,
        'text-size': 17,
        'text-letter-spacing': language() === 'zh' ? 0.6 : 0.2,
        'text-max-angle': 30,
      },
      paint: { 'text-color': color('--m-water-ink'), ...halo },
    },
  ];
}

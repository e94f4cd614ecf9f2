/** Names and figures of cells, communities and subdistricts, with the ring of the far view. */

/** @import { LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { Feature, FeatureCollection } from 'geojson' */
/** @import { Palette } from '../palette.js' */
/** @import { Cell, State, Values } from '../store.js' */

import { byLight, inTime, LIGHTS, total, vacancies } from '../classes.js';
import { byCommunity, inScope, openWithin } from '../counts.js';
import { middlemost } from '../geo.js';
import { t, tn } from '../words.js';

const ui = (/** @type {number} */ zoom) => zoom - 1;

/** @returns {Record<string, SourceSpecification>} */
export function sources() {
  const empty = /** @type {SourceSpecification} */ ({
    type: 'geojson',
    data: { type: 'FeatureCollection', features: [] },
  });
  return { 'cell-labels': empty, 'area-labels': empty, waters: empty };
}

/** Pixels of a cell's name, and half the ground its two lines cover. */
const CELL_SIZE = 14;
const HALF = { x: 36, y: 18 };
/** Where a name may step to when signs lie on it, pixels, nearest first. */
const STEPS = [
  [0, 0],
  [0, -22],
  [0, 22],
  [-30, 0],
  [30, 0],
  [0, -38],
  [0, 38],
  [-30, -24],
  [30, 24],
];

/** Where the name of a community may stand beside its ring, best first; letters' heights away. */
const AROUND = [
  ...['top', [0, 1.65], 'bottom', [0, -1.65]],
  ...['left', [1.7, 0], 'right', [-1.7, 0]],
];

/** Layers that follow the switch 名称 of the layer menu. */
export const LAYERS = ['cell-digits', 'cell-name', 'community-name'];
/** Layers that stand for a whole area and may be clicked. */
export const HITS = ['cell-digits', 'community-name', 'community-ring'];

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function layers({ color, font, bold }) {
  const paint = {
    'text-color': color('--ink'),
    'text-halo-color': color('--m-halo'),
    'text-halo-width': 2.7,
  };
  /** @type {any} two lines: the name, and what the overlay says of it */
  const twoLines = [
    'case',
    ['==', ['get', 'figure'], ''],
    ['format', ['get', 'name'], { 'text-font': ['literal', bold] }],
    [
      'format',
      ['get', 'name'],
      { 'text-font': ['literal', bold] },
      '\n',
      {},
      ['get', 'figure'],
      { 'text-font': ['literal', font], 'font-scale': 0.93, 'text-color': color('--ink-2') },
    ],
  ];
  const common = { 'text-font': font, 'text-line-height': 1.25, 'text-max-width': 16 };
  return [
    {
      id: 'cell-digits',
      type: 'symbol',
      source: 'cell-labels',
      minzoom: ui(15),
      maxzoom: ui(16),
      layout: {
        ...common,
        'icon-image': ['get', 'ring'],
        'icon-size': 0.82,
        'icon-optional': false,
        'text-field': ['get', 'digits'],
        'text-font': bold,
        'text-size': ['case', ['==', ['get', 'ring'], ''], 11, 12],
        'text-anchor': ['case', ['==', ['get', 'ring'], ''], 'center', 'top'],
        'text-offset': [
          'case',
          ['==', ['get', 'ring'], ''],
          ['literal', [0, 0]],
          ['literal', [0, 1.15]],
        ],
        'text-optional': true,
        'symbol-sort-key': ['get', 'order'],
      },
      paint: {
        ...paint,
        'text-color': ['case', ['==', ['get', 'ring'], ''], color('--ink-3'), color('--ink')],
      },
    },
    {
      id: 'cell-name',
      type: 'symbol',
      source: 'cell-labels',
      minzoom: ui(16),
      layout: {
        ...common,
        'text-field': twoLines,
        'text-size': CELL_SIZE,
        'text-offset': ['get', 'shift'],
        'symbol-sort-key': ['get', 'order'],
      },
      paint,
    },
    {
      // Names lie beneath the rings, which are placed first: a name goes where no ring is.
      id: 'community-name',
      type: 'symbol',
      source: 'area-labels',
      minzoom: ui(12),
      maxzoom: ui(15),
      layout: {
        ...common,
        'text-field': ['format', ['get', 'name'], { 'text-font': ['literal', bold] }],
        'text-size': ['interpolate', ['linear'], ['zoom'], ui(12), 12, ui(14), 14],
        'text-justify': 'auto',
        'text-variable-anchor-offset': [
          'case',
          ['==', ['get', 'ring'], ''],
          ['literal', ['center', [0, 0]]],
          ['literal', AROUND],
        ],
        'symbol-sort-key': ['get', 'order'],
      },
      paint,
    },
    {
      id: 'community-ring',
      type: 'symbol',
      source: 'area-labels',
      minzoom: ui(12),
      maxzoom: ui(15),
      filter: ['!=', ['get', 'ring'], ''],
      layout: {
        'icon-image': ['get', 'ring'],
        'icon-size': ['interpolate', ['linear'], ['zoom'], ui(12.5), 0.72, ui(14), 1],
        'icon-overlap': 'always',
        'icon-padding': 0,
        'symbol-sort-key': ['get', 'order'],
      },
    },
  ];
}

/**
 * What the overlay says of some ground, in few words.
 *
 * @param {State['overlay']} overlay
 * @param {Values | null} values null: not known yet
 * @param {number} units party units on it
 * @param {string[]} [unknown] overlays whose records do not reach the moment shown
 */
export function figure(overlay, values, units, unknown = []) {
  if (overlay === 'party') return units ? tn('%(n)s 家', units) : '';
  if (!values) return '';
  if (unknown.includes(overlay)) return '—';
  if (overlay === 'incidents') {
    return Number.isNaN(values.open) ? '—' : tn('%(n)s 件', values.open ?? 0);
  }
  if (overlay === 'chiefs') {
    const vacant = vacancies(values);
    return vacant ? t('缺 %(n)s', { n: vacant }) : t('齐');
  }
  const { share } = inTime(values);
  return share === null ? t('巷段太少，不计') : t('%(share)s 按要求', { share: `${share}%` });
}

/**
 * The id of the ring image of some values; empty when there is nothing open.
 *
 * @param {State['overlay']} overlay
 * @param {Values | null} values
 */
function ring(overlay, values) {
  if (overlay !== 'incidents' || !values?.open || Number.isNaN(values.late)) return '';
  const lights = byLight(values);
  return `ring-${LIGHTS.map((light) => lights[light]).join('-')}`;
}

/**
 * @param {{lng: number, lat: number}} place
 * @param {Record<string, unknown>} properties
 * @returns {Feature}
 */
function label({ lng, lat }, properties) {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lng, lat] } };
}

/**
 * How far a name steps aside so that it lies on as few signs as can be, pixels.
 *
 * @param {{x: number, y: number}} label in pixels of the world
 * @param {{x: number, y: number}[]} signs near it
 * @returns {number[]}
 */
export function asideOf(label, signs) {
  const covered = (/** @type {number[]} */ [dx, dy]) =>
    signs.filter(
      ({ x, y }) =>
        Math.abs(x - label.x - dx) < HALF.x + 6 && Math.abs(y - label.y - dy) < HALF.y + 6,
    ).length;
  return STEPS.reduce((best, step) => (covered(step) < covered(best) ? step : best));
}

/**
 * @param {Pick<State, 'cells' | 'cell' | 'community' | 'subdistrict' | 'overlay' | 'unknown'>} state
 * @param {Map<number, number>} units party units by cell
 * @param {(cell: Cell) => number[]} [aside] pixels a name steps aside
 * @returns {FeatureCollection}
 */
export function cellLabels(state, units, aside = () => [0, 0]) {
  const features = [...state.cells.values()]
    .filter((cell) => inScope(cell, state))
    .map((cell) =>
      label(cell, {
        cell: cell.id,
        name: cell.name,
        digits: cell.code.slice(-3),
        figure: figure(state.overlay, cell.values, units.get(cell.id) ?? 0, state.unknown),
        ring: ring(state.overlay, cell.values),
        shift: aside(cell).map((pixels) => pixels / CELL_SIZE),
        order: cell.id === state.cell ? -1e9 : -(cell.values?.open || 0),
      }),
    );
  return { type: 'FeatureCollection', features };
}

/**
 * One label a community, where its middlemost cell has its own.
 *
 * @param {Pick<State, 'cells' | 'community' | 'subdistrict' | 'overlay' | 'unknown' | 'published'>} state
 * @param {Map<number, number>} units party units by cell
 * @returns {FeatureCollection}
 */
export function areaLabels(state, units) {
  const features = [...byCommunity([...state.cells.values()])].map(([id, cells]) => {
    const values = sum(cells);
    if (values && state.published)
      values.open = openWithin(state.published, `community ${id}`, cells);
    const party = cells.reduce((n, cell) => n + (units.get(cell.id) ?? 0), 0);
    const within = inScope(cells[0], state);
    return label(middlemost(cells), {
      community: id,
      name: cells[0].communityName,
      figure: within ? figure(state.overlay, values, party, state.unknown) : '',
      ring: within ? ring(state.overlay, values) : '',
      order: within ? -(values?.open || 0) : 1,
    });
  });
  return { type: 'FeatureCollection', features };
}

/** @param {Cell[]} cells */
function sum(cells) {
  const known = cells.filter((cell) => cell.values !== null);
  return known.length ? total(known.map((cell) => cell.values ?? {})) : null;
}

/**
 * Names along the middle of waters.
 *
 * @param {Pick<State, 'waters'>} state
 * @returns {FeatureCollection}
 */
export function waterLabels({ waters }) {
  const features = waters.map(({ name, line }) => ({
    type: /** @type {const} */ ('Feature'),
    properties: { name },
    geometry: { type: /** @type {const} */ ('LineString'), coordinates: line },
  }));
  return { type: 'FeatureCollection', features };
}

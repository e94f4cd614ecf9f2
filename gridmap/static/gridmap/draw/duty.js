/** Whose ground it is: what was ruled, and where nobody has ruled yet; each with a line of its own. */

/** @import { LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { Feature, FeatureCollection } from 'geojson' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */
/** @import { State } from '../store.js' */

import { language } from '../words.js';

const ui = (/** @type {number} */ zoom) => zoom - 1;

/** Layers behind the switch of the layer menu. */
export const LAYERS = [
  'border-ground',
  'border-edge',
  'nobody-edge',
  'ruling-ground',
  'ruling-edge',
  'ruling-chosen',
  'ruling-name',
];
/** Layers that a click may hit: rulings before borders. */
export const HITS = ['ruling-ground', 'border-ground'];

/** @returns {Record<string, SourceSpecification>} */
export function sources() {
  const empty = /** @type {FeatureCollection} */ ({ type: 'FeatureCollection', features: [] });
  return { rulings: { type: 'geojson', data: empty }, borders: { type: 'geojson', data: empty } };
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function layers({ color, font }) {
  return [
    {
      id: 'border-ground',
      type: 'fill',
      source: 'borders',
      paint: {
        'fill-color': ['case', ['get', 'nobody'], color('--bad'), color('--warn-fill')],
        'fill-opacity': ['case', ['get', 'nobody'], 0.08, 0.22],
      },
    },
    {
      id: 'border-edge',
      type: 'line',
      source: 'borders',
      filter: ['!', ['get', 'nobody']],
      paint: { 'line-color': color('--warn'), 'line-width': 1.8, 'line-dasharray': [3, 2] },
    },
    {
      id: 'nobody-edge',
      type: 'line',
      source: 'borders',
      filter: ['get', 'nobody'],
      paint: { 'line-color': color('--bad'), 'line-width': 2.2, 'line-dasharray': [0.6, 1.6] },
    },
    {
      id: 'ruling-ground',
      type: 'fill',
      source: 'rulings',
      paint: { 'fill-color': color('--ok'), 'fill-opacity': 0.2 },
    },
    {
      id: 'ruling-edge',
      type: 'line',
      source: 'rulings',
      paint: { 'line-color': color('--ok'), 'line-width': 2.4 },
    },
    {
      id: 'ruling-chosen',
      type: 'line',
      source: 'rulings',
      filter: ['==', ['id'], -1],
      paint: { 'line-color': color('--sel'), 'line-width': 3.2 },
    },
    {
      id: 'ruling-name',
      type: 'symbol',
      source: 'rulings',
      minzoom: ui(16),
      layout: {
        'text-field':
          language() === 'zh'
            ? ['get', 'department_name']
            : ['coalesce', ['get', 'department_name_en'], ['get', 'department_name']],
        'text-font': font,
        'text-size': 13,
        'text-max-width': 8,
      },
      paint: {
        'text-color': color('--ok'),
        'text-halo-color': color('--m-halo'),
        'text-halo-width': 1.7,
      },
    },
  ];
}

/**
 * @param {TownMap} map
 * @param {Pick<State, 'rulings' | 'borders' | 'ruling' | 'duty'>} state
 */
export function paint(map, { rulings, borders, ruling, duty }) {
  const collection = (/** @type {Feature[]} */ features) =>
    /** @type {FeatureCollection} */ ({ type: 'FeatureCollection', features });
  map.setShapes('rulings', collection(rulings));
  map.setShapes('borders', collection(borders));
  map.only('ruling-chosen', ruling);
  for (const id of LAYERS) map.show(id, duty !== null);
}

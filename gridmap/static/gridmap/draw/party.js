/** Units of the joint party committee: one hue, the shape tells the kind, hollow the public ones. */

/** @import { LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { FeatureCollection } from 'geojson' */
/** @import { Palette } from '../palette.js' */
/** @import { PartyUnit, State } from '../store.js' */

import { inScope } from '../counts.js';

const ui = (/** @type {number} */ zoom) => zoom - 1;
const FADED = 0.25;

/** Layers that belong to this overlay alone. */
export const LAYERS = ['party', 'party-name'];
/** Layers that a click or hover may hit. */
export const HITS = ['party'];

/** @returns {Record<string, SourceSpecification>} */
export function sources() {
  return { party: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } };
}

/** @returns {LayerSpecification[]} */
export function signs() {
  return [
    {
      id: 'party',
      type: 'symbol',
      source: 'party',
      minzoom: ui(13),
      layout: {
        'icon-image': ['concat', 'party-', ['get', 'kind']],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], ui(13), 0.5, ui(16), 0.9, ui(17), 1],
      },
      paint: { 'icon-opacity': ['case', ['get', 'dim'], FADED, 1] },
    },
  ];
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function names({ color, font }) {
  return [
    {
      id: 'party-name',
      type: 'symbol',
      source: 'party',
      minzoom: ui(17),
      layout: {
        'text-field': ['get', 'name'],
        'text-font': font,
        'text-size': 12,
        'text-max-width': 9,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.9,
        'text-justify': 'auto',
      },
      paint: {
        'text-color': color('--p-unit'),
        'text-halo-color': color('--m-halo'),
        'text-halo-width': 1.7,
        'text-opacity': ['case', ['get', 'dim'], FADED, 1],
      },
    },
  ];
}

/**
 * @param {PartyUnit[]} units
 * @param {Pick<State, 'cells' | 'community' | 'subdistrict' | 'classes'>} state
 * @returns {FeatureCollection}
 */
export function shapes(units, state) {
  const wanted = state.classes.filter((name) => name.startsWith('p_')).map((name) => name.slice(2));
  const features = units
    .filter(({ cell }) => {
      const home = cell === null ? null : state.cells.get(cell);
      return home ? inScope(home, state) : state.community === null && state.subdistrict === null;
    })
    .map(({ id, name, kind, lng, lat }) => ({
      type: /** @type {const} */ ('Feature'),
      id,
      geometry: { type: /** @type {const} */ ('Point'), coordinates: [lng, lat] },
      properties: { id, name, kind, dim: wanted.length > 0 && !wanted.includes(kind) },
    }));
  return { type: 'FeatureCollection', features };
}

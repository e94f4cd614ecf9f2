/** Incidents: a shade for every cell, a sign for every open incident, rings where they crowd. */

/** @import { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { FeatureCollection } from 'geojson' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */
/** @import { State } from '../store.js' */

import { CELL_STEPS, COMMUNITY_STEPS, HIDDEN, LIGHTS, shade } from '../classes.js';
import { byCommunity, inScope, openWithin } from '../counts.js';

const TOWN = 'town';
const ui = (/** @type {number} */ zoom) => zoom - 1;
/** Opacity of a ramp, and how far what a class filter leaves out fades. */
const RAMP = 0.55;
const FADED = 0.25;

/** Layers that belong to this overlay alone. */
export const LAYERS = [
  'ramp-community',
  'ramp-cell',
  'hidden-community',
  'hidden-cell',
  'building-pale',
  'cluster',
  'sign',
];
/** Layers that a click may hit. */
export const HITS = ['sign', 'cluster'];

/**
 * The ramp lies on the ground.
 *
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function ramp({ color }) {
  const colours = CELL_STEPS.flatMap((_, i) => [i, color(`--i-ramp-${i}`)]);
  const fill = /** @type {ExpressionSpecification} */ (
    /** @type {unknown} */ ([
      'match',
      ['coalesce', ['feature-state', 'shade'], -1],
      ...colours,
      'transparent',
    ])
  );
  const faded = /** @type {ExpressionSpecification} */ ([
    'boolean',
    ['feature-state', 'dim'],
    false,
  ]);
  const opacity = /** @type {ExpressionSpecification} */ (['case', faded, RAMP * FADED, RAMP]);
  return [
    {
      id: 'ramp-community',
      type: 'fill',
      source: TOWN,
      'source-layer': 'communities',
      maxzoom: ui(15),
      paint: { 'fill-color': fill, 'fill-opacity': opacity },
    },
    {
      id: 'ramp-cell',
      type: 'fill',
      source: TOWN,
      'source-layer': 'cells',
      minzoom: ui(15),
      maxzoom: ui(19),
      paint: { 'fill-color': fill, 'fill-opacity': opacity, 'fill-antialias': false },
    },
    { ...hatched('communities'), id: 'hidden-community', maxzoom: ui(15) },
    { ...hatched('cells'), id: 'hidden-cell', minzoom: ui(15), maxzoom: ui(19) },
  ];
}

/**
 * Ground whose figure is not shown.
 *
 * @param {string} layer
 * @returns {import('maplibre-gl').FillLayerSpecification}
 */
function hatched(layer) {
  const shown = ['==', ['coalesce', ['feature-state', 'shade'], -1], HIDDEN];
  return {
    id: layer,
    type: 'fill',
    source: TOWN,
    'source-layer': layer,
    paint: {
      'fill-pattern': 'untold',
      'fill-opacity': /** @type {any} */ (['case', shown, 1, 0]),
    },
  };
}

/**
 * Buildings on shaded ground are pale, so that the shade is read first.
 *
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function buildings({ color }) {
  return [
    {
      id: 'building-pale',
      type: 'fill',
      source: TOWN,
      'source-layer': 'buildings',
      minzoom: ui(16),
      paint: {
        'fill-color': color('--surface'),
        'fill-opacity': 0.5,
        'fill-outline-color': color('--i-ramp-4'),
      },
    },
  ];
}

/**
 * A sign for each incident, a ring where they crowd.
 *
 * @returns {LayerSpecification[]}
 */
export function signs() {
  const parts = LIGHTS.flatMap((light) => ['-', ['to-string', ['get', light]]]);
  return [
    {
      id: 'cluster',
      type: 'symbol',
      source: 'incidents',
      minzoom: ui(16),
      filter: ['has', 'point_count'],
      layout: {
        'icon-image': /** @type {any} */ (['concat', 'ring', ...parts]),
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
    {
      id: 'sign',
      type: 'symbol',
      source: 'incidents',
      minzoom: ui(16),
      filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': ['concat', 'sign-', ['get', 'light']],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        // The most urgent one lies on top.
        'symbol-sort-key': ['-', 4, ['get', 'rank']],
      },
      paint: { 'icon-opacity': ['case', ['get', 'dim'], FADED, 1] },
    },
  ];
}

/** @returns {Record<string, SourceSpecification>} */
export function sources() {
  const sum = (/** @type {string} */ light) => [
    '+',
    ['case', ['==', ['get', 'light'], light], 1, 0],
  ];
  return {
    incidents: {
      type: 'geojson',
      data: { type: 'FeatureCollection', features: [] },
      cluster: true,
      // Four signs or more within 24 pixels become a ring; from zoom 17 on every sign stands alone.
      clusterRadius: 24,
      clusterMinPoints: 4,
      clusterMaxZoom: 15,
      clusterProperties: Object.fromEntries(LIGHTS.map((light) => [light, sum(light)])),
    },
  };
}

/**
 * The signs of the incidents that the filters leave.
 *
 * @param {Pick<State, 'incidents' | 'cells' | 'category' | 'community' | 'subdistrict' | 'light'
 *   | 'classes'>} state
 * @returns {FeatureCollection}
 */
export function shapes(state) {
  const lights = state.light
    ? [state.light]
    : LIGHTS.filter((light) => state.classes.includes(light));
  const features = [...state.incidents.values()]
    .filter(({ category, cell }) => {
      if (state.category !== null && category !== state.category) return false;
      const home = cell === null ? null : state.cells.get(cell);
      return home ? inScope(home, state) : state.community === null && state.subdistrict === null;
    })
    .map(({ id, lng, lat, light }) => ({
      type: /** @type {const} */ ('Feature'),
      id,
      geometry: { type: /** @type {const} */ ('Point'), coordinates: [lng, lat] },
      properties: {
        id,
        light,
        rank: LIGHTS.indexOf(light),
        dim: lights.length > 0 && !lights.includes(light),
      },
    }));
  return { type: 'FeatureCollection', features };
}

/**
 * Shade the cells, and the communities of the far view.
 *
 * @param {TownMap} map
 * @param {Pick<State, 'cells' | 'classes' | 'unknown' | 'published'>} state
 */
export function paintRamp(map, state) {
  const wanted = state.classes.filter((name) => /^r\d$/.test(name)).map((name) => Number(name[1]));
  const look = (/** @type {number} */ step) => ({
    shade: step,
    dim: wanted.length > 0 && !wanted.includes(step),
  });
  for (const { id, values } of state.cells.values()) {
    map.setState('cells', id, look(values?.open === undefined ? -1 : shade(values.open)));
  }
  for (const [id, cells] of byCommunity([...state.cells.values()])) {
    const open = openWithin(state.published, `community ${id}`, cells);
    const known = !state.unknown.includes('incidents');
    map.setState('communities', id, look(known ? shade(open, COMMUNITY_STEPS) : -1));
  }
}

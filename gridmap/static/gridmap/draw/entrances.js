/** Entrances of buildings in the coverage overlay: dots in the colours of the stretches, near by only. */

/** @import { FeatureCollection } from 'geojson' */
/** @import { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { Palette } from '../palette.js' */
/** @import { Entrance, State } from '../store.js' */

import { ENTRANCES_FROM } from '../classes.js';

const ui = (/** @type {number} */ zoom) => zoom - 1;
const FADED = 0.25;
const OVER = 5;
const NONE = 6;

/** Layers that belong to the coverage overlay alone. */
export const LAYERS = ['door-case', 'door'];
/** Layers that a hover may hit. */
export const HITS = ['door'];

/** @returns {Record<string, SourceSpecification>} */
export function sources() {
  return { entrances: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } };
}

/**
 * A radius by class, growing with the zoom.
 *
 * @param {{other: number, over: number, none: number}} sizes pixels at zoom 17
 * @returns {ExpressionSpecification}
 */
function wide({ other, over, none }) {
  const stops = [
    [17, 1],
    [19, 1.7],
  ].flatMap(([zoom, part]) => [
    ui(zoom),
    ['match', ['get', 'class'], OVER, over * part, NONE, none * part, other * part],
  ]);
  return /** @type {ExpressionSpecification} */ (['interpolate', ['linear'], ['zoom'], ...stops]);
}

/**
 * A dot in a white ring; over the interval it is hollow with a thick warm edge, without a record
 * small and grey, so that no class is told by its colour alone.
 *
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function layers({ color }) {
  const opacity = /** @type {ExpressionSpecification} */ (['case', ['get', 'dim'], FADED, 1]);
  const common = { source: 'entrances', minzoom: ui(ENTRANCES_FROM) };
  return [
    {
      ...common,
      id: 'door-case',
      type: 'circle',
      paint: {
        'circle-radius': wide({ other: 5.6, over: 6.4, none: 4.4 }),
        'circle-color': color('--surface'),
        'circle-opacity': opacity,
      },
    },
    {
      ...common,
      id: 'door',
      type: 'circle',
      paint: {
        'circle-radius': wide({ other: 3.8, over: 2.4, none: 2.6 }),
        'circle-color': [
          'match',
          ['get', 'class'],
          0,
          color('--f-0'),
          1,
          color('--f-1'),
          2,
          color('--f-2'),
          3,
          color('--f-3'),
          OVER,
          color('--surface'),
          NONE,
          color('--f-none'),
          color('--f-due'),
        ],
        'circle-opacity': opacity,
        // The pale colours carry a hairline, as the stretches do.
        'circle-stroke-width': ['match', ['get', 'class'], [2, 3], 0.8, OVER, 2.4, 0],
        'circle-stroke-color': [
          'match',
          ['get', 'class'],
          OVER,
          color('--f-over'),
          color('--f-edge'),
        ],
        'circle-stroke-opacity': opacity,
      },
    },
  ];
}

/**
 * @param {Entrance[]} entrances
 * @param {Pick<State, 'classes'>} state
 * @returns {FeatureCollection}
 */
export function shapes(entrances, { classes }) {
  const wanted = classes.filter((name) => /^f\d$/.test(name)).map((name) => Number(name[1]));
  const features = entrances.map(({ id, lng, lat, class: fresh }) => ({
    type: /** @type {const} */ ('Feature'),
    id,
    geometry: { type: /** @type {const} */ ('Point'), coordinates: [lng, lat] },
    properties: { id, class: fresh, dim: wanted.length > 0 && !wanted.includes(fresh) },
  }));
  return { type: 'FeatureCollection', features };
}

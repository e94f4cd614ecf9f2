/** Volunteer coverage: every stretch in the colour and dash of how long ago it was walked. */

/** @import { ExpressionSpecification, LayerSpecification } from 'maplibre-gl' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */

const ui = (/** @type {number} */ zoom) => zoom - 1;
const FADED = 0.25;
const DUE = 4;
const OVER = 5;
const NONE = 6;
/** Of a stretch whose class is not known (yet): it is not drawn. */
const NOTHING = -1;

/** Layers that belong to this overlay alone. */
export const LAYERS = ['fresh-case', 'fresh-edge', 'fresh-solid', 'fresh-over', 'fresh-none'];
/** Layers that a hover may hit. */
export const HITS = ['fresh-solid', 'fresh-over', 'fresh-none'];

const fresh = /** @type {ExpressionSpecification} */ ([
  'coalesce',
  ['feature-state', 'fresh'],
  NOTHING,
]);

/**
 * Width at every zoom, only where the class is one of these: the library cannot filter by state.
 *
 * @param {number[]} classes
 * @param {number} width pixels at zoom 17
 * @param {number} more pixels added at every zoom, for edges
 * @returns {ExpressionSpecification}
 */
function wideWhere(classes, width, more) {
  const among = ['in', fresh, ['literal', classes]];
  const stops = [
    [14, 0.3],
    [15, 0.4],
    [16, 0.65],
    [17, 1],
    [19, 1.5],
  ].flatMap(([zoom, part]) => [ui(zoom), ['case', among, width * part + more, 0]]);
  return /** @type {ExpressionSpecification} */ (['interpolate', ['linear'], ['zoom'], ...stops]);
}

/** A stretch of one side lies beside the line, left or right of its direction. */
const beside = /** @type {ExpressionSpecification} */ ([
  'interpolate',
  ['linear'],
  ['zoom'],
  ui(15),
  ['match', ['get', 'side'], 'left', -1, 'right', 1, 0],
  ui(17),
  ['match', ['get', 'side'], 'left', -3.4, 'right', 3.4, 0],
  ui(19),
  ['match', ['get', 'side'], 'left', -6, 'right', 6, 0],
]);

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function layers({ color, size }) {
  const width = size('--f-w');
  const line = (
    /** @type {string} */ id,
    /** @type {Record<string, unknown>} */ paint,
    /** @type {'round' | 'butt'} */ cap,
  ) =>
    /** @type {LayerSpecification} */ ({
      id,
      type: 'line',
      source: 'town',
      'source-layer': 'stretches',
      minzoom: ui(14.5),
      layout: { 'line-cap': cap, 'line-join': 'round' },
      paint: {
        'line-offset': beside,
        'line-opacity': ['case', ['boolean', ['feature-state', 'dim'], false], FADED, 1],
        ...paint,
      },
    });
  const all = [0, 1, 2, 3, DUE, OVER, NONE];
  return [
    line(
      'fresh-case',
      { 'line-color': color('--surface'), 'line-width': wideWhere(all, width, 3) },
      'butt',
    ),
    // The three pale colours fall under 3 : 1 on the ground; a hairline edge carries them.
    line(
      'fresh-edge',
      { 'line-color': color('--f-edge'), 'line-width': wideWhere([2, 3], width, 1.4) },
      'round',
    ),
    line(
      'fresh-solid',
      {
        'line-color': [
          'match',
          fresh,
          0,
          color('--f-0'),
          1,
          color('--f-1'),
          2,
          color('--f-2'),
          3,
          color('--f-3'),
          color('--f-due'),
        ],
        'line-width': wideWhere([0, 1, 2, 3, DUE], width, 0),
      },
      'round',
    ),
    line(
      'fresh-over',
      {
        'line-color': color('--f-over'),
        'line-width': wideWhere([OVER], width, 0),
        'line-dasharray': [0.8, 0.6],
      },
      'butt',
    ),
    line(
      'fresh-none',
      {
        'line-color': color('--f-none'),
        'line-width': wideWhere([NONE], width, 0),
        'line-dasharray': [0.3, 1],
      },
      'butt',
    ),
  ];
}

/**
 * @param {TownMap} map
 * @param {Map<number, number>} freshness class by stretch
 * @param {string[]} classes `f0` … `f6` that the legend keeps
 */
export function paintStretches(map, freshness, classes) {
  const wanted = classes.filter((name) => /^f\d$/.test(name)).map((name) => Number(name[1]));
  for (const [id, value] of freshness) {
    const dim = wanted.length > 0 && !wanted.includes(value);
    map.setState('stretches', id, { fresh: value, dim });
  }
}

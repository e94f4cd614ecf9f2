/** Chiefs: filled, hatched or hollow buildings; solid, dashed or dotted streets and lanes. */

/** @import { ExpressionSpecification, LayerSpecification } from 'maplibre-gl' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */

const ui = (/** @type {number} */ zoom) => zoom - 1;
const FADED = 0.25;
/** Of an object whose standing is not known (yet): it is not coloured. */
const UNKNOWN = -1;
const [FILLED, SUBSTITUTE, EXPIRING, VACANT] = [0, 1, 2, 3];

/** Source layer of each rung, and the letter of its classes in the legend. */
export const RUNG_LAYERS = {
  building: { layer: 'buildings', letter: 'b' },
  lane: { layer: 'lanes', letter: 'n' },
  street: { layer: 'streets', letter: 's' },
};

const standing = /** @type {ExpressionSpecification} */ ([
  'coalesce',
  ['feature-state', 'standing'],
  UNKNOWN,
]);
const dim = /** @type {ExpressionSpecification} */ (['boolean', ['feature-state', 'dim'], false]);

/**
 * Layers that belong to this overlay alone.
 */
export const LAYERS = [
  'chief-ground',
  'chief-building',
  'chief-hatch',
  'chief-edge',
  ...['lane', 'street'].flatMap((way) => [
    `chief-${way}-case`,
    `chief-${way}-ends`,
    `chief-${way}-solid`,
    `chief-${way}-dashed`,
    `chief-${way}-dotted`,
  ]),
];

/**
 * @param {number[]} values
 * @param {number} yes
 * @returns {ExpressionSpecification}
 */
function where(values, yes) {
  return ['case', ['in', standing, ['literal', values]], ['case', dim, yes * FADED, yes], 0];
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function buildings({ color }) {
  const layer = /** @type {const} */ ({
    source: 'town',
    'source-layer': 'buildings',
    minzoom: ui(15.5),
  });
  return [
    {
      id: 'chief-ground',
      type: 'fill',
      ...layer,
      paint: {
        'fill-color': color('--surface'),
        'fill-opacity': where([FILLED, SUBSTITUTE, EXPIRING, VACANT], 1),
      },
    },
    {
      id: 'chief-building',
      type: 'fill',
      ...layer,
      paint: {
        'fill-color': color('--c-acting'),
        'fill-opacity': where([FILLED, EXPIRING], 0.56),
      },
    },
    {
      id: 'chief-hatch',
      type: 'fill',
      ...layer,
      paint: { 'fill-pattern': 'hatch', 'fill-opacity': where([SUBSTITUTE], 1) },
    },
    {
      id: 'chief-edge',
      type: 'line',
      ...layer,
      paint: {
        'line-color': [
          'match',
          standing,
          VACANT,
          color('--c-vacant'),
          EXPIRING,
          color('--c-over'),
          color('--c-acting'),
        ],
        'line-width': ['match', standing, VACANT, 1.3, EXPIRING, 1.6, SUBSTITUTE, 0.8, 0.6],
        'line-opacity': where([FILLED, SUBSTITUTE, EXPIRING, VACANT], 1),
      },
    },
  ];
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function ways({ color }) {
  return /** @type {const} */ (['lane', 'street']).flatMap((way) => {
    const width = way === 'lane' ? 3.6 : 4.6;
    const line = (
      /** @type {string} */ name,
      /** @type {number[]} */ values,
      /** @type {Record<string, unknown>} */ paint,
      /** @type {number} */ wide,
    ) =>
      /** @type {LayerSpecification} */ ({
        id: `chief-${way}-${name}`,
        type: 'line',
        source: 'town',
        'source-layer': RUNG_LAYERS[way].layer,
        minzoom: way === 'lane' ? ui(15.5) : ui(14),
        layout: { 'line-cap': name === 'solid' || name === 'ends' ? 'round' : 'butt' },
        paint: {
          'line-width': [
            'interpolate',
            ['linear'],
            ['zoom'],
            ui(14),
            wide * 0.35,
            ui(16),
            wide * 0.7,
            ui(17),
            wide,
            ui(19),
            wide * 1.5,
          ],
          'line-opacity': where(values, 1),
          ...paint,
        },
      });
    const filled = color('--c-filled');
    return [
      line(
        'case',
        [FILLED, SUBSTITUTE, EXPIRING, VACANT],
        { 'line-color': color('--surface') },
        width + 3.4,
      ),
      line('ends', [EXPIRING], { 'line-color': color('--c-over') }, width + 1.8),
      line('solid', [FILLED, EXPIRING], { 'line-color': filled }, width),
      line('dashed', [SUBSTITUTE], { 'line-color': filled, 'line-dasharray': [2.2, 1.1] }, width),
      line(
        'dotted',
        [VACANT],
        { 'line-color': color('--c-vacant'), 'line-dasharray': [0.42, 1.4] },
        width,
      ),
    ];
  });
}

/**
 * @param {TownMap} map
 * @param {Record<keyof typeof RUNG_LAYERS, Map<number, number>>} standings by rung, then by object
 * @param {string[]} classes `b0` … `s3` that the legend keeps; `many`: only what is one of too many
 * @param {Set<string>} many `building 12`: objects that are one of too many in one hand
 */
export function paintStandings(map, standings, classes, many) {
  const rungs = /** @type {(keyof typeof RUNG_LAYERS)[]} */ (Object.keys(RUNG_LAYERS));
  const chosen = new Set(classes.filter((name) => /^[bns]\d$/.test(name)));
  const crowded = classes.includes('many');
  for (const rung of rungs) {
    const { layer, letter } = RUNG_LAYERS[rung];
    for (const [id, value] of standings[rung]) {
      const faded = crowded
        ? !many.has(`${rung} ${id}`)
        : chosen.size > 0 && !chosen.has(`${letter}${value}`);
      map.setState(layer, id, { standing: value, dim: faded });
    }
  }
}

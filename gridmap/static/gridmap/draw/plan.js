/** A draft on the map: fills, hatches and outlines of units, all by their feature states, so that a stroke
 * redraws nothing but what it touched. */

/** @import { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */
/** @import { Draft } from '../plan-draft.js' */

import { boundaries, ground, names, waterAndStreets } from '../layer-table.js';
import { FILLS, fillsOf } from '../plan-colours.js';

export const FABRIC = 'fabric';
const ui = (/** @type {number} */ zoom) => zoom - 1;
const state = (/** @type {string} */ name, /** @type {unknown} */ otherwise = false) =>
  /** @type {ExpressionSpecification} */ ([
    'coalesce',
    ['feature-state', name],
    /** @type {any} */ (otherwise),
  ]);
const when = (
  /** @type {ExpressionSpecification} */ test,
  /** @type {number} */ yes,
  /** @type {number} */ no = 0,
) => /** @type {ExpressionSpecification} */ (['case', test, yes, no]);

/** What an edge separates, now and in force. */
export const EDGE = { none: 0, kept: 1, made: 2, gone: 3 };
/** Layers of the ground view: borders by what they run along. */
export const GROUND = ['edge-ground', 'edge-barrier'];
/** What the pointer may hit. */
export const UNITS = 'unit';
export const EDGES = 'edge-hit';

/**
 * @param {number} fabric
 * @param {[number, number, number, number]} bounds
 * @returns {Record<string, SourceSpecification>}
 */
export function sources(fabric, bounds) {
  const empty = /** @type {SourceSpecification} */ ({
    type: 'geojson',
    data: { type: 'FeatureCollection', features: [] },
  });
  return {
    [FABRIC]: {
      type: 'vector',
      tiles: [`${location.origin}/api/fabrics/${fabric}/tiles/{z}/{x}/{y}`],
      minzoom: 12,
      maxzoom: 16,
      bounds,
    },
    'cell-names': empty,
    waters: empty,
  };
}

/**
 * The town under a draft, quieter than on its own map, and the draft on it.
 *
 * @param {Palette} palette
 * @param {number} lat
 * @returns {LayerSpecification[]}
 */
export function layers(palette, lat) {
  const { veil, communities } = boundaries(palette);
  const base = ground(palette, lat);
  const first = base.findIndex(({ id }) => id === 'lane-case');
  return [
    ...base.slice(0, first),
    ...fills(palette),
    ...base.slice(first),
    ...waterAndStreets(palette, lat),
    ...edges(palette),
    ...veil,
    ...communities.filter(({ id }) => id.startsWith('community-chosen')),
    ...names(palette).filter(({ id }) => id !== 'water-name'),
    ...labels(palette),
  ];
}

const unit = /** @type {const} */ ({ source: FABRIC, 'source-layer': 'units' });
const edge = /** @type {const} */ ({ source: FABRIC, 'source-layer': 'edges' });

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
function fills({ color }) {
  const hues = Array.from({ length: FILLS }, (_, i) => [i + 1, color(`--q${i + 1}`)]).flat();
  const hue = /** @type {ExpressionSpecification} */ (
    /** @type {unknown} */ (['match', state('fill', 0), ...hues, color('--surface')])
  );
  return [
    { id: UNITS, type: 'fill', ...unit, paint: { 'fill-color': hue, 'fill-antialias': false } },
    {
      id: 'unit-hot',
      type: 'fill',
      ...unit,
      paint: { 'fill-color': color('--ink'), 'fill-opacity': when(state('hot'), 0.07) },
    },
    {
      id: 'unit-loose',
      type: 'fill',
      ...unit,
      paint: { 'fill-pattern': 'loose', 'fill-opacity': when(state('loose'), 1) },
    },
    {
      id: 'unit-moved',
      type: 'fill',
      ...unit,
      paint: { 'fill-pattern': 'moved', 'fill-opacity': when(state('moved'), 0.85) },
    },
    {
      id: 'unit-shut',
      type: 'fill',
      ...unit,
      paint: { 'fill-pattern': 'shut', 'fill-opacity': when(state('shut'), 1) },
    },
    {
      id: 'unit-aim',
      type: 'fill',
      ...unit,
      paint: { 'fill-color': color('--sel'), 'fill-opacity': when(state('aim'), 0.26) },
    },
    {
      id: 'unit-picked',
      type: 'fill',
      ...unit,
      paint: { 'fill-color': color('--sel'), 'fill-opacity': when(state('picked'), 0.36) },
    },
  ];
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
function edges({ color, size }) {
  const is = (/** @type {number} */ kind) =>
    /** @type {ExpressionSpecification} */ (['==', state('kind', 0), kind]);
  const line = (
    /** @type {string} */ id,
    /** @type {string} */ hue,
    /** @type {any} */ width,
    /** @type {object} */ more = {},
  ) =>
    /** @type {any} */ ({
      id,
      type: 'line',
      ...edge,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': hue, 'line-width': width, ...more },
    });
  const chosen = size('--sel-w');
  const border = /** @type {ExpressionSpecification} */ (['any', is(EDGE.kept), is(EDGE.made)]);
  const level = /** @type {ExpressionSpecification} */ (['get', 'level']);
  return [
    // The grain: what a border could follow, seen from near by only.
    {
      ...line('edge-grain', color('--ink-3'), 0.6, { 'line-opacity': 0.28 }),
      minzoom: ui(16.5),
    },
    {
      ...line('edge-ground', color('--accent'), ['+', 1, level], { 'line-opacity': 0.85 }),
      filter: ['>', level, 1],
      layout: { visibility: 'none' },
    },
    {
      ...line('edge-barrier', color('--bad'), 3, { 'line-dasharray': [1.5, 1.5] }),
      filter: ['==', level, 1],
      layout: { visibility: 'none' },
    },
    line('edge-old', color('--b-old'), when(is(EDGE.gone), 2), { 'line-dasharray': [0.5, 1.6] }),
    line('edge-case', color('--surface'), when(border, size('--b-cell-w') + 2.6), {
      'line-opacity': 0.9,
    }),
    line('edge-kept', color('--b-cell'), when(is(EDGE.kept), size('--b-cell-w'))),
    line('edge-made', color('--b-draft'), when(is(EDGE.made), size('--b-draft-w') + 0.4), {
      'line-dasharray': [2.6, 1.4],
    }),
    line('edge-chosen-case', color('--sel-halo'), when(state('chosen'), chosen + 3)),
    line('edge-chosen', color('--sel'), when(state('chosen'), chosen)),
    line('edge-held', color('--b-draft'), when(state('held'), 6)),
    line(EDGES, color('--sel'), 14, { 'line-opacity': 0 }),
  ];
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
function labels({ color, font, bold }) {
  return [
    {
      id: 'cell-names',
      type: 'symbol',
      source: 'cell-names',
      layout: {
        'text-field': [
          'format',
          ['get', 'code'],
          { 'text-font': ['literal', bold], 'font-scale': 1.12 },
          '\n',
          {},
          ['get', 'figure'],
          {
            'text-font': ['literal', font],
            'font-scale': 0.9,
            'text-color': ['case', ['get', 'bad'], color('--bad'), color('--ink-2')],
          },
        ],
        'text-font': bold,
        'text-size': ['interpolate', ['linear'], ['zoom'], ui(14), 11, ui(16), 14.5],
        'text-line-height': 1.25,
        'text-padding': 1,
        'symbol-sort-key': ['-', 0, ['get', 'households']],
      },
      paint: {
        'text-color': color('--ink'),
        'text-halo-color': color('--m-halo'),
        'text-halo-width': 2.7,
      },
    },
  ];
}

/**
 * Keep the map's states of units and edges equal to the draft.
 *
 * @param {TownMap} map
 * @param {Draft} draft
 * @param {string[]} before identity of each unit's cell in force, '' for none
 */
export function showDraft(map, draft, before) {
  const { partition } = draft;
  const { fabric, labels: label } = partition;
  /** @type {Map<number, number>} */
  let colours = new Map();
  /** What the map was told, so that it is told nothing twice. */
  const units = Array.from({ length: fabric.size }, () => '');
  const kinds = new Int8Array(fabric.edge_a.length).fill(-1);
  /** @type {Record<string, Set<number>>} */
  const lit = { aim: new Set(), picked: new Set(), hot: new Set(), chosen: new Set() };
  /** @type {number | null} */
  let chosen = null;

  const recolour = () => {
    colours = fillsOf(partition, draft.cells().keys(), colours);
  };
  const identity = (/** @type {number} */ no) => draft.cells().get(no)?.uid ?? '';
  const paintUnit = (/** @type {number} */ place) => {
    const no = label[place];
    const values = {
      fill: colours.get(no) ?? 0,
      loose: no === 0,
      moved: no !== 0 && before[place] !== identity(no),
      shut: draft.pins().has(place) || draft.shut(no) !== null,
    };
    const told = `${values.fill}${values.loose}${values.moved}${values.shut}`;
    if (units[place] === told) return;
    units[place] = told;
    map.setState('units', place, values, FABRIC);
  };
  const paintEdge = (/** @type {number} */ at) => {
    const [a, b] = [fabric.edge_a[at], fabric.edge_b[at]];
    const now = label[a] !== label[b];
    const then = before[a] !== before[b];
    const kind = now ? (then ? EDGE.kept : EDGE.made) : then ? EDGE.gone : EDGE.none;
    if (kinds[at] !== kind) {
      kinds[at] = kind;
      map.setState('edges', at, { kind }, FABRIC);
    }
    const around = chosen !== null && now && (label[a] === chosen || label[b] === chosen);
    if (around === lit.chosen.has(at)) return;
    map.setState('edges', at, { chosen: around }, FABRIC);
    if (around) lit.chosen.add(at);
    else lit.chosen.delete(at);
  };
  const light = (
    /** @type {'aim' | 'picked' | 'hot'} */ name,
    /** @type {Iterable<number>} */ places,
  ) => {
    const next = new Set(places);
    for (const place of lit[name]) {
      if (!next.has(place)) map.setState('units', place, { [name]: false }, FABRIC);
    }
    for (const place of next) {
      if (!lit[name].has(place)) map.setState('units', place, { [name]: true }, FABRIC);
    }
    lit[name] = next;
  };

  recolour();
  const shown = {
    /** The fill of a cell, 1 to 9. @param {number} no */
    fill: (no) => colours.get(no) ?? 0,
    /** Units have come to other cells. @param {Iterable<number>} places */
    units(places) {
      for (const place of places) {
        paintUnit(place);
        for (let p = fabric.start[place]; p < fabric.start[place + 1]; p += 1) {
          paintEdge(fabric.edge[p]);
        }
      }
    },
    /** Cells have come, gone or changed: fills, locks and pins are looked at anew. */
    cells() {
      recolour();
      for (let place = 0; place < fabric.size; place += 1) paintUnit(place);
    },
    /** How many units lie in another cell than in force. */
    moved() {
      let n = 0;
      for (let place = 0; place < fabric.size; place += 1) {
        if (label[place] !== 0 && before[place] !== identity(label[place])) n += 1;
      }
      return n;
    },
    /** Everything, into a style that knows nothing yet. */
    all() {
      units.fill('');
      kinds.fill(-1);
      for (const name of ['aim', 'picked', 'hot', 'chosen']) lit[name] = new Set();
      shown.cells();
      for (let at = 0; at < kinds.length; at += 1) paintEdge(at);
    },
    /** @param {Iterable<number>} places what the tool would touch */
    aim: (places) => light('aim', places),
    /** @param {Iterable<number>} places */
    picked: (places) => light('picked', places),
    /** @param {number | null} no the cell pointed at */
    hot: (no) => light('hot', no === null ? [] : partition.unitsOf(no)),
    /** @param {number | null} no */
    chosen(no) {
      chosen = no;
      for (let at = 0; at < kinds.length; at += 1) paintEdge(at);
    },
  };
  return shown;
}

/** @typedef {ReturnType<typeof showDraft>} Shown */

/** Everything drawn, in its order, and kept in step with the store. */

/** @import { LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */
/** @import { Cell, Key, State, Store } from '../store.js' */

import { worldPixel } from '../geo.js';
import { boundaries, ground, names, waterAndStreets } from '../layer-table.js';
import * as chiefs from './chiefs.js';
import * as coverage from './coverage.js';
import * as duty from './duty.js';
import * as entrances from './entrances.js';
import * as incidents from './incidents.js';
import * as labels from './labels.js';
import * as party from './party.js';
import * as selection from './selection.js';

/** Layers of each overlay; those of the others are switched off. */
const OVERLAYS = {
  incidents: incidents.LAYERS,
  coverage: [...coverage.LAYERS, ...entrances.LAYERS],
  chiefs: chiefs.LAYERS,
  party: party.LAYERS,
};
/** Layers behind the switches of the layer menu. */
const SWITCHES = {
  names: labels.LAYERS,
  cells: ['cell-case', 'cell-line'],
  communities: ['community-case', 'community-line', 'community-chosen-case', 'community-chosen'],
  buildings: ['building'],
  raster: ['raster'],
};
/** What a raster base map takes the place of. */
const GROUND = ['block', 'green', 'square', 'water', 'lane-case', 'lane', 'street-case', 'street'];
/** Layers that a click or the pointer may hit: signs before areas. */
export const SIGNS = [...incidents.HITS, ...party.HITS];
export const LINES = coverage.HITS;
export const DOORS = entrances.HITS;
export const AREAS = labels.HITS;
export const DUTIES = duty.HITS;

/** Names look for a new place when the zoom has changed by this much. */
const RESTLESS = 0.2;
/** From this zoom on signs stand alone and names make way for them. */
const SIGNS_FROM = 16;

/**
 * The style's layers from the ground up.
 *
 * @param {Palette} palette
 * @param {{lat: number, raster: boolean}} city
 * @returns {LayerSpecification[]}
 */
export function layers(palette, { lat, raster }) {
  const { cells, veil, communities } = boundaries(palette);
  const later = new Set([...Object.values(OVERLAYS).flat(), ...duty.LAYERS]);
  const [land, ...base] = ground(palette, lat);
  /** @type {LayerSpecification[]} */
  const picture = raster
    ? [{ id: 'raster', type: 'raster', source: 'raster', layout: { visibility: 'none' } }]
    : [];
  /** @type {LayerSpecification[]} */
  const all = [
    land,
    ...picture,
    ...base,
    ...incidents.ramp(palette),
    ...waterAndStreets(palette, lat),
    ...incidents.buildings(palette),
    ...chiefs.buildings(palette),
    ...cells,
    ...chiefs.ways(palette),
    ...coverage.layers(palette),
    ...entrances.layers(palette),
    ...veil,
    ...communities,
    ...duty.layers(palette),
    ...selection.layers(palette),
    ...names(palette),
    ...party.names(palette),
    ...labels.layers(palette),
    ...party.signs(),
    ...incidents.signs(),
    ...selection.marks(palette),
  ];
  // Nothing of any overlay shows before the store has said which one is asked for.
  return all.map((layer) =>
    later.has(layer.id)
      ? /** @type {LayerSpecification} */ ({
          ...layer,
          layout: { ...layer.layout, visibility: 'none' },
        })
      : layer,
  );
}

/**
 * @param {boolean} raster whether the server offers a raster base map
 * @returns {Record<string, SourceSpecification>}
 */
export function sources(raster) {
  /** @type {Record<string, SourceSpecification>} */
  const picture = raster
    ? {
        raster: {
          type: 'raster',
          tiles: [`${location.origin}/basemap/vec/{z}/{x}/{y}`],
          tileSize: 256,
          maxzoom: 18,
        },
      }
    : {};
  return {
    ...picture,
    ...incidents.sources(),
    ...labels.sources(),
    ...party.sources(),
    ...entrances.sources(),
    ...duty.sources(),
    ...selection.sources(),
  };
}

/**
 * Draw what the store holds, now and whenever it changes.
 *
 * @param {TownMap} map whose style is there
 * @param {Store} store
 */
export function keepDrawn(map, store) {
  const state = store.all();
  /** @type {[Key[], () => void][]} */
  const steps = [
    [['overlay', 'layers', 'community'], () => showLayers(map, state)],
    [['cells', 'classes', 'overlay', 'published'], () => incidents.paintRamp(map, state)],
    [
      ['incidents', 'cells', 'category', 'community', 'subdistrict', 'light', 'classes'],
      () => map.setShapes('incidents', incidents.shapes(state)),
    ],
    [['freshness', 'classes'], () => coverage.paintStretches(map, state.freshness, state.classes)],
    [
      ['entrances', 'classes'],
      () => map.setShapes('entrances', entrances.shapes(state.entrances, state)),
    ],
    [
      ['standings', 'classes', 'many'],
      () => chiefs.paintStandings(map, state.standings, state.classes, state.many),
    ],
    [
      ['units', 'cells', 'community', 'subdistrict', 'classes'],
      () => map.setShapes('party', party.shapes(state.units, state)),
    ],
    [
      ['cells', 'cell', 'community', 'subdistrict', 'overlay', 'units', 'incidents', 'published'],
      () => writeLabels(map, state),
    ],
    [['community', 'subdistrict', 'city', 'cells'], () => veil(map, state)],
    [['duty', 'rulings', 'borders', 'ruling'], () => duty.paint(map, state)],
    [['waters'], () => map.setShapes('waters', labels.waterLabels(state))],
  ];
  for (const [keys, step] of steps) {
    store.on(keys, step);
    step();
  }
  let zoom = map.view().zoom;
  map.on('idle', () => {
    if (Math.abs(map.view().zoom - zoom) < RESTLESS) return;
    zoom = map.view().zoom;
    writeLabels(map, state);
  });
  selection.followSelection(map, store);
}

/**
 * @param {TownMap} map
 * @param {State} state
 */
function showLayers(map, { overlay, layers: switches, community }) {
  for (const [name, ids] of Object.entries(OVERLAYS)) {
    for (const id of ids) map.show(id, name === overlay);
  }
  for (const [name, ids] of Object.entries(SWITCHES)) {
    const on = switches[name] ?? name !== 'raster';
    for (const id of ids) map.show(id, on);
  }
  for (const id of GROUND) map.show(id, !switches.raster);
  // Where lines are the message, the boundaries step back, and the names of lanes wait.
  const lines = overlay === 'chiefs' || overlay === 'coverage';
  map.paint('cell-line', 'line-opacity', lines ? 0.55 : 1);
  map.paint('cell-case', 'line-opacity', overlay === 'chiefs' ? 0 : 0.85);
  map.paint('community-chosen-case', 'line-opacity', lines ? 0 : 1);
  // Around the community chosen there is its dash alone.
  map.paint('community-line', 'line-opacity', community !== null ? 0 : lines ? 0.4 : 1);
  map.paint('community-case', 'line-opacity', community === null && !lines ? 1 : 0);
  map.from('lane-name', lines ? 18 : 16.7);
}

/**
 * Veil the communities that are outside the area chosen, or outside the caller's own.
 *
 * @param {TownMap} map
 * @param {State} state
 */
function veil(map, { city, community, subdistrict }) {
  for (const office of city?.subdistricts ?? []) {
    for (const { id, own } of office.communities) {
      const chosen =
        community !== null ? id === community : subdistrict === null || office.id === subdistrict;
      map.setState('communities', id, { outside: !chosen || !own, chosen: id === community });
    }
  }
}

/**
 * @param {TownMap} map
 * @param {State} state
 */
function writeLabels(map, state) {
  const units = unitsByCell(state);
  const { zoom } = map.view();
  const signs = zoom < SIGNS_FROM ? [] : signsOf(state);
  /** @type {Map<number, {x: number, y: number}[]>} */
  const byCell = new Map();
  for (const { cell, lng, lat } of signs) {
    if (cell === null) continue;
    const there = byCell.get(cell) ?? [];
    byCell.set(cell, [...there, worldPixel({ lng, lat }, zoom)]);
  }
  const aside = (/** @type {Cell} */ cell) =>
    labels.asideOf(worldPixel(cell, zoom), byCell.get(cell.id) ?? []);
  map.setShapes('cell-labels', labels.cellLabels(state, units, aside));
  map.setShapes('area-labels', labels.areaLabels(state, units));
}

/**
 * What stands on the map as a sign of its own.
 *
 * @param {State} state
 * @returns {Iterable<{cell: number | null, lng: number, lat: number}>}
 */
function signsOf({ overlay, incidents: open, units }) {
  if (overlay === 'incidents') return open.values();
  return overlay === 'party' ? units : [];
}

/**
 * @param {Pick<State, 'units'>} state
 * @returns {Map<number, number>}
 */
function unitsByCell({ units }) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const { cell } of units) if (cell !== null) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return counts;
}

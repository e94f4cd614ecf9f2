/** What is chosen is ink: a black line inside a white one; what is pointed at, a thin outline. */

/** @import { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl' */
/** @import { TownMap } from '../map.js' */
/** @import { Palette } from '../palette.js' */
/** @import { Store } from '../store.js' */

const ui = (/** @type {number} */ zoom) => zoom - 1;

const on = (/** @type {string} */ name) =>
  /** @type {ExpressionSpecification} */ (['boolean', ['feature-state', name], false]);

/** @returns {Record<string, SourceSpecification>} */
export function sources() {
  return { chosen: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } };
}

/**
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function layers({ color, size }) {
  const width = size('--sel-w');
  const cells = /** @type {const} */ ({ source: 'town', 'source-layer': 'cells' });
  const buildings = /** @type {const} */ ({
    source: 'town',
    'source-layer': 'buildings',
    minzoom: ui(16),
  });
  const line = (
    /** @type {string} */ id,
    /** @type {{source: string, 'source-layer': string, minzoom?: number}} */ from,
    /** @type {string} */ state,
    /** @type {string} */ hue,
    /** @type {number} */ wide,
  ) =>
    /** @type {LayerSpecification} */ ({
      id,
      type: 'line',
      ...from,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': hue, 'line-width': ['case', on(state), wide, 0] },
    });
  return [
    {
      id: 'hover-fill',
      type: 'fill',
      ...cells,
      minzoom: ui(15),
      paint: { 'fill-color': color('--hover'), 'fill-opacity': ['case', on('hover'), 1, 0] },
    },
    line('hover-line', { ...cells, minzoom: ui(15) }, 'hover', color('--sel'), 2),
    line('chosen-cell-halo', cells, 'chosen', color('--sel-halo'), width + 4.8),
    line('picked-cell-halo', cells, 'picked', color('--sel-halo'), width + 4.8),
    line('picked-cell', cells, 'picked', color('--sel'), width),
    line('chosen-cell', cells, 'chosen', color('--sel'), width),
    line('chosen-building-halo', buildings, 'chosen', color('--sel-halo'), width + 3.4),
    line('chosen-building', buildings, 'chosen', color('--sel'), width - 0.6),
  ];
}

/**
 * A ring around the sign of the incident that is chosen, a pin on the building.
 *
 * @param {Palette} palette
 * @returns {LayerSpecification[]}
 */
export function marks({ color }) {
  const ring = (/** @type {string} */ id, /** @type {string} */ hue, /** @type {number} */ wide) =>
    /** @type {LayerSpecification} */ ({
      id,
      type: 'circle',
      source: 'chosen',
      paint: {
        'circle-radius': 13,
        'circle-color': 'transparent',
        'circle-stroke-color': hue,
        'circle-stroke-width': wide,
      },
    });
  return [
    ring('chosen-mark-halo', color('--sel-halo'), 4.6),
    ring('chosen-mark', color('--sel'), 2.2),
    {
      id: 'chosen-pin',
      type: 'symbol',
      source: 'town',
      'source-layer': 'buildings',
      minzoom: ui(16),
      filter: ['==', ['id'], -1],
      layout: { 'icon-image': 'pin', 'icon-overlap': 'always', 'icon-ignore-placement': true },
    },
  ];
}

/**
 * Keep what is chosen and pointed at in step with the store.
 *
 * @param {TownMap} map
 * @param {Store} store
 */
export function followSelection(map, store) {
  /** @type {Record<string, number | null>} */
  const shown = { hover: null, cell: null, building: null };
  const move = (
    /** @type {'hover' | 'cell' | 'building'} */ key,
    /** @type {string} */ layer,
    /** @type {string} */ name,
  ) => {
    const next = store.get(key);
    const before = shown[key];
    if (before === next) return;
    if (before !== null) map.setState(layer, before, { [name]: false });
    if (next !== null) map.setState(layer, next, { [name]: true });
    shown[key] = next;
  };
  /** @type {number[]} */
  let together = [];
  const pickedToo = () => {
    const next = store.get('picked');
    for (const id of together) if (!next.includes(id)) map.setState('cells', id, { picked: false });
    for (const id of next) map.setState('cells', id, { picked: true });
    together = next;
  };
  const mark = () => {
    const incident = store.get('incidents').get(store.get('incident') ?? -1);
    const spot = store.get('filing')?.spot;
    const places = [incident, store.get('walked'), spot].flatMap((place) => place ?? []);
    map.setShapes('chosen', {
      type: 'FeatureCollection',
      features: places.map(({ lng, lat }) => ({
        type: 'Feature',
        properties: {},
        geometry: { type: 'Point', coordinates: [lng, lat] },
      })),
    });
  };
  const all = () => {
    if (shown.building !== store.get('building')) map.only('chosen-pin', store.get('building'));
    move('hover', 'cells', 'hover');
    move('cell', 'cells', 'chosen');
    move('building', 'buildings', 'chosen');
  };
  store.on(['hover', 'cell', 'building'], all);
  store.on(['incident', 'incidents', 'walked', 'filing'], mark);
  store.on('picked', pickedToo);
  all();
  pickedToo();
  mark();
}

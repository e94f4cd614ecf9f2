/** The beat's map: drawn from what the phone holds, so that it is there without network. */

/** @import { LayerSpecification, Map as MapView, Marker, SourceSpecification } from 'maplibre-gl' */
/** @import { FeatureCollection } from 'geojson' */
/** @import { Palette } from '../palette.js' */
/** @import { BeatData, Place } from './state.js' */

import { layers as coverage } from '../draw/coverage.js';
import { ground, names, waterAndStreets } from '../layer-table.js';

const SOURCES = [
  'communities',
  'ground',
  'streets',
  'lanes',
  'buildings',
  'stretches',
  'entrances',
];
const REACH = 16; // pixels around a fingertip

/**
 * The layers of the great map over our own sources.
 *
 * @param {LayerSpecification[]} layers
 */
function ownSources(layers) {
  return layers
    .filter((layer) => {
      const from = /** @type {any} */ (layer)['source-layer'];
      return from === undefined ? layer.type === 'background' : SOURCES.includes(from);
    })
    .map((layer) => {
      const { 'source-layer': from, ...rest } = /** @type {any} */ (layer);
      return from === undefined ? layer : { ...rest, source: from };
    });
}

/** @param {{id?: number, geometry: any, properties?: Record<string, unknown>}[]} shapes */
function collection(shapes) {
  const features = shapes.map((one) => ({ type: 'Feature', properties: {}, ...one }));
  return /** @type {FeatureCollection} */ ({ type: 'FeatureCollection', features });
}

/** @param {string} type @param {unknown} coordinates */
const shape = (type, coordinates) => ({ type, coordinates });

/**
 * @param {BeatData} data
 * @returns {Record<string, SourceSpecification>}
 */
function sources(data) {
  const way = (/** @type {string} */ kind) =>
    data.ways
      .filter((one) => one.kind === kind)
      .map(({ name, width, shape: s }) => ({
        geometry: shape('MultiLineString', s),
        properties: { name, width },
      }));
  /** @type {Record<string, ReturnType<typeof collection>>} */
  const drawn = {
    communities: collection(
      data.cells.map((one) => ({ geometry: shape('MultiPolygon', one.shape) })),
    ),
    ground: collection(
      data.ground.map((one) => ({
        geometry: shape('MultiPolygon', one.shape),
        properties: { kind: one.kind },
      })),
    ),
    streets: collection(way('street')),
    lanes: collection(way('lane')),
    buildings: collection(
      data.buildings.map((one) => ({
        id: one.id,
        geometry: shape('MultiPolygon', one.shape),
        properties: { label: one.number },
      })),
    ),
    stretches: collection(
      data.stretches.map((one) => ({
        id: one.id,
        geometry: shape('LineString', one.shape),
        properties: { side: one.side },
      })),
    ),
    entrances: collection(
      data.entrances.map((one) => ({ id: one.id, geometry: shape('Point', [one.lng, one.lat]) })),
    ),
    me: collection([]),
  };
  return Object.fromEntries(
    Object.entries(drawn).map(([name, of]) => [name, { type: 'geojson', data: of }]),
  );
}

/**
 * @param {Palette} palette
 * @param {number} lat
 * @returns {LayerSpecification[]}
 */
function layers(palette, lat) {
  const { color, size } = palette;
  const fresh = /** @type {const} */ (['coalesce', ['feature-state', 'fresh'], 6]);
  return [
    ...ownSources([...ground(palette, lat), ...waterAndStreets(palette, lat)]),
    {
      id: 'cell-line',
      type: 'line',
      source: 'communities',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': color('--b-cell'), 'line-width': size('--b-cell-w') },
    },
    ...ownSources(coverage(palette)),
    {
      id: 'entrance',
      type: 'circle',
      source: 'entrances',
      minzoom: 16.6,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 16.6, 3.4, 18, 6.5],
        'circle-stroke-width': 1.6,
        'circle-stroke-color': color('--ink'),
        'circle-color': /** @type {any} */ ([
          'match',
          fresh,
          5,
          color('--f-over'),
          4,
          color('--f-due'),
          6,
          color('--surface'),
          color('--f-1'),
        ]),
      },
    },
    ...ownSources(names(palette)),
    {
      id: 'me-blur',
      type: 'fill',
      source: 'me',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': color('--accent'), 'fill-opacity': 0.16 },
    },
    {
      id: 'me',
      type: 'circle',
      source: 'me',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 8,
        'circle-color': color('--accent'),
        'circle-stroke-color': color('--surface'),
        'circle-stroke-width': 3,
      },
    },
  ];
}

/**
 * @param {Place} place
 * @param {number} metres
 */
function circle([lng, lat], metres) {
  const [dx, dy] = [metres / (111_320 * Math.cos((lat * Math.PI) / 180)), metres / 111_320];
  const ring = Array.from({ length: 33 }, (_, i) => {
    const turn = (i / 32) * 2 * Math.PI;
    return [lng + dx * Math.cos(turn), lat + dy * Math.sin(turn)];
  });
  return shape('Polygon', [ring]);
}

/**
 * Draw the beat.
 *
 * @param {{container: HTMLElement, library: {map: string, worker: string}, data: BeatData,
 *   palette: Palette, view: {center: Place, zoom: number} | null,
 *   tapped: (place: Place, stretch: number | null, entrance: number | null) => void}} options
 * @throws {Error} the machine cannot draw (no WebGL2)
 */
export async function openBeatMap({ container, library, data, palette, view, tapped }) {
  const lib = await import(library.map);
  lib.setWorkerUrl(new URL(library.worker, location.href).href);
  const [west, south, east, north] = data.bbox;
  /** @type {MapView} */
  const map = new lib.Map({
    container,
    style: { version: 8, sources: sources(data), layers: layers(palette, (south + north) / 2) },
    ...(view ?? { bounds: [west, south, east, north], fitBoundsOptions: { padding: 6 } }),
    minZoom: 11,
    maxZoom: 19.5,
    maxPitch: 0,
    dragRotate: false,
    boxZoom: false,
    renderWorldCopies: false,
    attributionControl: false,
    fadeDuration: 0,
    localIdeographFontFamily: palette.fontList,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  const ready = new Promise((resolve) => map.once('style.load', () => resolve(null)));
  map.on('click', ({ lngLat, point }) => {
    const around = /** @type {[any, any]} */ ([
      [point.x - REACH, point.y - REACH],
      [point.x + REACH, point.y + REACH],
    ]);
    const hit = (/** @type {string[]} */ ...ids) => {
      const found = map.queryRenderedFeatures(around, { layers: ids })[0]?.id;
      return typeof found === 'number' ? found : null;
    };
    const entrance = hit('entrance');
    const lines = ['fresh-solid', 'fresh-over', 'fresh-none'];
    tapped([lngLat.lng, lngLat.lat], entrance === null ? hit(...lines) : null, entrance);
  });
  await ready;
  /** @type {Marker[]} */
  let stops = [];
  return {
    map,
    /**
     * @param {'stretches' | 'entrances'} source
     * @param {{id: number, klass: number}[]} things
     */
    paint(source, things) {
      for (const { id, klass } of things) map.setFeatureState({ source, id }, { fresh: klass });
    },
    /** @param {{element: HTMLElement, place: Place}[]} signs */
    mark(signs) {
      for (const stop of stops) stop.remove();
      stops = signs.map(({ element, place }) =>
        new lib.Marker({ element, anchor: 'center' }).setLngLat(place).addTo(map),
      );
    },
    /** @param {Place | null} place @param {number | null} blur metres */
    stand(place, blur) {
      const source = /** @type {any} */ (map.getSource('me'));
      const around = place && blur ? [{ geometry: circle(place, blur) }] : [];
      source.setData(collection(place ? [...around, { geometry: shape('Point', place) }] : []));
    },
    /** @param {Place} place @param {number} [zoom] */
    go(place, zoom) {
      map.easeTo({
        center: place,
        zoom: zoom ?? Math.max(map.getZoom(), 16.5),
        duration: palette.flight,
      });
    },
    /** @param {Place[]} places */
    show(places) {
      if (places.length === 0) return;
      const lngs = places.map(([lng]) => lng);
      const lats = places.map(([, lat]) => lat);
      /** @type {[number, number, number, number]} */
      const box = [Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)];
      const padding = { top: 46, right: 70, bottom: 46, left: 46 };
      map.fitBounds(box, { padding, maxZoom: 16.4, duration: 0 });
    },
    view() {
      const { lng, lat } = map.getCenter();
      return { center: /** @type {Place} */ ([lng, lat]), zoom: map.getZoom() };
    },
    metresAPixel() {
      const { lat } = map.getCenter();
      return (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
    },
    remove: () => map.remove(),
  };
}

/** @typedef {Awaited<ReturnType<typeof openBeatMap>>} BeatMap */

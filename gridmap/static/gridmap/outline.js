/** A small map in a form: shows a shape, lets its corners be dragged. Beside map.js the only module
 * that knows the map library: a form needs neither town nor tickets. */

import { Map as MapView, setWorkerUrl } from 'maplibre-gl';

/** @import { Position } from 'geojson' */
/** @import { GeoJSONSource } from 'maplibre-gl' */

/** @typedef {{type: string, coordinates: any}} Shape */
/** @typedef {[number, number, number, number]} Box west, south, east, north */

/**
 * Corners of a shape with the way to each; a ring's last corner is its first and is left out.
 *
 * @param {any} coordinates
 * @param {number[]} [way]
 * @returns {{at: Position, way: number[]}[]}
 */
export function corners(coordinates, way = []) {
  if (typeof coordinates[0] === 'number') return [{ at: coordinates, way }];
  const closed = way.length > 0 && isRing(coordinates);
  const parts = closed ? coordinates.slice(0, -1) : coordinates;
  return parts.flatMap((/** @type {any} */ part, /** @type {number} */ i) =>
    corners(part, [...way, i]),
  );
}

/** @param {any} part */
function isRing(part) {
  const last = part.at(-1);
  return (
    typeof part[0]?.[0] === 'number' &&
    part.length > 3 &&
    part[0][0] === last[0] &&
    part[0][1] === last[1]
  );
}

/**
 * The shape with one corner elsewhere; the end of a ring follows its beginning.
 *
 * @param {Shape} shape
 * @param {number[]} way
 * @param {Position} to
 * @returns {Shape}
 */
export function moved(shape, way, to) {
  const copy = structuredClone(shape);
  if (way.length === 0) return { ...copy, coordinates: to };
  let part = copy.coordinates;
  for (const i of way.slice(0, -1)) part = part[i];
  const place = way.at(-1) ?? 0;
  const ring = isRing(part);
  part[place] = to;
  if (ring && place === 0) part[part.length - 1] = to;
  return copy;
}

/** @param {number} degrees a tenth of a metre is enough */
const rounded = (degrees) => Math.round(degrees * 1e6) / 1e6;

/**
 * @param {Shape | null} shape
 * @param {{ground: string, line: string, fill: string, way: string}} colours
 * @param {boolean} basemap
 * @returns {any}
 */
function style(shape, colours, basemap) {
  const data = features(shape);
  const street = {
    type: 'raster',
    tiles: [`${location.origin}/basemap/vec/{z}/{x}/{y}`],
    tileSize: 256,
    maxzoom: 18,
  };
  return {
    version: 8,
    sources: {
      shape: { type: 'geojson', data },
      ways: { type: 'geojson', data: features(null) },
      ...(basemap ? { street } : {}),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colours.ground } },
      ...(basemap ? [{ id: 'street', type: 'raster', source: 'street' }] : []),
      {
        id: 'ways',
        type: 'line',
        source: 'ways',
        paint: { 'line-color': colours.way, 'line-width': 1 },
      },
      {
        id: 'fill',
        type: 'fill',
        source: 'shape',
        filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': colours.line, 'fill-opacity': 0.12 },
      },
      {
        id: 'line',
        type: 'line',
        source: 'shape',
        paint: { 'line-color': colours.line, 'line-width': 2 },
      },
      {
        id: 'corner',
        type: 'circle',
        source: 'shape',
        filter: ['==', ['geometry-type'], 'Point'],
        paint: {
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 12, 2, 16, 6],
          'circle-color': colours.fill,
          'circle-stroke-color': colours.line,
          'circle-stroke-width': 1.5,
        },
      },
    ],
  };
}

/**
 * @param {Shape | null} shape
 * @returns {any}
 */
function features(shape) {
  if (!shape) return { type: 'FeatureCollection', features: [] };
  const points = corners(shape.coordinates).map(({ at, way }) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: at },
    properties: { way: way.join('.') },
  }));
  const whole = { type: 'Feature', geometry: shape, properties: {} };
  const drawn = shape.type === 'Point' ? points : [whole, ...points];
  return { type: 'FeatureCollection', features: drawn };
}

/**
 * Open the map of one field.
 *
 * @param {{container: HTMLElement, shape: Shape | null, kind: string, basemap: boolean,
 *   colours: {ground: string, line: string, fill: string, way: string},
 *   changed: (shape: Shape) => void}} options
 */
export function openOutline({ container, shape, kind, basemap, colours, changed }) {
  setWorkerUrl(new URL('maplibre-gl-worker.mjs', import.meta.resolve('maplibre-gl')).href);
  let now = shape;
  /** @type {Box | null} where the map stands while there is no shape */
  let ground = null;
  const map = new MapView({
    container,
    style: style(now, colours, basemap),
    attributionControl: false,
    dragRotate: false,
    maxPitch: 0,
    renderWorldCopies: false,
  });
  map.getCanvas().setAttribute('tabindex', '-1'); // the field below is the keyboard's way
  const redraw = () => {
    const source = /** @type {GeoJSONSource | undefined} */ (map.getSource('shape'));
    source?.setData(features(now));
  };
  const frame = () => {
    if (!now) {
      if (ground) map.fitBounds(ground, { padding: 8, animate: false });
      return;
    }
    const places = corners(now.coordinates).map(({ at }) => at);
    const [lngs, lats] = [0, 1].map((i) => places.map((place) => Number(place[i])));
    map.fitBounds([Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)], {
      padding: 32,
      animate: false,
      maxZoom: 17,
    });
  };
  /** @type {number[] | null} */
  let held = null;
  map.on('mousedown', 'corner', (event) => {
    event.preventDefault();
    const way = String(event.features?.[0]?.properties.way ?? '');
    held = way === '' ? [] : way.split('.').map(Number);
  });
  map.on('mousemove', ({ lngLat }) => {
    if (!held || !now) return;
    now = moved(now, held, [rounded(lngLat.lng), rounded(lngLat.lat)]);
    redraw();
  });
  map.on('mouseup', () => {
    if (held && now) changed(now);
    held = null;
  });
  map.on('click', ({ lngLat }) => {
    if (kind !== 'Point') return;
    now = { type: 'Point', coordinates: [rounded(lngLat.lng), rounded(lngLat.lat)] };
    redraw();
    changed(now);
  });
  map.on('load', frame);
  return {
    /**
     * Show streets and lanes under the shape, so that one knows where it is.
     *
     * @param {Box} box of the city
     * @param {any} ways a collection of lines
     */
    lay(box, ways) {
      ground = box;
      const put = () => {
        /** @type {GeoJSONSource | undefined} */ (map.getSource('ways'))?.setData(ways);
        if (!now) frame();
      };
      if (map.loaded()) put();
      else map.once('load', put);
    },
    /** @param {Shape | null} other what was typed into the field */
    show(other) {
      now = other;
      redraw();
      frame();
    },
  };
}

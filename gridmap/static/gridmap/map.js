/** The only module that knows the map library. Zoom levels outside it are those of ui.md. */

import {
  addProtocol,
  GeoJSONSource,
  Map as MapView,
  setWorkerUrl,
  VectorTileSource,
} from 'maplibre-gl';

/** @import { GeoJSON } from 'geojson' */
/** @import { LayerSpecification, MapLayerMouseEvent, PointLike, SourceSpecification } from 'maplibre-gl' */
/** @import { Box } from './geo.js' */
/** @import { View } from './store.js' */

/** ui.md counts zoom in 256-pixel tiles, the library in 512-pixel ones. */
const STEP = 1;
/** Scheme of our tile addresses inside the library; requests go through our own door. */
const SCHEME = 'gridmap';
/** The vector source of the town. */
export const TOWN = 'town';

/**
 * @typedef {{x: number, y: number}} Pixel
 * @typedef {{layer: string, id: number | null, properties: Record<string, any>, lng: number,
 *   lat: number}} Hit lng/lat: of a point; of other shapes where it was hit
 * @typedef {{lng: number, lat: number, pixel: Pixel, shift: boolean}} Pointing
 */

/**
 * Zoom of ui.md to the library's, for layer tables.
 *
 * @param {number} zoom
 */
export const at = (zoom) => zoom - STEP;

/**
 * Open a map.
 *
 * @param {{
 *   container: HTMLElement,
 *   edition: string,
 *   moment: string | null,
 *   bounds: Box,
 *   view: View | null,
 *   padding: {top: number, right: number, bottom: number, left: number},
 *   layers: LayerSpecification[],
 *   sources: Record<string, SourceSpecification>,
 *   fonts: string,
 *   flight: number,
 *   bytes: (path: string, signal: AbortSignal) => Promise<ArrayBuffer>,
 * }} options view null: the whole of bounds, with this much free at the edges; flight: milliseconds of a movement, 0: none
 */
export function openMap({
  padding,
  container,
  edition,
  moment,
  bounds,
  view,
  layers,
  sources,
  fonts,
  flight,
  bytes,
}) {
  setWorkerUrl(new URL('maplibre-gl-worker.mjs', import.meta.resolve('maplibre-gl')).href);
  addProtocol(SCHEME, async ({ url }, abort) => ({
    data: await bytes(`/feeds/tiles/${url.slice(SCHEME.length + 3)}`, abort.signal),
  }));
  const map = new MapView({
    container,
    style: {
      version: 8,
      sources: { [TOWN]: town(tilesOf(edition, moment), bounds), ...sources },
      layers,
    },
    ...(view
      ? { center: [view.lng, view.lat], zoom: at(view.zoom) }
      : { bounds, fitBoundsOptions: { padding } }),
    minZoom: 7,
    maxZoom: 19.5,
    maxPitch: 0,
    dragRotate: false,
    boxZoom: false,
    renderWorldCopies: false,
    attributionControl: false,
    fadeDuration: Math.min(flight, 120),
    localIdeographFontFamily: fonts,
    refreshExpiredTiles: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute('tabindex', '0');

  return {
    ...moving(map, flight, padding),
    ...drawing(map),
    ...asking(map),
    /**
     * Hear the pointer.
     *
     * @param {'click' | 'mousemove' | 'contextmenu' | 'touchstart' | 'touchend' | 'mouseout'} name
     * @param {(pointing: Pointing) => void} fn
     */
    onPointer(name, fn) {
      map.on(name, (event) => fn(pointing(/** @type {any} */ (event))));
    },
    /**
     * Hear of `style.load` (the layers are there), movements, and `idle` (all is drawn).
     *
     * @param {'style.load' | 'moveend' | 'movestart' | 'move' | 'idle'} name
     * @param {() => void} fn
     */
    on(name, fn) {
      map.on(name, fn);
    },
    /**
     * Hear of tiles or sources that failed to load, each failure once.
     *
     * @param {(error: {message: string}) => void} fn
     */
    onError(fn) {
      map.on('error', ({ error }) => fn(error));
    },
    /**
     * Draw an image when a layer first asks for it.
     *
     * @param {(id: string) => {width: number, height: number, data: Uint8ClampedArray} | null} make
     * @param {number} ratio pixels of the image in one pixel of the page
     */
    onImage(make, ratio) {
      map.setMissingStyleImageResolver((id) => {
        const image = make(id);
        if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: ratio });
      });
    },
    canvas: map.getCanvas(),
    remove: () => map.remove(),
  };
}

/** @typedef {ReturnType<typeof openMap>} TownMap */

/**
 * @param {string} tiles address
 * @param {Box} bounds
 * @returns {SourceSpecification}
 */
function town(tiles, bounds) {
  return { type: 'vector', tiles: [tiles], minzoom: 8, maxzoom: 18, bounds };
}

/**
 * @param {string} edition
 * @param {string | null} moment of the past whose cells are drawn
 */
function tilesOf(edition, moment) {
  const past = moment === null ? '' : `?as_of=${moment}`;
  return `${SCHEME}://${edition}/{z}/{x}/{y}.mvt${past}`;
}

/**
 * @param {MapLayerMouseEvent} event
 * @returns {Pointing}
 */
function pointing({ lngLat, point, originalEvent }) {
  const { lng, lat } = lngLat;
  return { lng, lat, pixel: { x: point.x, y: point.y }, shift: originalEvent?.shiftKey ?? false };
}

/**
 * Where the map looks.
 *
 * @param {MapView} map
 * @param {number} flight milliseconds
 * @param {{top: number, right: number, bottom: number, left: number}} padding
 */
function moving(map, flight, padding) {
  const move = { duration: flight, essential: true };
  return {
    /** @returns {View} */
    view() {
      const { lng, lat } = map.getCenter();
      return { zoom: map.getZoom() + STEP, lat, lng };
    },
    /** @returns {Box} */
    box() {
      const box = map.getBounds();
      return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    },
    /** @param {View} view at once, without a flight */
    jump({ zoom, lat, lng }) {
      map.jumpTo({ center: [lng, lat], zoom: at(zoom) });
    },
    /**
     * Fly to a place or to the whole of a box.
     *
     * @param {{lng: number, lat: number, zoom?: number} | {bbox: Box}} target
     */
    fly(target) {
      if ('bbox' in target) map.fitBounds(target.bbox, { ...move, padding, maxZoom: 17 });
      else {
        const zoom = target.zoom === undefined ? map.getZoom() : at(target.zoom);
        map.easeTo({ ...move, center: [target.lng, target.lat], zoom });
      }
    },
    /** Whether a drag moves the map, and a double click brings it nearer. @param {boolean} on */
    dragging(on) {
      for (const handler of [map.dragPan, map.doubleClickZoom]) {
        if (on) handler.enable();
        else handler.disable();
      }
    },
    /** @param {number} steps */
    zoomBy(steps) {
      map.easeTo({ ...move, zoom: map.getZoom() + steps });
    },
    resize: () => {
      map.resize();
    },
  };
}

/**
 * What the map shows.
 *
 * @param {MapView} map
 */
function drawing(map) {
  return {
    /**
     * Replace the shapes of a source.
     *
     * @param {string} id
     * @param {GeoJSON} data
     */
    setShapes(id, data) {
      const source = map.getSource(id);
      if (source instanceof GeoJSONSource) source.setData(data);
    },
    /**
     * Give a feature of the town, or of another source of tiles, values that its layers read.
     *
     * @param {string} layer source layer
     * @param {number} id
     * @param {Record<string, unknown>} state
     * @param {string} [source]
     */
    setState(layer, id, state, source = TOWN) {
      map.setFeatureState({ source, sourceLayer: layer, id }, state);
    },
    /**
     * Forget the values of all features of a layer.
     *
     * @param {string} layer source layer
     */
    clearStates(layer) {
      map.removeFeatureState({ source: TOWN, sourceLayer: layer });
    },
    /**
     * @param {string} layer one that is not there is passed over
     * @param {boolean} on
     */
    show(layer, on) {
      if (!map.getLayer(layer)) return;
      map.setLayoutProperty(layer, 'visibility', on ? 'visible' : 'none');
    },
    /**
     * @param {string} layer
     * @param {number} zoom from which it is drawn
     */
    from(layer, zoom) {
      map.setLayerZoomRange(layer, at(zoom), map.getMaxZoom() + STEP);
    },
    /**
     * Draw of a layer only the feature with this id.
     *
     * @param {string} layer
     * @param {number | null} id null: none
     */
    only(layer, id) {
      map.setFilter(layer, ['==', ['id'], id ?? -1]);
    },
    /**
     * @param {string} layer
     * @param {string} property
     * @param {unknown} value
     */
    paint(layer, property, value) {
      map.setPaintProperty(layer, /** @type {any} */ (property), /** @type {any} */ (value));
    },
    /**
     * The map was changed, or another moment is asked for: ask for its picture, keeping the old one.
     *
     * @param {string} edition
     * @param {string | null} moment of the past; null: now
     */
    setEdition(edition, moment) {
      const source = map.getSource(TOWN);
      if (source instanceof VectorTileSource) source.setTiles([tilesOf(edition, moment)]);
    },
  };
}

/**
 * What lies where.
 *
 * @param {MapView} map
 */
function asking(map) {
  return {
    /**
     * Features drawn at a pixel or within `reach` pixels of it, top one first.
     *
     * @param {Pixel} pixel
     * @param {string[]} layers
     * @param {number} [reach]
     * @returns {Hit[]}
     */
    hits({ x, y }, layers, reach = 0) {
      /** @type {PointLike | [PointLike, PointLike]} */
      const where = reach
        ? [
            [x - reach, y - reach],
            [x + reach, y + reach],
          ]
        : [x, y];
      const here = map.unproject([x, y]);
      return map.queryRenderedFeatures(where, { layers }).map((feature) => {
        const point = feature.geometry.type === 'Point' ? feature.geometry.coordinates : null;
        return {
          layer: feature.layer.id,
          id: typeof feature.id === 'number' ? feature.id : null,
          properties: feature.properties,
          lng: point ? point[0] : here.lng,
          lat: point ? point[1] : here.lat,
        };
      });
    },
    /**
     * The zoom at which a cluster comes apart.
     *
     * @param {string} source
     * @param {number} cluster
     * @returns {Promise<number>}
     */
    async expansion(source, cluster) {
      const found = map.getSource(source);
      if (!(found instanceof GeoJSONSource)) return map.getZoom() + STEP;
      return (await found.getClusterExpansionZoom(cluster)) + STEP;
    },
    /**
     * @param {Pixel} pixel
     * @returns {{lng: number, lat: number}}
     */
    place({ x, y }) {
      const { lng, lat } = map.unproject([x, y]);
      return { lng, lat };
    },
    /**
     * @param {{lng: number, lat: number}} place
     * @returns {Pixel}
     */
    pixel({ lng, lat }) {
      const { x, y } = map.project([lng, lat]);
      return { x, y };
    },
  };
}

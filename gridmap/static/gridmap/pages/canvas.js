/** The map and all that floats on it, put together: what a page calls. */

/** @import { Feeds } from '../feeds.js' */
/** @import { Box } from '../geo.js' */
/** @import { Store } from '../store.js' */

import { keepDrawn, layers, sources } from '../draw/picture.js';
import { draw, RATIO } from '../draw/signs.js';
import { element } from '../elements.js';
import { boxAround } from '../geo.js';
import { openMap } from '../map.js';
import { readPalette } from '../palette.js';
import { choiceList } from '../panels/choice.js';
import { focusStrip } from '../panels/focus.js';
import { layersMenu } from '../panels/layers-menu.js';
import { legend } from '../panels/legend.js';
import { mapKey } from '../panels/map-keys.js';
import { notice } from '../panels/notice.js';
import { overlaySwitch } from '../panels/overlays.js';
import { listenToPointer } from '../panels/pointer.js';
import { origin, scale } from '../panels/scale.js';
import { timeRange } from '../panels/time.js';
import { tooltip } from '../panels/tooltip.js';
import { walkSigns } from '../panels/walk.js';
import { zoomButtons } from '../panels/zoom.js';
import { asOf, t } from '../words.js';

/** What the floating pieces cover at the edges, pixels; what is flown to lies within. */
const WIDE = { top: 76, right: 64, bottom: 112, left: 160 };
const NARROW = { top: 64, right: 12, bottom: 28, left: 12 };

/**
 * @typedef {{lng: number, lat: number, zoom?: number} | {bbox: Box}} Target
 * @typedef {{flyTo: (target: Target) => void, resize: () => void}} Canvas
 */

/**
 * Put the map and its floating pieces into `root` and keep them in step with the store.
 *
 * @param {HTMLElement} root an empty positioned element; its height is the map's
 * @param {Store} store holds `city`; and `view`, or the map begins with the area chosen
 * @param {Feeds} feeds
 * @param {{raster?: boolean}} [options] raster: the server offers a raster base map
 * @returns {Canvas}
 */
export function mountCanvas(root, store, feeds, { raster = false } = {}) {
  const city = store.get('city');
  if (!city) throw new Error('no city to draw');
  const palette = readPalette();
  const holder = element('div', { class: 'town' });
  root.replaceChildren(holder);
  const lat = (city.bbox[1] + city.bbox[3]) / 2;
  const map = openMap({
    container: holder,
    edition: city.edition,
    moment: asOf(),
    bounds: city.bbox,
    view: store.get('view'),
    padding: root.clientWidth > 700 ? WIDE : NARROW,
    layers: layers(palette, { lat, raster }),
    sources: sources(raster),
    fonts: palette.fontList,
    flight: palette.flight,
    bytes: feeds.bytes,
  });
  map.canvas.setAttribute('role', 'application');
  map.canvas.setAttribute('aria-label', t('地图：方向键移动，加减号缩放'));
  map.onImage((id) => draw(id, palette), RATIO);
  map.onError(({ message }) => tilesFailed(store, message));
  map.on('style.load', () => keepDrawn(map, store));
  const fetchAgain = () => {
    const { tiles: _, ...errors } = store.get('errors');
    store.set({ errors }, { history: null });
    map.setEdition(store.get('city')?.edition ?? city.edition, asOf());
  };
  store.does('reload', fetchAgain);
  store.on(['city', 'asof'], fetchAgain);
  followView(map, store);
  startNear(map, store);
  root.append(
    overlaySwitch(store, layersMenu(store, raster)),
    element(
      'div',
      { class: 'corner' },
      notice(store),
      element('div', { class: 'foot-pieces' }, legend(map, store), scale(map)),
    ),
    timeRange(store),
    focusStrip(store),
    zoomButtons(map, store, feeds),
    origin(store),
  );
  listenToPointer(map, store, { list: choiceList(root), note: tooltip(root) });
  walkSigns(map, store, document.getElementById('aloud'));
  mapKey('+', () => map.zoomBy(1));
  mapKey('=', () => map.zoomBy(1));
  mapKey('-', () => map.zoomBy(-1));
  return { flyTo: map.fly, resize: map.resize };
}

/**
 * The address follows the map, and the map the address (back, or a link).
 *
 * @param {ReturnType<typeof openMap>} map
 * @param {Store} store
 */
function followView(map, store) {
  store.set({ box: map.box() }, { history: null });
  map.on('moveend', () => store.set({ view: map.view(), box: map.box() }));
  store.on('view', ({ view }) => {
    if (!view) return;
    const now = map.view();
    const same =
      Math.abs(now.zoom - view.zoom) < 0.01 &&
      Math.abs(now.lat - view.lat) < 1e-5 &&
      Math.abs(now.lng - view.lng) < 1e-5;
    if (!same) map.jump(view);
  });
}

/**
 * Go to the cell or area chosen: once at the start when the address names no view, and when asked.
 *
 * @param {ReturnType<typeof openMap>} map
 * @param {Store} store
 */
function startNear(map, store) {
  const near = (/** @type {{community: number | null, subdistrict: number | null}} */ area) => {
    const places = [...store.get('cells').values()].filter(
      (cell) =>
        (area.community !== null && cell.community === area.community) ||
        (area.community === null && cell.subdistrict === area.subdistrict),
    );
    const bbox = boxAround(places);
    if (bbox) map.fly({ bbox });
  };
  store.does('near-community', ({ community }) => near({ community, subdistrict: null }));
  if (store.get('view')) return;
  if (store.get('ruling') !== null || store.get('border') !== null) {
    startAtDuty(map, store);
    return;
  }
  const begin = () => {
    const { cell, cells, community, subdistrict } = store.all();
    const chosen = cell === null ? undefined : cells.get(cell);
    if (chosen) map.fly({ lng: chosen.lng, lat: chosen.lat, zoom: 17 });
    else if (community !== null || subdistrict !== null) near({ community, subdistrict });
  };
  if (store.get('cells').size > 0) begin();
  else {
    const stop = store.on('cells', () => {
      stop();
      begin();
    });
  }
}

/**
 * Go to the ruling or the border that the address names, as soon as it is there.
 *
 * @param {ReturnType<typeof openMap>} map
 * @param {Store} store
 */
function startAtDuty(map, store) {
  const stop = store.on(['rulings', 'borders'], ({ rulings, borders, ruling, border }) => {
    const chosen = [...rulings, ...borders].find(({ id }) => id === ruling || id === border);
    const shape = chosen?.geometry;
    if (shape?.type !== 'MultiPolygon') return;
    stop();
    const corners = shape.coordinates.flat(2);
    const bbox = boxAround(corners.map(([lng, lat]) => ({ lng, lat })));
    if (bbox) map.fly({ bbox });
  });
}

/**
 * @param {Store} store
 * @param {string} message
 */
function tilesFailed(store, message) {
  if (/abort/i.test(message)) return;
  store.set({ errors: { ...store.get('errors'), tiles: message } }, { history: null });
}

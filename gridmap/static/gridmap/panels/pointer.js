/** What pointing, clicking and pressing on the map do. */

/** @import { Hit, Pixel, Pointing, TownMap } from '../map.js' */
/** @import { Store } from '../store.js' */
/** @import { choiceList } from './choice.js' */
/** @import { tooltip } from './tooltip.js' */

import { may } from '../boot.js';
import { figure } from '../draw/labels.js';
import { AREAS, DOORS, DUTIES, LINES, SIGNS } from '../draw/picture.js';
import { sign } from '../elements.js';
import { placeText } from '../geo.js';
import { t } from '../words.js';
import { mark } from './choice.js';
import { seenWords } from './coverage.js';
import { pick } from './picked.js';
import { partySample } from './samples.js';

/** Signs nearer to each other than this are asked about in a list, pixels. */
const CROWDED = 12;
/** How near a click must come to a sign, pixels: a finger needs more than a mouse. */
const REACH = matchMedia('(pointer: coarse)').matches ? 14 : 4;
/** A press as long as this opens the menu, milliseconds. */
const LONG = 500;
/** A click this soon after the menu came is the finger that is lifted, milliseconds. */
const LIFTED = 400;
/** From this zoom on a click means a cell; before, a community. */
const CELLS_FROM = 15;

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {{list: ReturnType<typeof choiceList>, note: ReturnType<typeof tooltip>}} pieces
 */
export function listenToPointer(map, store, { list, note }) {
  map.onPointer('click', (pointing) => {
    if (pressed()) return; // the finger that asked for the menu is lifted
    note.show('', pointing.pixel);
    click(map, store, list, pointing);
  });
  const move = latest((/** @type {Pointing} */ pointing) => {
    if (!list.isOpen()) hover(map, store, note, pointing);
  });
  map.onPointer('mousemove', move);
  map.onPointer('mouseout', () => {
    note.show('', { x: 0, y: 0 });
    store.set({ hover: null }, { history: null });
  });
  const menu = (/** @type {Pointing} */ pointing) => {
    note.show('', pointing.pixel);
    openMenu(store, list, pointing);
  };
  map.onPointer('contextmenu', menu);
  const pressed = longPress(map, menu);
  map.on('movestart', () => list.close());
}

/**
 * Run at most once a frame, with the latest argument.
 *
 * @template T
 * @param {(value: T) => void} task
 * @returns {(value: T) => void}
 */
function latest(task) {
  /** @type {T | undefined} */
  let value;
  return (next) => {
    const idle = value === undefined;
    value = next;
    if (!idle) return;
    requestAnimationFrame(() => {
      const last = /** @type {T} */ (value);
      value = undefined;
      task(last);
    });
  };
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {ReturnType<typeof choiceList>} list
 * @param {Pointing} pointing
 */
function click(map, store, list, { lng, lat, pixel, shift }) {
  if (store.get('filing')) {
    const spot = rounded({ lng, lat });
    return store.set({ filing: { spot } }, { history: null });
  }
  if (shift) {
    const cell = cellAt(map, pixel);
    if (cell !== null) pick(store, cell);
    return undefined;
  }
  const signs = once(map.hits(pixel, SIGNS, REACH));
  if (signs.length > 0) {
    const near = once(map.hits(pixel, SIGNS, CROWDED));
    if (near.length > 1) return openSigns(map, store, list, near, pixel);
    return openSign(map, store, signs[0]);
  }
  const duty = store.get('duty') !== null && map.hits(pixel, DUTIES)[0];
  if (duty) return openDuty(store, duty);
  const area = map.hits(pixel, AREAS)[0];
  if (area) return openArea(map, store, area);
  const cell = cellAt(map, pixel);
  if (cell !== null && map.view().zoom >= CELLS_FROM) {
    const building = store.get('overlay') === 'chiefs' ? buildingAt(map, pixel) : null;
    const one = {
      cell,
      building,
      incident: null,
      picked: [],
      panel: /** @type {const} */ ('card'),
    };
    return store.set(one, { history: 'push' });
  }
  const community = idOf(map.hits(pixel, ['veil'])[0]);
  if (community !== null && map.view().zoom < CELLS_FROM) {
    return openCommunity(map, store, community);
  }
  return store.set({ cell: null, building: null, incident: null, picked: [] }, { history: 'push' });
}

/**
 * @param {Store} store
 * @param {Hit} hit
 */
function openDuty(store, { layer, properties, id }) {
  const nothing = { cell: null, building: null, incident: null, picked: [] };
  const one =
    layer === 'border-ground'
      ? { ruling: null, border: properties.id }
      : { ruling: id, border: null };
  return store.set(
    { ...nothing, ...one, panel: /** @type {const} */ ('card') },
    { history: 'push' },
  );
}

/** @param {Hit[]} hits the same feature may be drawn by two layers or lie in two tiles */
function once(hits) {
  const key = (/** @type {Hit} */ { layer, properties }) =>
    `${layer}/${properties.cluster_id ?? properties.id}`;
  return [...new Map(hits.map((hit) => [key(hit), hit])).values()];
}

/** @param {Hit | undefined} hit */
function idOf(hit) {
  return hit?.id ?? null;
}

/**
 * @param {TownMap} map
 * @param {Pixel} pixel
 */
function cellAt(map, pixel) {
  return idOf(map.hits(pixel, ['cell-ground'])[0]);
}

/**
 * @param {TownMap} map
 * @param {Pixel} pixel
 */
function buildingAt(map, pixel) {
  return idOf(map.hits(pixel, ['building'])[0]);
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {Hit} hit
 */
async function openSign(map, store, { layer, properties, lng, lat }) {
  if (layer === 'cluster') {
    const zoom = await map.expansion('incidents', properties.cluster_id);
    return map.fly({ lng, lat, zoom: Math.max(zoom, map.view().zoom + 1) });
  }
  if (layer === 'party') {
    const unit = store.get('units').find(({ id }) => id === properties.id);
    return store.set({ cell: unit?.cell ?? null, panel: 'card' }, { history: 'push' });
  }
  const incident = store.get('incidents').get(properties.id);
  if (!incident) return null;
  const { id, cell } = incident;
  return store.set({ incident: id, cell, building: null, panel: 'card' }, { history: 'push' });
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {ReturnType<typeof choiceList>} list
 * @param {Hit[]} hits
 * @param {Pixel} pixel
 */
function openSigns(map, store, list, hits, pixel) {
  const entries = hits.slice(0, 8).map((hit) => ({
    word: signWord(store, hit),
    mark:
      hit.layer === 'party' ? partySample(hit.properties.kind) : sign(hit.properties.light ?? 'ok'),
    act: () => void openSign(map, store, hit),
  }));
  list.open(entries, pixel, t('这里有几处，选一处'));
}

/**
 * @param {Store} store
 * @param {Hit} hit
 */
function signWord(store, { layer, properties }) {
  if (layer === 'cluster') return t('%(n)s 件，放大看', { n: properties.point_count });
  if (layer === 'party') return properties.name;
  return store.get('incidents').get(properties.id)?.title || t('事件');
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {Hit} hit
 */
function openArea(map, store, { layer, properties }) {
  if (layer.startsWith('community-')) return openCommunity(map, store, properties.community);
  return store.set({ cell: properties.cell, building: null, panel: 'card' }, { history: 'push' });
}

/**
 * Choose a community in the far view and go near it.
 *
 * @param {TownMap} map
 * @param {Store} store
 * @param {number} community
 */
function openCommunity(map, store, community) {
  store.set({ community, cell: null, building: null, incident: null }, { history: 'push' });
  store.act('near-community', { community });
  map.canvas.focus({ preventScroll: true });
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {ReturnType<typeof tooltip>} note
 * @param {Pointing} pointing
 */
function hover(map, store, note, { pixel }) {
  const cell = map.view().zoom >= CELLS_FROM ? cellAt(map, pixel) : null;
  store.set({ hover: cell }, { history: null });
  const hit = map.hits(pixel, [...SIGNS, ...DOORS, ...LINES], 2)[0];
  const over = hit || cell !== null ? 'pointer' : '';
  map.canvas.style.cursor = store.get('filing') ? 'crosshair' : over;
  const words = () => {
    if (!hit || LINES.includes(hit.layer)) return cellWord(store, cell);
    return DOORS.includes(hit.layer) ? doorWord(store, hit) : signWord(store, hit);
  };
  note.show(words(), pixel);
}

/**
 * @param {Store} store
 * @param {Hit} hit
 */
function doorWord(store, { properties }) {
  const door = store.get('entrances').find(({ id }) => id === properties.id);
  if (!door) return '';
  const seen = seenWords({ ...door, interval_days: door.interval });
  return t('楼栋入口 · %(seen)s', { seen });
}

/**
 * One line about a cell: its name, and what the overlay says of it.
 *
 * @param {Store} store
 * @param {number | null} id
 */
function cellWord(store, id) {
  const cell = id === null ? undefined : store.get('cells').get(id);
  if (!cell) return '';
  const units = store.get('units').filter((unit) => unit.cell === id).length;
  const untold = store.get('overlay') === 'incidents' && Number.isNaN(cell.values?.open);
  const said = untold
    ? t('数太小，不显示')
    : figure(store.get('overlay'), cell.values, units, store.get('unknown'));
  return [cell.communityName, cell.name, said].filter(Boolean).join(' · ');
}

/** A place as it is kept, to the centimetre. @param {{lng: number, lat: number}} place */
function rounded({ lng, lat }) {
  return { lng: Number(lng.toFixed(7)), lat: Number(lat.toFixed(7)) };
}

/**
 * @param {Store} store
 * @param {ReturnType<typeof choiceList>} list
 * @param {Pointing} pointing
 */
function openMenu(store, list, { lng, lat, pixel }) {
  const place = rounded({ lng, lat });
  const copy = async () => {
    const text = placeText(place);
    try {
      await navigator.clipboard.writeText(text);
      store.act('toast', { text: t('已复制 %(text)s', { text }) });
    } catch {
      store.act('toast', { text });
    }
  };
  const now = store.get('asof') === null;
  const entries = [
    ...(now && may('report')
      ? [{ word: t('登记事件'), mark: mark('flag'), act: () => store.act('report', place) }]
      : []),
    { word: t('此刻找谁'), mark: mark('ladder'), act: () => store.act('ladder', place) },
    { word: t('复制坐标'), mark: mark('copy'), act: () => void copy() },
    { word: t('打印'), mark: mark('print'), act: () => window.print() },
  ];
  list.open(entries, pixel, t('在这里做什么'));
}

/**
 * A finger that rests in one place asks for the menu.
 *
 * @param {TownMap} map
 * @param {(pointing: Pointing) => void} act
 * @returns {() => boolean} whether the menu was asked for a moment ago
 */
function longPress(map, act) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let held = false;
  let lifted = Number.NEGATIVE_INFINITY;
  const stop = () => clearTimeout(timer);
  map.onPointer('touchstart', (pointing) => {
    stop();
    held = false;
    timer = setTimeout(() => {
      held = true;
      act(pointing);
    }, LONG);
  });
  map.onPointer('touchend', () => {
    stop();
    if (held) lifted = performance.now();
  });
  map.on('movestart', stop);
  return () => performance.now() - lifted < LIFTED;
}

/** Tools that work on borders: cut a cell along a drawn line, push a border by dragging it. */

/** @import { Hand, Point, Work } from './plan-work.js' */

import { EDGES, FABRIC, UNITS } from '../draw/plan.js';
import { metresPerPixel } from '../geo.js';
import { cutOff, metresBetween, middleOf, swept, wholeBlocks } from '../plan-shapes.js';
import { codeOf } from '../plan-words.js';
import { t } from '../words.js';
import { moveLines } from './plan-note.js';
import { give } from './plan-work.js';

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function cut(work) {
  const { desk, draft, fabric, trail, note, shown, band, say } = work;
  const { partition } = draft;
  let drawing = false;
  let dragged = false;
  const stop = () => {
    drawing = false;
    dragged = false;
    trail.clear();
    shown.aim([]);
    note.hide();
  };
  /** The cell the line runs through most; the chosen one where it does at all. */
  const meant = () => {
    const places = trail.places(true);
    /** @type {Map<number, number>} */
    const met = new Map();
    for (const place of spread(places)) {
      const no = partition.labels[nearest(work, place)];
      if (no > 0) met.set(no, (met.get(no) ?? 0) + 1);
    }
    const chosen = desk.get('cell');
    if (chosen !== null && met.has(chosen)) return chosen;
    const [most] = [...met].sort((one, two) => two[1] - one[1]);
    return most ? most[0] : null;
  };
  const look = (/** @type {Point} */ { pixel }) => {
    const no = meant();
    const places = trail.places(true);
    if (no === null || places.length < 2) return;
    const units = cutOff(partition, no, places);
    shown.aim(units);
    const code = codeOf(draft.cells().get(no), no);
    const shut = draft.shut(no);
    if (shut) note.show(pixel, [{ text: t('%(code)s 已锁定或预留', { code }), bad: true }]);
    else if (units.length === 0) {
      note.show(pixel, [{ text: t('这条线没有把 %(code)s 分成两边', { code }) }]);
    } else {
      const from = new Map(units.map((unit) => [unit, no]));
      const title = t('从 %(code)s 分出新网格', { code });
      note.show(pixel, moveLines(draft, band, from, 32_767, { title }));
    }
  };
  const finish = () => {
    if (!drawing) return false;
    const no = meant();
    const units = no === null ? [] : draft.free(cutOff(partition, no, trail.places()), 0);
    stop();
    if (units.length === 0) {
      say(t('这条线没有把网格分成两边。请从网格一侧画到另一侧。'));
      return true;
    }
    const made = draft.wish({ kind: 'split', units: units.map((unit) => fabric.uids[unit]) });
    const fresh = [...draft.cells()].find(([, cell]) => cell.made_by === made);
    if (fresh) desk.set({ cell: fresh[0] }, { history: 'push' });
    say(t('已分出新网格'), true);
    return true;
  };
  return {
    holds: true,
    hover(point) {
      if (!drawing) return;
      trail.lead(point.place);
      look(point);
    },
    down(point) {
      if (!drawing) trail.begin(false);
      drawing = true;
      dragged = false;
      trail.add(point.place);
    },
    drag(point) {
      dragged = true;
      trail.follow(point.place);
      look(point);
    },
    up() {
      if (dragged) finish();
    },
    finish,
    back() {
      if (!drawing) return false;
      trail.shorten();
      if (trail.places().length === 0) stop();
      return true;
    },
    leave: stop,
  };
}

/** So many places along a line are asked for their cell. */
const ASKED = 12;

/**
 * Places spread evenly over a line.
 *
 * @param {{lng: number, lat: number}[]} places
 */
function spread(places) {
  const lengths = places.slice(1).map((place, i) => metresBetween(places[i], place));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  if (whole === 0) return places.slice(0, 1);
  return Array.from({ length: ASKED }, (_, k) => {
    let left = ((k + 0.5) / ASKED) * whole;
    let i = 0;
    while (i < lengths.length - 1 && left > lengths[i]) {
      left -= lengths[i];
      i += 1;
    }
    const part = lengths[i] > 0 ? left / lengths[i] : 0;
    const [a, b] = [places[i], places[i + 1]];
    return { lng: a.lng + part * (b.lng - a.lng), lat: a.lat + part * (b.lat - a.lat) };
  });
}

/**
 * The unit whose middle lies nearest.
 *
 * @param {Work} work
 * @param {{lng: number, lat: number}} place
 */
function nearest({ fabric }, place) {
  let best = 0;
  let least = Infinity;
  const squeeze = Math.cos((place.lat * Math.PI) / 180);
  for (let unit = 0; unit < fabric.size; unit += 1) {
    const far =
      ((fabric.lng[unit] - place.lng) * squeeze) ** 2 + (fabric.lat[unit] - place.lat) ** 2;
    if (far < least) [best, least] = [unit, far];
  }
  return best;
}

/** Half of the band that a pushed border sweeps when the brush has no size, pixels. */
const BAND = 28;

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function push(work) {
  const { desk, draft, fabric, blocks, map, note, shown, band, say } = work;
  const { labels } = draft.partition;
  /** The border that is held. @type {{edge: number, from: {lng: number, lat: number}} | null} */
  let held = null;
  let dragged = false;
  let over = -1;

  const mark = (/** @type {number} */ edge, /** @type {boolean} */ on) => {
    if (edge >= 0) map.setState('edges', edge, { held: on }, FABRIC);
  };
  /** The border between two cells near the pointer. @param {Point} point */
  const borderAt = ({ pixel }) =>
    map
      .hits(pixel, [EDGES], 3)
      .flatMap(({ id }) => id ?? [])
      .find((edge) => labels[fabric.edge_a[edge]] !== labels[fabric.edge_b[edge]]) ?? -1;
  const stop = () => {
    if (held) mark(held.edge, false);
    mark(over, false);
    held = null;
    dragged = false;
    over = -1;
    shown.aim([]);
    note.hide();
  };
  /** Who grows and who yields follows from where one drags to. @param {Point} point */
  const meant = ({ place }) => {
    if (!held) return null;
    const [a, b] = [fabric.edge_a[held.edge], fabric.edge_b[held.edge]];
    const along = (/** @type {number} */ unit) => metresBetween(place, middleOf(fabric, unit));
    const [grows, yields] = along(a) > along(b) ? [labels[a], labels[b]] : [labels[b], labels[a]];
    const pixels = desk.get('size') || BAND;
    const wide = pixels * metresPerPixel(place.lat, map.view().zoom);
    const { from } = held;
    const crossed = crossing(from, place).filter((unit) => labels[unit] === yields);
    let units = swept(draft.partition, { grows, yields, from, to: place, wide, crossed });
    if (desk.get('level') === 'block') {
      units = wholeBlocks(fabric, blocks, units).filter((unit) => labels[unit] === yields);
    }
    return { to: grows, units: draft.free(units, grows) };
  };
  /** The units under the way of the hand, long ones too, whose middles lie elsewhere. */
  const crossing = (
    /** @type {{lng: number, lat: number}} */ from,
    /** @type {{lng: number, lat: number}} */ to,
  ) => {
    const [a, b] = [map.pixel(from), map.pixel(to)];
    const steps = Math.min(Math.ceil(Math.hypot(b.x - a.x, b.y - a.y) / 10), 24);
    return Array.from({ length: steps }, (_, k) => {
      const part = (k + 1) / steps;
      const [hit] = map.hits({ x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) }, [UNITS]);
      return hit?.id ?? -1;
    });
  };
  const look = (/** @type {Point} */ point) => {
    const found = meant(point);
    if (!found) return;
    shown.aim(found.units);
    const from = new Map(found.units.map((unit) => [unit, labels[unit]]));
    const idle = [{ text: t('往要扩大的一侧外面拖，再按一下就定') }];
    note.show(point.pixel, from.size ? moveLines(draft, band, from, found.to) : idle);
  };
  const settle = (/** @type {Point} */ point) => {
    const found = meant(point);
    stop();
    if (found?.units.length) give(work, found.units, found.to);
  };
  return {
    holds: true,
    hover(point) {
      if (held) {
        look(point);
        return;
      }
      const next = borderAt(point);
      if (next === over) return;
      mark(over, false);
      mark(next, true);
      over = next;
    },
    down(point) {
      dragged = false;
      if (held) return;
      const edge = borderAt(point);
      if (edge < 0) {
        say(t('请按在两个网格之间的边界上。'));
        return;
      }
      held = { edge, from: point.place };
      mark(edge, true);
    },
    drag(point) {
      dragged = true;
      look(point);
    },
    up(point) {
      if (!held) return;
      const away = metresBetween(held.from, point.place);
      if (dragged || away > 4 * metresPerPixel(point.place.lat, map.view().zoom)) settle(point);
    },
    finish: () => false,
    back() {
      const was = held !== null;
      stop();
      return was;
    },
    leave: stop,
  };
}

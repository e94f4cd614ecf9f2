/** Tools that give ground to the chosen cell: brush, lasso, side of a street. */

/** @import { Hand, Point, Work } from './plan-work.js' */

import { inRing, sideOfWay, wholeBlocks } from '../plan-shapes.js';
import { nameOf } from '../plan-wishes.js';
import { t } from '../words.js';
import { moveLines, shutLines } from './plan-note.js';
import { give, preview, under } from './plan-work.js';

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function brush(work) {
  const { desk, draft, shown, note, band, fabric } = work;
  /** @type {ReturnType<typeof draft.stroke> | null} */
  let stroke = null;
  let to = 0;
  const end = () => {
    stroke = null;
    shown.aim([]);
    note.hide();
  };
  return {
    holds: true,
    hover: (point) => preview(work, point, under(work, point)),
    down(point) {
      const chosen = desk.get('cell');
      if (chosen === null || draft.shut(chosen)) {
        note.show(point.pixel, shutLines(draft, under(work, point), chosen));
        return;
      }
      to = chosen;
      stroke = draft.stroke(to);
      this.drag?.(point);
    },
    drag(point) {
      if (!stroke) return;
      const units = under(work, point);
      const went = stroke.paint(units);
      shown.units(went);
      shown.aim([]);
      if (went.length) desk.set({ edited: desk.get('edited') + 1 });
      const lines = shutLines(draft, units, to);
      note.show(point.pixel, [...soFar(), ...lines.filter(({ bad }) => bad)]);
    },
    up() {
      if (!stroke) return;
      const uids = [...stroke.before.keys()].map((unit) => fabric.uids[unit]);
      stroke.done(uids, nameOf(new Map(draft.cells()), to));
      end();
    },
    back() {
      if (!stroke) return false;
      shown.units(stroke.cancel());
      desk.set({ edited: desk.get('edited') + 1 });
      end();
      return true;
    },
    leave() {
      this.up?.(/** @type {any} */ (null));
      end();
    },
  };

  /** What the stroke has come to so far; it stands already, so what was before is now less what came. */
  function soFar() {
    const before = stroke?.before ?? new Map();
    if (before.size === 0) return [];
    let gained = 0;
    /** @type {Map<number, number>} */
    const lost = new Map();
    for (const [unit, no] of before) {
      gained += fabric.households[unit];
      lost.set(no, (lost.get(no) ?? 0) + fabric.households[unit]);
    }
    const was = (/** @type {number} */ no) =>
      draft.partition.householdsOf(no) - (no === to ? gained : -(lost.get(no) ?? 0));
    return moveLines(draft, band, before, to, { was });
  }
}

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function lasso(work) {
  const { desk, draft, fabric, blocks, trail, note, shown, say } = work;
  let drawing = false;
  let dragged = false;
  const meant = () => {
    const found = inRing(fabric, trail.places(true));
    return desk.get('level') === 'block' ? wholeBlocks(fabric, blocks, found) : found;
  };
  const stop = () => {
    drawing = false;
    dragged = false;
    trail.clear();
    shown.aim([]);
    note.hide();
  };
  const finish = () => {
    if (!drawing) return false;
    const units = meant();
    stop();
    if (desk.get('tool') === 'lasso' && give(work, units, desk.get('cell')) === 0) {
      say(t('圈里没有可以划入的地块'));
    }
    return true;
  };
  return {
    holds: true,
    hover(point) {
      if (drawing) {
        trail.lead(point.place);
        preview(work, point, meant());
      } else note.show(point.pixel, shutLines(draft, [], desk.get('cell')));
    },
    down(point) {
      if (!drawing) trail.begin(true);
      drawing = true;
      dragged = false;
      trail.add(point.place);
    },
    drag(point) {
      dragged = true;
      trail.follow(point.place);
      preview(work, point, meant());
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

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function side(work) {
  const { desk, fabric, say, shown, note } = work;
  const meant = (/** @type {Point} */ { unit, place }) =>
    unit === null ? [] : sideOfWay(fabric, unit, place);
  return {
    holds: false,
    hover: (point) => preview(work, point, meant(point)),
    click(point) {
      const units = meant(point);
      if (units.length === 0) say(t('这个地块不临街也不临巷。请点街边的地块。'));
      else give(work, units, desk.get('cell'));
    },
    leave() {
      shown.aim([]);
      note.hide();
    },
  };
}

/** The pointer on the planner's map: hands what it does to the tool in hand. */

/** @import { Hand, Point, Work } from './plan-work.js' */
/** @import { Tool } from '../plan-desk.js' */

import { UNITS } from '../draw/plan.js';

/** So far a press may wander and still is a click, pixels. */
const CLICK = 4;

/**
 * @param {Work} work
 * @param {Record<Tool, Hand> & {border: Hand}} tools border: while the units themselves are looked at
 * @param {{edit: boolean}} options edit: the draft may be changed; else only the tool to select works
 */
export function mountHand(work, tools, { edit }) {
  const { desk, draft, map, note, shown } = work;
  const canvas = map.canvas;
  const name = () => {
    if (desk.get('tab') === 'ground') return 'border';
    return edit ? desk.get('tool') : 'select';
  };
  const tool = () => tools[name()];
  /** @type {{x: number, y: number} | null} */
  let pressed = null;
  let moved = false;
  /** @type {PointerEvent | null} */
  let waiting = null;
  /** @type {number | null} the last click, for a double one */
  let clicked = null;

  /** @param {PointerEvent | MouseEvent} event @returns {Point} */
  const pointOf = (event) => {
    const box = canvas.getBoundingClientRect();
    const pixel = { x: event.clientX - box.left, y: event.clientY - box.top };
    const [hit] = map.hits(pixel, [UNITS]);
    return {
      pixel,
      place: map.place(pixel),
      unit: hit?.id ?? null,
      alt: event.altKey,
      shift: event.shiftKey,
    };
  };
  const free = () => desk.get('aside');
  /** Alt takes the cell under the pointer. @param {Point} point */
  const take = ({ unit }) => {
    const no = unit === null ? 0 : draft.partition.labels[unit];
    if (no > 0) desk.set({ cell: no }, { history: 'push' });
  };

  const follow = () => {
    const event = waiting;
    waiting = null;
    if (!event) return;
    const point = pointOf(event);
    if (pressed && !free()) {
      const far = Math.hypot(point.pixel.x - pressed.x, point.pixel.y - pressed.y);
      moved ||= far > CLICK;
      if (moved && tool().holds) tool().drag?.(point);
      return;
    }
    const no = point.unit === null ? null : draft.partition.labels[point.unit] || null;
    desk.set({ hot: no }, { history: null });
    if (free()) note.hide();
    else tool().hover?.(point);
  };
  canvas.addEventListener('pointermove', (event) => {
    if (waiting === null) requestAnimationFrame(follow);
    waiting = event;
  });
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || free()) return;
    if (!event.isPrimary) {
      tool().back?.();
      pressed = null;
      return;
    }
    const point = pointOf(event);
    if (point.alt) {
      take(point);
      return;
    }
    pressed = point.pixel;
    moved = false;
    if (tool().holds) {
      canvas.setPointerCapture(event.pointerId);
      tool().down?.(point);
    }
  });
  canvas.addEventListener('pointerup', (event) => {
    if (!pressed) return;
    follow();
    const point = pointOf(event);
    const far = Math.hypot(point.pixel.x - pressed.x, point.pixel.y - pressed.y);
    pressed = null;
    if (tool().holds) tool().up?.(point);
    if (far > CLICK || moved) return;
    const twice = clicked !== null && event.timeStamp - clicked < 350;
    clicked = event.timeStamp;
    if (twice && tool().finish?.()) return;
    tool().click?.(point);
  });
  const stop = () => {
    if (pressed) tool().back?.();
    pressed = null;
  };
  canvas.addEventListener('pointercancel', stop);
  canvas.addEventListener('pointerleave', () => {
    if (pressed) return;
    waiting = null;
    note.hide();
    shown.aim([]);
    desk.set({ hot: null }, { history: null });
  });

  let before = tool();
  const settle = () => {
    if (before !== tool()) before.leave?.();
    before = tool();
    map.dragging(!tool().holds || free());
    canvas.dataset.tool = free() ? 'pan' : name();
  };
  desk.on(['tool', 'aside', 'tab'], settle);
  settle();
  return {
    /** @returns {boolean} whether there was a step back in the tool */
    back: () => tool().back?.() ?? false,
    /** @returns {boolean} */
    finish: () => tool().finish?.() ?? false,
  };
}

/** The time range of the incidents: presets, bars of the last 30 days to drag over, two date fields. */

/** @import { Store } from '../store.js' */

import { covered, daysBefore } from '../days.js';
import { drawn, element, fill } from '../elements.js';
import { day, present, t, tn } from '../words.js';
import { unfolding } from './focus.js';

const HIGH = 30;

/**
 * @param {Store} store
 */
export function timeRange(store) {
  const title = element('span', { class: 'quiet number range' });
  const presets = element('div', { class: 'presets', role: 'group', 'aria-label': t('立案时间') });
  const bars = element('div', { class: 'bars' });
  const since = dateField(t('从'));
  const until = dateField(t('至'));
  const fields = element('div', { class: 'fields' }, since.label, until.label);
  fields.hidden = true;
  const holder = element(
    'section',
    { class: 'float time', 'aria-label': t('立案时间') },
    element('div', { class: 'row small' }, element('b', {}, t('立案时间')), title, presets),
    bars,
    fields,
  );

  const choose = (/** @type {string | null} */ from, /** @type {string | null} */ to) =>
    store.set({ since: from, until: to }, { history: 'push' });
  const read = () => choose(since.input.value || null, until.input.value || null);
  since.input.addEventListener('change', read);
  until.input.addEventListener('change', read);

  const preset = (
    /** @type {string} */ word,
    /** @type {boolean} */ on,
    /** @type {() => void} */ act,
  ) => element('button', { type: 'button', 'aria-pressed': String(on), onclick: act }, word);

  const show = () => {
    const { since: from, until: to, overlay } = store.all();
    const today = day(present());
    holder.hidden = overlay !== 'incidents';
    const last = (/** @type {number} */ days) =>
      from === daysBefore(today, days - 1) && (to === null || to === today);
    const own = (from !== null || to !== null) && !last(7) && !last(30);
    fill(
      presets,
      preset(t('不限'), from === null && to === null, () => choose(null, null)),
      preset(t('近 7 天'), last(7), () => choose(daysBefore(today, 6), null)),
      preset(t('近 30 天'), last(30), () => choose(daysBefore(today, 29), null)),
      preset(t('自定'), own || !fields.hidden, () => {
        fields.hidden = !fields.hidden;
        show();
        if (!fields.hidden) since.input.focus();
      }),
    );
    since.input.value = from ?? '';
    until.input.value = to ?? '';
    since.input.max = until.input.max = today;
    fill(title, from === null && to === null ? '' : spanText(from, to ?? today));
    fill(bars, chart(store, choose));
  };
  store.on(['since', 'until', 'overlay', 'days', 'asof'], show);
  show();
  unfolding(presets);
  return holder;
}

/** @param {string} word */
function dateField(word) {
  const input = element('input', { type: 'date' });
  return { input, label: element('label', {}, element('span', {}, word), input) };
}

/**
 * 2026-09-11 至 10-10: the year once when it is the same.
 *
 * @param {string | null} from
 * @param {string} to
 */
function spanText(from, to) {
  if (from === null) return t('至 %(to)s', { to });
  const short = from.slice(0, 4) === to.slice(0, 4) ? to.slice(5) : to;
  return t('%(from)s 至 %(to)s', { from, to: short });
}

/**
 * One bar a day; dragging over them chooses the days.
 *
 * @param {Store} store
 * @param {(since: string | null, until: string | null) => void} choose
 */
function chart(store, choose) {
  const { days, since, until } = store.all();
  if (days.length === 0) return element('div', { class: 'empty small' });
  const width = 400;
  const step = width / days.length;
  const most = Math.max(1, ...days.map(({ filed }) => filed));
  const range = covered(
    days.map(({ day }) => day),
    since,
    until,
  );
  const inside = (/** @type {number} */ i) => range === null || (i >= range[0] && i <= range[1]);
  const columns = days.map(({ filed }, i) => {
    const high = filed ? Math.max(2, (filed / most) * (HIGH - 3)) : 0;
    return drawn('rect', {
      x: i * step + 1,
      y: HIGH - high,
      width: step - 2.4,
      height: high,
      rx: 1,
      class: inside(i) ? 'in' : 'out',
    });
  });
  const frame = drawn('g', { class: 'frame' });
  const mark = (/** @type {[number, number] | null} */ span) => {
    if (!span) return frame.replaceChildren();
    const [x, end] = [span[0] * step, (span[1] + 1) * step];
    return frame.replaceChildren(
      drawn('rect', { x, y: 0, width: end - x, height: HIGH }),
      drawn('path', { d: `M${x + 1} 0V${HIGH}M${end - 1} 0V${HIGH}` }),
    );
  };
  mark(range);
  const svg = drawn(
    'svg',
    { viewBox: `0 0 ${width} ${HIGH}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    frame,
    ...columns,
  );
  const drag = element('div', { class: 'chart', title: t('按住拖动，选一段日子') }, svg);
  dragDays(drag, days.length, mark, ([from, to]) => choose(days[from].day, days[to].day));
  const middle = Math.floor((days.length - 1) / 2);
  const dates = element(
    'div',
    { class: 'dates number' },
    ...[0, middle, days.length - 1].map((i) => element('span', {}, days[i].day.slice(5))),
  );
  const table = element(
    'p',
    { class: 'hidden-aloud' },
    ...days.map(({ day, filed }) => `${day}: ${tn('%(n)s 件', filed)}; `),
  );
  return element('div', {}, drag, dates, table);
}

/**
 * @param {HTMLElement} area
 * @param {number} count of days
 * @param {(span: [number, number]) => void} mark while dragging
 * @param {(span: [number, number]) => void} done
 */
function dragDays(area, count, mark, done) {
  let start = -1;
  const dayAt = (/** @type {PointerEvent} */ event) => {
    const box = area.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    return Math.min(count - 1, Math.max(0, Math.floor(part * count)));
  };
  const span = (/** @type {PointerEvent} */ event) => {
    const here = dayAt(event);
    return /** @type {[number, number]} */ ([Math.min(start, here), Math.max(start, here)]);
  };
  area.addEventListener('pointerdown', (event) => {
    start = dayAt(event);
    area.setPointerCapture(event.pointerId);
    mark(span(event));
  });
  area.addEventListener('pointermove', (event) => {
    if (start >= 0) mark(span(event));
  });
  area.addEventListener('pointerup', (event) => {
    if (start < 0) return;
    const chosen = span(event);
    start = -1;
    done(chosen);
  });
}

/** What the lines and hatches of the draft's map mean. */

/** @import { Work } from './plan-work.js' */

import { drawn, element, fill, icon } from '../elements.js';
import { number, t } from '../words.js';

/**
 * @param {Work} work
 * @returns {HTMLElement}
 */
export function planLegend({ desk, draft, shown }) {
  const sample = (/** @type {string} */ kind, /** @type {string} */ shape) => {
    const made =
      shape === 'line'
        ? drawn('path', { d: 'M0 6H30', class: kind })
        : drawn('rect', { width: 30, height: 12, rx: 2, class: kind });
    return drawn('svg', { width: 30, height: 12, 'aria-hidden': 'true' }, hatches(kind), made);
  };
  const entry = (
    /** @type {string} */ kind,
    /** @type {string} */ shape,
    /** @type {string} */ word,
    /** @type {number | null} */ n = null,
  ) =>
    element(
      'li',
      {},
      sample(kind, shape),
      word,
      n !== null && element('span', { class: 'number push' }, number(n)),
    );
  const list = element('ul', { class: 'float plan-legend', 'aria-label': t('图例') });
  const show = () => {
    const moved = shown.moved();
    const loose = draft.partition.figures(0).units;
    const kept = draft.pins().size > 0 || [...draft.cells().keys()].some((no) => draft.shut(no));
    fill(
      list,
      entry('kept', 'line', t('网格界')),
      moved > 0 && entry('made', 'line', t('草案新界')),
      moved > 0 && entry('gone', 'line', t('取消的界')),
      moved > 0 && entry('moved', 'area', t('改动的地块'), moved),
      loose > 0 && entry('loose', 'area', t('没划入网格'), loose),
      kept && entry('shut', 'area', t('锁定、固定、预留')),
      entry('community', 'line', t('社区界（不可越）')),
    );
  };
  let due = 0;
  desk.on(['edited', 'standing'], () => {
    clearTimeout(due);
    due = window.setTimeout(show, 120);
  });
  show();
  return list;
}

/**
 * The pattern an area is filled with.
 *
 * @param {string} kind
 */
function hatches(kind) {
  const size = { width: 7, height: 7, patternUnits: 'userSpaceOnUse' };
  const shape =
    kind === 'shut'
      ? drawn('circle', { cx: 3, cy: 3, r: 1.1 })
      : drawn('path', { d: 'M-1 8L8 -1M-1 1L1 -1M6 8L8 6' });
  return drawn('defs', {}, drawn('pattern', { id: `hatch-${kind}`, class: kind, ...size }, shape));
}

/**
 * Nearer and farther.
 *
 * @param {Work} work
 */
export function planZoom({ map }) {
  const button = (
    /** @type {string} */ sign,
    /** @type {string} */ word,
    /** @type {number} */ step,
  ) =>
    element(
      'button',
      { type: 'button', title: word, 'aria-label': word, onclick: () => map.zoomBy(step) },
      icon(sign),
    );
  return element(
    'div',
    { class: 'float zoom' },
    button('plus', t('放大'), 1),
    button('minus', t('缩小'), -1),
  );
}

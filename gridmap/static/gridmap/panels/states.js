/** What stands where data should: grey bars while it comes, a sentence when there is none or it failed. */

import { Failure } from '../api.js';
import { element, fill } from '../elements.js';
import { t } from '../words.js';

const PATIENCE = 300; // milliseconds before the grey bars appear

/**
 * @param {string} title
 * @param {string} text
 * @param {{label: string, act: () => void}} [action]
 */
export function sentence(title, text, action) {
  return element(
    'div',
    { class: 'state' },
    title && element('h2', {}, title),
    text && element('p', {}, text),
    action && element('button', { class: 'button', onclick: action.act }, action.label),
  );
}

/** Bars about as high as what will stand there. */
export function waiting(bars = 9) {
  const lines = Array.from({ length: bars }, () => element('i'));
  return element('div', { class: 'waiting', 'aria-busy': 'true' }, ...lines);
}

/**
 * What failed, what is safe, what to do.
 *
 * @param {unknown} error
 * @param {() => void} retry
 * @param {() => void} [leave] goes back to what is the reader's own
 */
export function failed(error, retry, leave) {
  const again = { label: t('重试'), act: retry };
  if (!(error instanceof Failure)) {
    return sentence(t('没有取到'), t('这一块没能显示，地图上的内容没有受影响。'), again);
  }
  if (error.status === 0) {
    return sentence(t('没有连上'), t('网络断了。已经显示的内容还在，连上后点重试。'), again);
  }
  if (error.status === 403 || error.status === 404) {
    const away = leave && { label: t('回到全部'), act: leave };
    const text = t('这里归别的网格。您可以看公开信息，或向值班长申请。');
    return sentence(t('不在您的范围'), text, away);
  }
  const text = error.message || t('服务器这边出错了。已经保存的内容都在。');
  return sentence(t('没有取到'), text, again);
}

/**
 * Show what a task brings; the newest task of a holder wins.
 *
 * @template T
 * @param {HTMLElement} holder
 * @param {(signal: AbortSignal) => Promise<T>} task
 * @param {(result: T) => void} draw
 * @param {() => void} [leave] where there is another place to go when this one is not for the reader
 */
export function show(holder, task, draw, leave) {
  newest.get(holder)?.abort();
  const mine = new AbortController();
  newest.set(holder, mine);
  const bars = setTimeout(() => fill(holder, waiting()), PATIENCE);
  task(mine.signal)
    .then(
      (result) => {
        if (!mine.signal.aborted) draw(result);
      },
      (error) => {
        if (!mine.signal.aborted)
          fill(
            holder,
            failed(error, () => show(holder, task, draw, leave), leave),
          );
      },
    )
    .finally(() => clearTimeout(bars));
  mine.signal.addEventListener('abort', () => clearTimeout(bars));
}

/** @type {WeakMap<HTMLElement, AbortController>} */
const newest = new WeakMap();

/**
 * Forget what a holder waits for.
 *
 * @param {HTMLElement} holder
 */
export function dismiss(holder) {
  newest.get(holder)?.abort();
}

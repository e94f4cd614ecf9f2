/** The page of 12345 orders: a sheet is sent once, and its orders are filed portion by portion. */

import { csrf } from '../api.js';
import { t } from '../words.js';

/** Milliseconds; a portion takes a second or two: after this the line is taken for lost. */
const PATIENCE = 60_000;

for (const form of document.querySelectorAll('form[data-busy]')) {
  form.addEventListener('submit', (event) => {
    if (form.getAttribute('aria-busy')) {
      event.preventDefault();
      return;
    }
    form.setAttribute('aria-busy', 'true');
    const button = form.querySelector('button');
    if (button) button.textContent = form.getAttribute('data-busy');
  });
}

/** Why a portion was not filed; `again`: sent once more it may be. */
class Fault extends Error {
  /**
   * @param {string} message
   * @param {boolean} again
   */
  constructor(message, again) {
    super(message);
    this.again = again;
  }
}

/**
 * File one portion.
 *
 * @param {string} address
 * @param {string} portion as the server signed it
 * @returns {Promise<Document>} the page that tells what became of it
 * @throws {Fault}
 */
async function filed(address, portion) {
  const body = new FormData();
  body.set('orders', portion);
  const line = new AbortController();
  const clock = setTimeout(() => line.abort(), PATIENCE);
  let answer;
  let text;
  try {
    // The token of the cookie: that of the form ends when somebody signs in again beside.
    const headers = { Accept: 'text/html', 'X-CSRFToken': csrf() };
    answer = await fetch(address, { method: 'POST', body, headers, signal: line.signal });
    text = await answer.text();
  } catch {
    throw new Fault(t('连接断了，这一批是否登记还不知道。接着登记不会重复。'), true);
  } finally {
    clearTimeout(clock);
  }
  const page = new DOMParser().parseFromString(text, 'text/html');
  if (answer.ok && page.getElementById('orders')) return page;
  if (answer.redirected) {
    throw new Fault(t('登录已失效：请在另一个窗口重新登录，再接着登记。'), true);
  }
  const said = page.querySelector('[role=alert], .sheet h1')?.textContent?.trim();
  const failed = t('服务器没有办成（%(status)s）。接着登记不会重复。', { status: answer.status });
  throw new Fault(said || failed, answer.status !== 422);
}

/** @param {HTMLFormElement} form */
function portionsOf(form) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
  const leave = /** @type {HTMLElement} */ (form.querySelector('a'));
  const told = /** @type {HTMLElement} */ (document.getElementById('filing'));
  const bar = /** @type {HTMLProgressElement} */ (told.querySelector('progress'));
  const count = /** @type {HTMLElement} */ (told.querySelector('[role=status]'));
  const trouble = /** @type {HTMLElement} */ (told.querySelector('[role=alert]'));
  const heading = /** @type {HTMLElement} */ (document.getElementById('report-title'));
  const line = /** @type {HTMLElement} */ (document.getElementById('sums'));
  const table = /** @type {HTMLElement} */ (document.getElementById('orders'));
  const rows = (/** @type {string} */ state) => table.querySelectorAll(`[data-state=${state}]`);
  const before = rows('known').length;
  const refused = rows('refused').length;
  const all = rows('ready').length;
  let going = false;
  let stopping = false;

  const tell = () => {
    const n = rows('made').length + rows('known').length - before;
    const bad = rows('refused').length - refused;
    const numbers = { n, m: all, bad };
    bar.value = n + bad;
    count.textContent = bad
      ? t('已登记 %(n)s / %(m)s 件，%(bad)s 件没有登记', numbers)
      : t('已登记 %(n)s / %(m)s 件', numbers);
  };
  const show = (/** @type {Document} */ page) => {
    for (const row of page.querySelectorAll('#orders tr[data-row]')) {
      const { row: number } = /** @type {HTMLElement} */ (row).dataset;
      table.querySelector(`[data-row="${number}"]`)?.replaceWith(document.importNode(row, true));
    }
  };
  const pause = (/** @type {unknown} */ fault) => {
    const again = !(fault instanceof Fault) || fault.again;
    trouble.textContent = fault instanceof Fault ? fault.message : '';
    trouble.hidden = !trouble.textContent;
    if (!again) {
      form.remove();
      return;
    }
    heading.textContent = t('还没有登记完');
    button.textContent = t('接着登记');
    if (!fault) count.textContent = t('停下了：%(count)s', { count: count.textContent ?? '' });
  };
  const end = () => {
    form.remove();
    told.hidden = true;
    const n = rows('made').length + rows('known').length - before;
    const sums = { n, known: before, bad: rows('refused').length };
    heading.textContent = t('已登记');
    line.textContent = t('新登记 %(n)s 件，早已登记 %(known)s 件，没有登记 %(bad)s 件', sums);
    heading.focus();
  };

  /** The portions that are left, one after the other: each is taken off when it is filed. */
  const go = async () => {
    const left = /** @type {NodeListOf<HTMLInputElement>} */ (
      form.querySelectorAll('[name=orders]')
    );
    for (const portion of left) {
      if (stopping) return pause(null);
      try {
        show(await filed(form.action, portion.value));
      } catch (fault) {
        return pause(fault);
      }
      portion.remove();
      tell();
    }
    return end();
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (going) {
      stopping = true;
      button.textContent = t('这一批登记完就停…');
      return;
    }
    [going, stopping] = [true, false];
    [told.hidden, leave.hidden, trouble.hidden] = [false, true, true];
    button.textContent = t('停下');
    heading.textContent = t('正在登记');
    line.textContent = '';
    tell();
    await go();
    going = false;
  });
  addEventListener('beforeunload', (event) => {
    if (going) event.preventDefault();
  });
}

const form = document.getElementById('portions');
if (form instanceof HTMLFormElement) portionsOf(form);

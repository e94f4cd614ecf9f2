/** The table of a page's keys, as it opens under ?; and the switch for keys of a single letter. */

import { element, icon } from '../elements.js';
import { t } from '../words.js';

const SWITCH = 'gridmap.single-keys'; // in localStorage: "off" when switched off

/** Whether single-letter keys are heard (WCAG 2.1.4: they can be switched off). */
export function singleKeys() {
  try {
    return localStorage.getItem(SWITCH) !== 'off';
  } catch {
    return true;
  }
}

/** @param {boolean} on */
export function useSingleKeys(on) {
  try {
    localStorage.setItem(SWITCH, on ? 'on' : 'off');
  } catch {
    // Storage is shut off in this browser: the keys stay as they are.
  }
}

/** @param {[string[], string][]} table keys and what they do */
function rows(table) {
  return table.map(([keys, what]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, ...keys.flatMap((key) => [element('kbd', {}, key), ' '])),
      element('td', {}, what),
    ),
  );
}

/**
 * Open the table, over the page.
 *
 * @param {string} lead what a reader should know first
 * @param {[string[], string][]} table keys and what they do
 */
export function openKeys(lead, table) {
  const box = element('input', { type: 'checkbox', id: 'single-keys', checked: singleKeys() });
  box.addEventListener('change', () => useSingleKeys(box.checked));
  const close = element(
    'button',
    { class: 'button bare push', 'aria-label': t('关闭') },
    icon('close'),
  );
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'keys-title' },
    element('h1', { id: 'keys-title' }, t('帮助与快捷键'), close),
    element('p', { class: 'quiet' }, lead),
    element('table', {}, element('tbody', {}, ...rows(table))),
    element(
      'div',
      { class: 'row' },
      box,
      element('label', { for: 'single-keys' }, t('使用单键快捷键')),
    ),
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

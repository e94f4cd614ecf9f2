/** A sheet over the page: one question at a time, closed by Esc, by its button or by going on. */

import { element, fill, icon } from '../elements.js';
import { t } from '../words.js';

/** @typedef {import('../elements.js').Child} Child */

/**
 * Open a sheet; what was open before is gone.
 *
 * @param {string} title
 * @param {Child[]} children
 * @param {{wide?: boolean, onclose?: () => void}} [options]
 */
export function openSheet(title, children, { onclose } = {}) {
  closeSheet();
  const sheet = element('dialog', { class: 'sheet-over', 'aria-label': title });
  const body = element('div', { class: 'sheet-body' });
  const show = (/** @type {Child[]} */ inner) => fill(body, ...inner);
  show(children);
  const close = element(
    'button',
    { class: 'button square', onclick: () => sheet.close(), 'aria-label': t('关闭') },
    icon('close'),
  );
  fill(sheet, element('header', {}, element('h2', {}, title), close), body);
  sheet.addEventListener('close', () => {
    sheet.remove();
    onclose?.();
  });
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet) sheet.close();
  });
  document.body.append(sheet);
  sheet.showModal();
  return { sheet, show, close: () => sheet.close() };
}

/** Close the sheet that is open, if one is. */
export function closeSheet() {
  for (const open of document.querySelectorAll('dialog.sheet-over')) {
    /** @type {HTMLDialogElement} */ (open).close();
  }
}

/**
 * A button over the whole width.
 *
 * @param {string} text
 * @param {() => void} onclick
 * @param {string} [kind]
 * @param {string} [drawing] an icon
 */
export function wideButton(text, onclick, kind = '', drawing = '') {
  const values = { class: `button wide ${kind}`.trim(), type: 'button', onclick };
  return element('button', values, drawing ? icon(drawing) : null, text);
}

/** One short message at a time, bottom left; what it tells can be undone from it. */

/** @import { Store } from '../store.js' */

import { element, fill } from '../elements.js';

const SHOWN = 8000; // milliseconds

/**
 * Show what others ask for with `store.act('toast', {text, label, undo})`.
 *
 * @param {HTMLElement} root a polite live region
 * @param {Store} store
 */
export function mountToast(root, store) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ending;
  const hide = () => fill(root);
  const hold = () => clearTimeout(ending);
  const release = () => {
    clearTimeout(ending);
    ending = setTimeout(hide, SHOWN);
  };
  for (const event of ['mouseenter', 'focusin']) root.addEventListener(event, hold);
  for (const event of ['mouseleave', 'focusout']) root.addEventListener(event, release);

  store.does('toast', ({ text, label, undo }) => {
    const act = () => {
      hide();
      undo();
    };
    const button = undo && element('button', { class: 'button small', onclick: act }, label);
    fill(root, element('div', { class: 'toast' }, element('span', {}, text), button));
    release();
  });
}

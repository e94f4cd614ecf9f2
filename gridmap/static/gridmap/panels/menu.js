/** A menu under a button: arrow keys walk, Enter chooses, Esc closes and gives the focus back. */

import { element, fill } from '../elements.js';

/**
 * @typedef {{heading: string}} Heading
 * @typedef {{word: string, on: boolean, act: () => void, inner?: boolean, note?: string}} Choice
 */

/**
 * @param {Heading | Choice | Element} entry
 * @param {() => void} close
 */
function drawn(entry, close) {
  if (entry instanceof Element) return entry;
  if ('heading' in entry) return element('h3', { role: 'presentation' }, entry.heading);
  const choose = () => {
    close();
    entry.act();
  };
  return element(
    'button',
    {
      type: 'button',
      role: 'menuitemradio',
      'aria-checked': String(entry.on),
      class: entry.inner ? 'nested' : null,
      tabindex: -1,
      onclick: choose,
    },
    entry.word,
    entry.note && element('span', { class: 'push small quiet' }, entry.note),
  );
}

/**
 * @param {HTMLElement} holder positioned; the menu opens in it
 * @param {HTMLButtonElement} button
 * @param {(close: () => void) => (Heading | Choice | Element)[]} entries asked each time it opens
 * @param {string} name said aloud
 * @param {string} [side] `right`: opens towards the left
 */
export function mountMenu(holder, button, entries, name, side = '') {
  const menu = element('div', {
    class: `menu ${side}`,
    role: 'menu',
    'aria-label': name,
    hidden: true,
  });
  holder.append(menu);
  button.setAttribute('aria-haspopup', 'menu');
  const close = (back = false) => {
    menu.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    if (back) button.focus();
  };
  const items = () =>
    /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('[role^="menuitem"]')]);
  const open = () => {
    fill(menu, ...entries(() => close(true)).map((entry) => drawn(entry, () => close(true))));
    menu.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    const chosen = /** @type {HTMLElement | null} */ (menu.querySelector('[aria-checked="true"]'));
    (chosen ?? items()[0])?.focus();
  };
  const walk = (/** @type {KeyboardEvent} */ event) => {
    // The arrows of a field turn its own digits.
    if (event.target instanceof HTMLInputElement) return;
    const list = items();
    const at = list.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 };
    const to = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    list.at(to % list.length)?.focus();
  };
  close();
  button.addEventListener('click', () => (menu.hidden ? open() : close(true)));
  menu.addEventListener('keydown', (event) => {
    walk(event);
    if (event.key === 'Escape') {
      event.stopPropagation();
      close(true);
    }
  });
  document.addEventListener('pointerdown', (event) => {
    if (!menu.hidden && !holder.contains(/** @type {Node} */ (event.target))) close();
  });
  holder.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget && !holder.contains(/** @type {Node} */ (relatedTarget))) close();
  });
}

/** A small list at a place of the map: what lies there, or what can be done there. */

import { element, fill, icon } from '../elements.js';

/** @import { IconName } from '../elements.js' */
/** @typedef {{word: string, note?: string, mark?: Element | null, act: () => void}} Entry */

/** @param {HTMLElement} root positioned */
export function choiceList(root) {
  const list = element('div', { class: 'float choice', role: 'menu', hidden: true });
  root.append(list);
  const close = () => {
    list.hidden = true;
  };
  const entries = () => /** @type {HTMLElement[]} */ ([...list.children]);
  list.addEventListener('keydown', (event) => {
    const at = entries().indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) entries()[(at + step + entries().length) % entries().length]?.focus();
    if (event.key === 'Escape') close();
    if (step || event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list.contains(/** @type {Node} */ (event.target))) close();
  });
  return {
    close,
    isOpen: () => !list.hidden,
    /**
     * @param {Entry[]} choices
     * @param {{x: number, y: number}} pixel
     * @param {string} name said aloud
     */
    open(choices, { x, y }, name) {
      list.setAttribute('aria-label', name);
      fill(
        list,
        ...choices.map(({ word, note, mark, act }) =>
          element(
            'button',
            {
              type: 'button',
              role: 'menuitem',
              onclick: () => {
                close();
                act();
              },
            },
            mark,
            element('span', {}, word),
            note ? element('span', { class: 'push quiet small' }, note) : null,
          ),
        ),
      );
      list.hidden = false;
      const left = Math.min(x + 2, root.clientWidth - list.offsetWidth - 8);
      const top = Math.min(y + 2, root.clientHeight - list.offsetHeight - 8);
      list.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
      entries()[0]?.focus({ preventScroll: true });
    },
  };
}

/** @param {IconName} name */
export const mark = (name) => icon(name, 'small');

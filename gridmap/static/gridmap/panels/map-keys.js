/** Single keys of the map: not heard while somebody types, nor where they are switched off. */

import { singleKeys } from './keys-table.js';

/**
 * @param {string} key
 * @param {() => void} act
 */
export function mapKey(key, act) {
  document.addEventListener('keydown', (event) => {
    const { ctrlKey, metaKey, altKey, target, defaultPrevented } = event;
    if (event.key !== key || ctrlKey || metaKey || altKey || defaultPrevented) return;
    if (target instanceof Element && target.closest('input, select, textarea, dialog')) return;
    if (!singleKeys()) return;
    event.preventDefault();
    act();
  });
}

/** The one-line note beside the pointer: comes after a moment, never holds what stands nowhere else. */

import { element, fill } from '../elements.js';

/** Milliseconds of rest before the note appears. */
const REST = 120;

/** @param {HTMLElement} root positioned; the note moves within it */
export function tooltip(root) {
  const note = element('div', { class: 'note', 'aria-hidden': 'true', hidden: true });
  root.append(note);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shown = '';

  const place = (/** @type {{x: number, y: number}} */ { x, y }) => {
    const left = x + 14 + note.offsetWidth > root.clientWidth ? x - note.offsetWidth - 10 : x + 14;
    const top = y + 16 + note.offsetHeight > root.clientHeight ? y - note.offsetHeight - 8 : y + 16;
    note.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  };
  return {
    /**
     * @param {string} text empty: nothing
     * @param {{x: number, y: number}} pixel
     */
    show(text, pixel) {
      if (text === shown) {
        if (!note.hidden) place(pixel);
        return;
      }
      clearTimeout(timer);
      shown = text;
      note.hidden = true;
      if (!text) return;
      timer = setTimeout(() => {
        fill(note, text);
        note.hidden = false;
        place(pixel);
      }, REST);
    },
  };
}

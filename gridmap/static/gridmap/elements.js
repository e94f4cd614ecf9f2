/** Makes elements and drawn signs. Text goes in as text, never as markup. */

/** @typedef {Node | string | number | null | undefined | false} Child */

const SVG = 'http://www.w3.org/2000/svg';

/** @typedef {string} IconName an icon of icons.svg; a test holds the two together */

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [values]
 *   attributes; a function is a listener (`onclick`), null and false leave the attribute out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, values = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  fill(made, ...children);
  return made;
}

/**
 * Replace what an element holds.
 *
 * @param {Element} holder
 * @param {...Child} children
 */
export function fill(holder, ...children) {
  const kept = children.filter((child) => child !== null && child !== undefined && child !== false);
  holder.replaceChildren(...kept.map((c) => (c instanceof Node ? c : String(c))));
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} values
 * @param {...Element} children
 */
export function drawn(tag, values, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * A line icon; a word stands beside it, so it is hidden from readers aloud.
 *
 * @param {IconName} name
 * @param {string} [size] `small`
 */
export function icon(name, size = '') {
  const drawing = `${document.documentElement.dataset.icons ?? ''}#${name}`;
  const values = { class: `icon ${size}`.trim(), 'aria-hidden': 'true' };
  return drawn('svg', values, drawn('use', { href: drawing }));
}

/**
 * The sign of an incident's light: circle, diamond, triangle or ring.
 *
 * @param {string} light
 */
export function sign(light) {
  const shapes = {
    ok: () => drawn('circle', { r: 5.6 }),
    soon: () => drawn('path', { d: 'M0-7.2 7.2 0 0 7.2-7.2 0z' }),
    late: () => drawn('path', { d: 'M0-6.6 7.9 7-7.9 7z' }),
    parked: () => drawn('circle', { r: 4.6 }),
    ended: () => drawn('circle', { r: 3.6 }),
  };
  const make = shapes[/** @type {keyof typeof shapes} */ (light)] ?? shapes.ok;
  const values = { class: `sign ${light}`, viewBox: '-9 -9 18 18', 'aria-hidden': 'true' };
  return drawn('svg', values, make());
}

/** Makes elements and drawn signs. Text goes in as text, never as markup. */

/** @typedef {Node | string | number | null | undefined | false} Child */

const SVG = 'http://www.w3.org/2000/svg';

/** Paths of the icons, drawn in lines on 24 x 24. */
const ICONS = {
  map: 'M9 4 3 6v14l6-2 6 2 6-2V4l-6 2-6-2zM9 4v14M15 6v14',
  flag: 'M5 21V4h12l-2 4 2 4H5',
  walk: 'M13 4.5a1 1 0 1 0 .1 0M9 21l2-6-2-3 1-5 3 1 2 3 3 1M11 15l3 2 1 4M7 12l2-5',
  ladder:
    'M12 8a3 3 0 1 0-.1 0M5 21a2.5 2.5 0 1 0-.1 0M19 21a2.5 2.5 0 1 0-.1 0M12 8v4M5 16v-2h14v2',
  star: 'M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z',
  layers: 'M12 4l9 5-9 5-9-5zM3 14l9 5 9-5',
  list: 'M8 6h13M8 12h13M8 18h13M3.5 6h.1M3.5 12h.1M3.5 18h.1',
  feather: 'M4 20L20 4M9 15c6 1 10-2 11-11-9 1-12 5-11 11z',
  book: 'M5 4h9a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h9M9 8h4',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.2',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  down: 'M5 9l7 7 7-7',
  right: 'M9 5l7 7-7 7',
  back: 'M15 5l-7 7 7 7',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17',
  locate: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z',
  frame: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M12 12v.1',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
  building: 'M5 21V4h10v17M15 9h4v12M3 21h18M8 8h4M8 12h4M8 16h4',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.6-4 3.8-6 8-6s7.4 2 8 6',
  cell: 'M4 6l7-2 9 3v10l-8 3-8-4zM11 4l1 16M4 12l16-1',
  exit: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  alert: 'M12 4l9 16H3zM12 10v4M12 17v.1',
  offline: 'M3 3l18 18M5 9a12 12 0 0 1 4-2M19 9a12 12 0 0 0-5.5-2.5M8.5 13a6 6 0 0 1 3-1M12 18v.1',
};

/** @typedef {keyof typeof ICONS} IconName */

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
  const values = { class: `icon ${size}`.trim(), viewBox: '0 0 24 24', 'aria-hidden': 'true' };
  return drawn('svg', values, drawn('path', { d: ICONS[name] }));
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

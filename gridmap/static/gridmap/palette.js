/** Colours, fonts and motion of the map, read once from the design tokens of the page. */

/**
 * @param {Element} [root]
 */
export function readPalette(root = document.documentElement) {
  const style = getComputedStyle(root);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    /** A token's value, e.g. `color('--m-land')`. */
    color: of,
    /** A token's number without its unit. */
    size: (/** @type {string} */ name) => Number.parseFloat(of(name)) || 0,
    /** The page's font as the list of families the map library wants; the weight is read off the first. */
    font: families(of('--font-ui')),
    bold: ["'gridmap bold'", ...families(of('--font-ui'))],
    fontList: of('--font-ui'),
    /** Milliseconds of a flight; 0 where the reader wants no motion. */
    flight: Number.parseFloat(of('--t-map')) || 0,
  };
}

/** @typedef {ReturnType<typeof readPalette>} Palette */

/** @param {string} list of a CSS font-family */
function families(list) {
  return list
    .split(',')
    .map((family) => family.trim().replaceAll('"', "'"))
    .filter(Boolean);
}

/** The administration's own script: a map above every field that holds a geometry. */

import { openOutline } from '../outline.js';

/** @param {string} text */
function shapeIn(text) {
  try {
    const shape = JSON.parse(text);
    return shape && typeof shape.type === 'string' && Array.isArray(shape.coordinates)
      ? shape
      : null;
  } catch {
    return null;
  }
}

const colour = (/** @type {string} */ name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

for (const holder of document.querySelectorAll('[data-outline]')) {
  const container = /** @type {HTMLElement} */ (holder);
  const field = /** @type {HTMLTextAreaElement} */ (
    document.getElementById(container.dataset.outline ?? '')
  );
  const map = openOutline({
    container,
    shape: shapeIn(field.value),
    kind: container.dataset.kind ?? '',
    basemap: container.dataset.basemap === '1',
    colours: { ground: colour('--m-land'), line: colour('--accent'), fill: colour('--surface') },
    changed: (shape) => {
      field.value = JSON.stringify(shape);
    },
  });
  field.addEventListener('change', () => map.show(shapeIn(field.value)));
}

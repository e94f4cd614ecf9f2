/** The administration's own script: a map above every field that holds a geometry. */

import { read } from '../api.js';
import { openOutline } from '../outline.js';

/** @typedef {{id: number, slug: string, bounds: import('../outline.js').Box, ways: boolean}} Ground */

/** @type {Ground[]} */
const grounds = JSON.parse(document.getElementById('grounds')?.textContent ?? '[]');
const PAGE = 1000;
const NO_WAYS = { type: 'FeatureCollection', features: [] };

/** The city chosen in the form, or the only one. */
function chosen() {
  const field = /** @type {HTMLSelectElement | null} */ (document.getElementById('id_city'));
  return grounds.find(({ id }) => String(id) === field?.value) ?? grounds[0];
}

/** @param {string} slug */
async function waysOf(slug) {
  const found = await Promise.all(
    ['streets', 'lanes'].map((kind) => read(`/api/${kind}`, { city: slug, page_size: PAGE })),
  );
  return { type: 'FeatureCollection', features: found.flatMap(({ features }) => features) };
}

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
    colours: {
      ground: colour('--m-land'),
      line: colour('--accent'),
      fill: colour('--surface'),
      way: colour('--line-ctl'),
    },
    changed: (shape) => {
      field.value = JSON.stringify(shape);
    },
  });
  field.addEventListener('change', () => map.show(shapeIn(field.value)));
  const lay = async () => {
    const ground = chosen();
    if (ground) map.lay(ground.bounds, ground.ways ? await waysOf(ground.slug) : NO_WAYS);
  };
  // Without the ways under it the map is poorer, and the form as good as before.
  lay().catch(() => {});
  document.getElementById('id_city')?.addEventListener('change', () => lay().catch(() => {}));
}

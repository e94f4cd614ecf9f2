/** The layer menu: names, boundaries, buildings, and a raster base map where there is one. */

/** @import { Store } from '../store.js' */

import { element, fill, icon } from '../elements.js';
import { t } from '../words.js';

/** Switches and what they are before anybody touched them. */
export const DEFAULT_LAYERS = {
  names: true,
  cells: true,
  communities: true,
  buildings: true,
  raster: false,
};

/**
 * @param {Store} store
 * @param {boolean} raster whether the server offers a raster base map
 */
export function layersMenu(store, raster) {
  const words = {
    names: t('网格名称'),
    cells: t('网格边界'),
    communities: t('社区边界'),
    buildings: t('楼栋'),
    raster: t('天地图底图'),
  };
  const button = element(
    'button',
    { type: 'button', 'aria-haspopup': 'true', 'aria-expanded': 'false' },
    icon('layers', 'small'),
    element('span', {}, t('图层')),
  );
  const sheet = element('div', {
    class: 'float layer-sheet',
    role: 'group',
    'aria-label': t('图层'),
  });
  sheet.hidden = true;

  const row = (/** @type {keyof typeof words} */ name) => {
    const layers = { ...DEFAULT_LAYERS, ...store.get('layers') };
    const box = element('input', { type: 'checkbox', checked: layers[name] });
    box.addEventListener('change', () => {
      store.set({ layers: { ...layers, ...store.get('layers'), [name]: box.checked } });
    });
    return element('label', {}, box, words[name]);
  };
  const duties = () => {
    const box = element('input', { type: 'checkbox', checked: store.get('duty') !== null });
    box.addEventListener('change', () => {
      const duty = box.checked ? /** @type {const} */ ('rulings') : null;
      store.set({ duty, ruling: null, border: null }, { history: 'push' });
    });
    return element('label', {}, box, t('确权与责任边界'));
  };
  const names = /** @type {(keyof typeof words)[]} */ (Object.keys(words));
  const close = (back = false) => {
    sheet.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    if (back) button.focus();
  };
  const open = () => {
    fill(sheet, ...names.filter((name) => name !== 'raster' || raster).map(row), duties());
    sheet.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    sheet.querySelector('input')?.focus();
  };
  button.addEventListener('click', () => (sheet.hidden ? open() : close()));
  const holder = element('div', { class: 'layers' }, button, sheet);
  holder.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || sheet.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    close(true);
  });
  document.addEventListener('pointerdown', (event) => {
    if (!holder.contains(/** @type {Node} */ (event.target))) close();
  });
  return holder;
}

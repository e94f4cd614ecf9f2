/** The category filter as a select, beside the figures it narrows. */

/** @import { Store } from '../store.js' */
/** @import { BootCity } from '../boot.js' */

import { element } from '../elements.js';
import { t } from '../words.js';

/**
 * @param {Store} store
 * @param {BootCity | undefined} city
 */
export function categoryFilter(store, city) {
  const chosen = store.get('category');
  const options = (city?.categories ?? []).map(({ id, name }) =>
    element('option', { value: id, selected: id === chosen }, name),
  );
  const select = element(
    'select',
    { 'aria-label': t('类别') },
    element('option', { value: '' }, t('全部类别')),
    ...options,
  );
  select.addEventListener('change', () => {
    store.set({ category: select.value ? Number(select.value) : null }, { history: 'push' });
  });
  return element('div', { class: 'tools' }, select);
}

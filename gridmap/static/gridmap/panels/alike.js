/** Was it reported before? Open incidents near in place and kind, while the form is filled in. */

/** @import { Store } from '../store.js' */

import { read } from '../api.js';
import { element, fill, sign } from '../elements.js';
import { stamp, t } from '../words.js';
import { named } from './card.js';

/**
 * @param {Store} store
 * @param {string | undefined} city
 */
export function alikeBox(store, city) {
  const root = element('div', { class: 'alike', role: 'status' });
  let asked = '';
  /** @param {any} found */
  const row = (found) => {
    const open = () =>
      store.set({ overlay: 'incidents', incident: found.id, panel: 'card' }, { history: 'push' });
    const kind = named({ name: found.category, name_en: found.category_en });
    const away = t('%(n)s 米外', { n: found.metres });
    return element(
      'li',
      {},
      element(
        'button',
        { class: 'item', type: 'button', onclick: open },
        sign(found.light),
        element(
          'span',
          { class: 'text' },
          element('span', { class: 'title' }, found.title),
          element('span', { class: 'under' }, `${kind} · ${away} · ${stamp(found.reported_at)}`),
        ),
      ),
    );
  };
  /**
   * @param {{lng: number, lat: number}} place
   * @param {string} category
   */
  const look = async (place, category) => {
    const about = category ? `${place.lng} ${place.lat} ${category}` : '';
    if (about === asked) return;
    asked = about;
    fill(root);
    if (!category) return;
    const query = { city, lng: place.lng, lat: place.lat, category };
    const found = await read('/api/incidents/near', query).catch(() => ({ incidents: [] }));
    if (asked !== about || found.incidents.length === 0) return;
    fill(
      root,
      element('p', { class: 'hint' }, t('附近有同类、还没办结的事件。是同一件就不用再登记：')),
      element('ul', { class: 'items' }, ...found.incidents.map(row)),
    );
  };
  return { root, look };
}

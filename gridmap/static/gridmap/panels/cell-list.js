/** The full list behind a number of a cell's card: its incidents, stretches, chiefs or party units. */

/** @import { Store } from '../store.js' */

import { read } from '../api.js';
import { element, fill } from '../elements.js';
import { spell } from '../names.js';
import { UNSELECTED } from '../store.js';
import { asOf, t, tn } from '../words.js';
import { unitItem } from './card.js';
import { postItem } from './chiefs.js';
import { stretchItem } from './coverage.js';
import { fromFeature } from './incidents.js';
import { head, incidentItem, lightChips } from './rows.js';
import { show } from './states.js';

const MOST = 200;

/**
 * @param {Store} store
 * @param {number} cell
 */
async function incidents(store, cell, /** @type {AbortSignal} */ signal) {
  const query = {
    cell,
    city: store.get('city')?.slug,
    category: store.get('category'),
    light: store.get('light'),
    order: 'urgency',
    as_of: asOf(),
    page_size: MOST,
  };
  const { features } = spell(await read('/api/incidents', query, signal));
  const values = store.get('cells').get(cell)?.values;
  return {
    title: tn('事件 %(n)s 件', features.length),
    above: values && lightChips(store, values),
    items: features.map((/** @type {any} */ feature) => incidentItem(store, fromFeature(feature))),
  };
}

/** What each overlay lists of a cell. */
const LISTS = {
  incidents,
  coverage: async (
    /** @type {Store} */ store,
    /** @type {number} */ cell,
    /** @type {AbortSignal} */ signal,
  ) => {
    const path = `/api/cells/${cell}/coverage`;
    const { stretches } = spell(await read(path, { as_of: asOf() }, signal));
    return {
      title: tn('%(n)s 段', stretches.length),
      above: element('p', { class: 'small quiet' }, t('按超过间隔的天数排。只看巷，不看人。')),
      items: stretches.map((/** @type {any} */ stretch) => stretchItem(store, stretch)),
    };
  },
  chiefs: async (
    /** @type {Store} */ _store,
    /** @type {number} */ cell,
    /** @type {AbortSignal} */ signal,
  ) => {
    const chiefs = spell(await read(`/api/cells/${cell}/chiefs`, { as_of: asOf() }, signal));
    const order = ['vacant', 'expiring', 'substitute', 'filled'];
    const items = /** @type {const} */ (['street', 'lane', 'building'])
      .flatMap((kind) =>
        chiefs[`${kind}s`].objects.map((/** @type {any} */ post) => ({ kind, post })),
      )
      .sort((a, b) => order.indexOf(a.post.standing) - order.indexOf(b.post.standing))
      .map(({ kind, post }) => postItem(kind, post));
    const above = element('p', { class: 'small quiet' }, t('空缺的在前。'));
    return { title: tn('%(n)s 位三长', items.length), above, items };
  },
  party: async (
    /** @type {Store} */ store,
    /** @type {number} */ cell,
    /** @type {AbortSignal} */ signal,
  ) => {
    const query = { cell, city: store.get('city')?.slug, page_size: MOST };
    const { features } = spell(await read('/api/party-units', query, signal));
    const items = features.map((/** @type {any} */ { properties }) => unitItem(properties));
    return { title: tn('%(n)s 家党组织', items.length), above: null, items };
  },
};

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {number} cell
 */
export function drawCellList(root, store, cell) {
  const overlay = store.get('overlay');
  const name = store.get('cells').get(cell)?.name ?? t('网格');
  const back = () => store.set({ panel: 'card' }, { history: 'push' });
  show(
    root,
    (signal) => LISTS[overlay](store, cell, signal),
    ({ title, above, items }) => {
      const list =
        items.length > 0
          ? element('ul', { class: 'items' }, ...items)
          : element('p', { class: 'quiet' }, t('这里没有符合筛选的。'));
      const body = element(
        'div',
        { class: 'body' },
        element('section', { class: 'section' }, above, list),
      );
      fill(root, head([name], title, back), body);
    },
    () => store.set(UNSELECTED, { history: 'push' }),
  );
}

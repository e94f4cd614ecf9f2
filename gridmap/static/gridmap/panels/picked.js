/** The panel of several cells chosen together: their sums, and the cells one by one. */

/** @import { Cell, Store } from '../store.js' */

import { MOST_PICKED } from '../address.js';
import { read } from '../api.js';
import { byLight, inTime, offices, STANDINGS, total } from '../classes.js';
import { element, fill, icon } from '../elements.js';
import { asOf, number, percent, t, tn } from '../words.js';
import { figures } from './card.js';
import { head, lightChips, section, shares, standingName } from './rows.js';

/** Households stand on the cards alone; of more cells than this they are not asked for. */
const MOST_CARDS = 24;

/**
 * Take a cell to those chosen, or away from them. The one that is selected counts as chosen.
 *
 * @param {Store} store
 * @param {number} id
 */
export function pick(store, id) {
  const { cell, picked } = store.all();
  const before = picked.length === 0 && cell !== null ? [cell] : picked;
  const next = before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
  if (next.length > MOST_PICKED) {
    store.act('toast', { text: t('一次最多选 %(n)s 格。', { n: MOST_PICKED }) });
    return;
  }
  const nothing = { building: null, incident: null };
  const one = next.length === 1 ? next[0] : null;
  const chosen = one === null ? next : [];
  store.set({ ...nothing, cell: one, picked: chosen, panel: 'card' }, { history: 'push' });
}

/** @param {Store} store */
function letGo(store) {
  const picked = store.get('picked');
  store.set({ picked: [] }, { history: 'push' });
  store.act('toast', {
    text: tn('不再选这 %(n)s 格。', picked.length),
    label: t('撤销'),
    undo: () => store.set({ cell: null, picked }, { history: 'push' }),
  });
}

/**
 * @param {Store} store
 * @param {Cell} cell
 */
function row(store, cell) {
  const open = () => store.set({ cell: cell.id, panel: 'card' }, { history: 'push' });
  const away = element(
    'button',
    {
      class: 'button bare',
      type: 'button',
      'aria-label': t('去掉%(name)s', { name: cell.name }),
      onclick: () => pick(store, cell.id),
    },
    icon('close', 'small'),
  );
  const line = element(
    'button',
    { class: 'item', type: 'button', onclick: open },
    element(
      'span',
      { class: 'text' },
      element('span', { class: 'title' }, `${cell.name} · ${cell.code.slice(-3)}`),
      element('span', { class: 'under' }, cell.communityName),
    ),
    element('b', { class: 'number' }, number(cell.values?.open)),
  );
  return element('li', { class: 'with-action' }, line, away);
}

/**
 * Households and residents of the cells chosen, which only their cards tell.
 *
 * @param {Store} store
 * @param {Cell[]} cells
 * @param {{households: Element, residents: Element}} places
 */
function countPeople(store, cells, places) {
  if (cells.length > MOST_CARDS) return;
  const key = cells.map(({ id }) => id).join();
  const still = () => store.get('picked').join() === key;
  Promise.all(cells.map(({ id }) => read(`/api/cells/${id}/card`, { as_of: asOf() }))).then(
    (cards) => {
      if (!still()) return;
      for (const name of /** @type {const} */ (['households', 'residents'])) {
        const known = cards.every((card) => typeof card[name] === 'number');
        const sum = cards.reduce((n, card) => n + card[name], 0);
        fill(places[name], number(known ? sum : null));
      }
    },
    () => {}, // the dashes stay
  );
}

/** @param {import('../store.js').Values} values */
function buildingChiefs(values) {
  const counts = offices(values, 'building');
  const all = counts.reduce((sum, n) => sum + n, 0);
  const classes = STANDINGS.map((standing, i) => ({
    n: counts[i],
    look: `chief-${standing}`,
    word: standingName(standing),
  }));
  const held = `${number(all - counts[3])} / ${number(all)} ${t('在岗')}`;
  return section(t('楼长'), held, null, shares(classes));
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 */
export function drawPicked(root, store) {
  const known = store.get('cells');
  const cells = store.get('picked').flatMap((id) => known.get(id) ?? []);
  const values = total(cells.map((cell) => cell.values ?? {}));
  const { seen, all } = inTime(values);
  const people = {
    households: element('span', {}, '—'),
    residents: element('span', {}, '—'),
  };
  const body = element(
    'div',
    { class: 'body' },
    section(t('事件'), tn('%(n)s 件未结', values.open ?? 0), null, lightChips(store, values)),
    section(t('巡查覆盖'), t('按要求巡到 %(share)s 巷段', { share: percent(seen, all) }), null),
    values.b_filled !== undefined && buildingChiefs(values),
    section(
      t('选中的网格'),
      tn('%(n)s 格', cells.length),
      null,
      element('ul', { class: 'items' }, ...cells.map((cell) => row(store, cell))),
    ),
  );
  fill(
    root,
    head(
      [t('按住 Shift 点网格，加进来或去掉')],
      tn('一共 %(n)s 格', cells.length),
      () => letGo(store),
      figures([
        [people.households, t('户')],
        [people.residents, t('人口')],
        [number(values.open), t('件未结')],
        [number(values.late === undefined ? undefined : byLight(values).late), t('件超期')],
      ]),
    ),
    body,
  );
  countPeople(store, cells, people);
}

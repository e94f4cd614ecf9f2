/** The list instead of the map: every cell of the area with the map's figures, sortable. */

/** @import { Cell, Store } from '../store.js' */
/** @import { BootCity } from '../boot.js' */

import { areaPath } from '../boot.js';
import { inTime, vacancies } from '../classes.js';
import { inScope } from '../counts.js';
import { element, fill } from '../elements.js';
import { number, t, tn } from '../words.js';
import { head } from './rows.js';
import { sentence } from './states.js';

const MOST = 600; // rows; a page of the 10,000 of a large city would only be slow

/** @typedef {'name' | 'open' | 'late' | 'seen' | 'vacant'} Column */

/** @type {{column: Column, down: boolean}} kept while the page is open */
let order = { column: 'late', down: true };

/**
 * @param {Cell} cell
 * @param {Column} column
 */
function figure({ code, values }, column) {
  const got = values ?? {};
  const known = {
    name: Number(code),
    open: got.open ?? 0,
    late: got.late ?? 0,
    vacant: vacancies(got),
  };
  return column === 'seen' ? (inTime(got).share ?? -1) : known[column];
}

/**
 * Where a figure stands in the order; one that is not shown comes before nought.
 *
 * @param {Cell} cell
 * @param {Column} column
 */
function rank(cell, column) {
  const known = figure(cell, column);
  return Number.isNaN(known) ? -1 : known;
}

/**
 * The cells in the chosen order; equal ones by code.
 *
 * @param {Cell[]} cells
 * @param {{column: Column, down: boolean}} by
 */
export function sorted(cells, { column, down }) {
  const sign = down ? -1 : 1;
  return [...cells].sort(
    (a, b) => sign * (rank(a, column) - rank(b, column)) || a.code.localeCompare(b.code),
  );
}

/** @returns {[Column, string][]} */
function columns() {
  return [
    ['name', t('网格')],
    ['open', t('未结')],
    ['late', t('超期')],
    ['seen', t('覆盖')],
    ['vacant', t('空缺')],
  ];
}

/**
 * @param {Store} store
 * @param {Cell} cell
 */
function row(store, cell) {
  const go = () => {
    store.set(
      { cell: cell.id, panel: 'card', building: null, incident: null },
      { history: 'push' },
    );
    store.act('fly', { lng: cell.lng, lat: cell.lat, zoom: 16.5 });
  };
  const { share } = inTime(cell.values ?? {});
  const unknown = store.get('unknown');
  const late = figure(cell, 'late');
  const known = cell.values !== null && !unknown.includes('incidents');
  const manned = cell.values !== null && !unknown.includes('chiefs');
  return element(
    'tr',
    { 'aria-current': store.get('cell') === cell.id ? 'true' : null },
    element(
      'td',
      {},
      element(
        'button',
        { type: 'button', onclick: go },
        element(
          'span',
          {},
          `${cell.name} `,
          element('span', { class: 'code quiet' }, cell.code.slice(-3)),
        ),
        element('br'),
        element('span', { class: 'small quiet' }, cell.communityName),
      ),
    ),
    element('td', {}, known ? number(figure(cell, 'open')) : '—'),
    element('td', { class: late > 0 ? 'late' : null }, known ? number(late) : '—'),
    element(
      'td',
      { title: share === null ? t('巷段太少，不算百分比') : null },
      share === null ? '—' : `${share}%`,
    ),
    element('td', {}, manned ? number(figure(cell, 'vacant')) : '—'),
  );
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {BootCity | undefined} city
 */
export function drawList(root, store, city) {
  const filters = { community: store.get('community'), subdistrict: store.get('subdistrict') };
  const cells = [...store.get('cells').values()].filter((cell) => inScope(cell, filters));
  const path = areaPath(city, filters);
  const again = () => drawList(root, store, city);
  const heads = columns().map(([column, word]) => {
    const on = order.column === column;
    const turn = () => {
      order = { column, down: on ? !order.down : column !== 'name' };
      again();
      root.querySelector(`[data-column="${column}"]`)?.querySelector('button')?.focus();
    };
    const direction = order.down ? 'descending' : 'ascending';
    const values = { scope: 'col', 'data-column': column, 'aria-sort': on ? direction : null };
    return element('th', values, element('button', { type: 'button', onclick: turn }, word));
  });
  const rows = sorted(cells, order)
    .slice(0, MOST)
    .map((cell) => row(store, cell));
  const table = element(
    'table',
    { class: 'grid' },
    element('caption', { class: 'hidden-aloud' }, t('范围内的网格')),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  );
  const few =
    cells.length > MOST &&
    element(
      'p',
      { class: 'state small' },
      t('先显示前 %(n)s 个；选小一点的范围看其余的。', { n: MOST }),
    );
  const kept = root.querySelector('.body')?.scrollTop ?? 0;
  const body = element(
    'div',
    { class: 'body' },
    cells.length > 0
      ? table
      : sentence(t('这里还没有网格'), t('换一个范围看看，或请管理员导入网格。')),
    few,
  );
  fill(
    root,
    head([`${path.at(-1) ?? ''} · ${t('列表方式')}`], tn('%(n)s 个网格', cells.length), () =>
      store.set({ panel: 'card' }, { history: 'push' }),
    ),
    body,
  );
  body.scrollTop = kept;
}

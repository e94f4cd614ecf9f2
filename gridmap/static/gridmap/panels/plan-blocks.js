/** The list way: every block and unit with its cell, to be chosen and given to another without a map. */

/** @import { Work } from './plan-work.js' */

import { element, fill } from '../elements.js';
import { boxAround } from '../geo.js';
import { middleOf } from '../plan-shapes.js';
import { codeOf } from '../plan-words.js';
import { number, t, tn } from '../words.js';
import { inOrder } from './plan-table.js';
import { give } from './plan-work.js';

const MOST = 200; // rows shown at once

/**
 * @typedef {{key: string, units: number[], name: string, households: number, cells: number[]}} Entry
 */

/**
 * @param {Work} work
 * @param {{edit: boolean}} options
 */
export function blockList(work, { edit }) {
  const { desk, draft, fabric } = work;
  const search = element('input', {
    type: 'search',
    placeholder: t('楼栋、地址'),
    'aria-label': t('找楼栋或地址'),
  });
  const only = element('select', { 'aria-label': t('只看哪个网格') });
  const level = element(
    'select',
    { 'aria-label': t('按街区还是按地块') },
    element('option', { value: 'block' }, t('按街区')),
    element('option', { value: 'unit' }, t('按地块')),
  );
  const to = element('select', { 'aria-label': t('移入哪个网格') });
  const move = element('button', { type: 'button', class: 'button primary' }, t('移入'));
  const fresh = element('button', { type: 'button', class: 'button' }, t('分成新网格'));
  const count = element('p', { class: 'small quiet', role: 'status' });
  const list = element('ul', { class: 'blocks' });
  const holder = element(
    'div',
    { class: 'part block-part' },
    element('div', { class: 'row' }, search, only, level),
    edit && element('div', { class: 'row' }, to, move, fresh),
    count,
    list,
  );

  const options = () => {
    const cells = inOrder(work);
    const before = [only.value, to.value];
    const option = (/** @type {number} */ no) =>
      element('option', { value: no }, codeOf(draft.cells().get(no), no));
    fill(
      only,
      element('option', { value: '' }, t('全部网格')),
      element('option', { value: 0 }, t('未划')),
      ...cells.map(option),
    );
    fill(to, ...cells.map(option));
    if ([...only.options].some(({ value }) => value === before[0])) only.value = before[0];
    const chosen = desk.get('cell');
    if (chosen !== null) to.value = String(chosen);
    else if ([...to.options].some(({ value }) => value === before[1])) to.value = before[1];
  };
  const entries = () => {
    const words = search.value.trim().toLowerCase();
    const all = level.value === 'unit' ? byUnit(work) : byBlock(work);
    return all.filter(
      ({ units, cells }) =>
        (only.value === '' || cells.includes(Number(only.value))) &&
        (words === '' || units.some((unit) => work.names[unit].toLowerCase().includes(words))),
    );
  };
  const show = () => {
    if (desk.get('tab') !== 'blocks') return;
    options();
    const found = entries();
    const picked = new Set(desk.get('picked'));
    const households = [...picked].reduce((sum, unit) => sum + fabric.households[unit], 0);
    fill(
      count,
      tn('%(n)s 项', found.length),
      found.length > MOST ? t('，先列前 %(n)s 项', { n: MOST }) : '',
      picked.size ? t(' · 已选 %(n)s 块，%(m)s 户', { n: picked.size, m: number(households) }) : '',
    );
    // The row that has the focus keeps it.
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
    fill(list, ...found.slice(0, MOST).map((entry) => row(work, entry, picked)));
    if (focused) {
      /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${focused}"]`))?.focus();
    }
  };
  for (const field of [search, only, level]) field.addEventListener('input', show);
  to.addEventListener('input', () => desk.set({ cell: Number(to.value) }, { history: 'push' }));
  move.addEventListener('click', () => {
    const units = desk.get('picked');
    const n = give(work, units, Number(to.value));
    if (n === 0) work.say(units.length ? t('选中的地块不能划入这个网格') : t('先在下面选地块'));
    else {
      desk.set({ picked: [] });
      const code = codeOf(draft.cells().get(Number(to.value)), Number(to.value));
      work.say(t('%(n)s 块已划入 %(code)s', { n, code }), true);
    }
  });
  fresh.addEventListener('click', () => {
    const units = draft.free(desk.get('picked'), 0);
    if (units.length === 0) {
      work.say(t('先在下面选地块'));
      return;
    }
    draft.wish({ kind: 'split', units: units.map((unit) => fabric.uids[unit]) });
    desk.set({ picked: [] });
    work.say(t('已分出新网格'), true);
  });
  desk.on(['tab', 'edited', 'picked', 'cell'], show);
  show();
  return holder;
}

/** @param {Work} work @returns {Entry[]} */
function byUnit(work) {
  const { fabric, names, draft } = work;
  return fabric.uids.map((uid, unit) => ({
    key: uid,
    units: [unit],
    name: names[unit] || t('空地'),
    households: fabric.households[unit],
    cells: [draft.partition.labels[unit]],
  }));
}

/** @param {Work} work @returns {Entry[]} */
function byBlock(work) {
  const { fabric, names, draft, blocks } = work;
  return [...blocks]
    .sort(([one], [two]) => one - two)
    .map(([number_, units]) => {
      const homes = units.filter((unit) => names[unit]);
      const name = homes.length
        ? t('%(name)s 等 %(n)s 栋', { name: names[homes[0]], n: homes.length })
        : t('空地');
      return {
        key: `block-${number_}`,
        units,
        name,
        households: units.reduce((sum, unit) => sum + fabric.households[unit], 0),
        cells: [...new Set(units.map((unit) => draft.partition.labels[unit]))],
      };
    });
}

/**
 * @param {Work} work
 * @param {Entry} entry
 * @param {Set<number>} picked
 */
function row({ desk, draft, map, fabric }, { key, units, name, households, cells }, picked) {
  const on = units.every((unit) => picked.has(unit));
  const box = element('input', { type: 'checkbox', checked: on, 'data-key': key });
  box.addEventListener('change', () => {
    const next = new Set(desk.get('picked'));
    for (const unit of units) box.checked ? next.add(unit) : next.delete(unit);
    desk.set({ picked: [...next] }, { history: 'push' });
    const bbox = boxAround(units.map((unit) => middleOf(fabric, unit)));
    if (bbox && box.checked) map.fly({ bbox });
  });
  return element(
    'li',
    {},
    element(
      'label',
      {},
      box,
      element('span', { class: 'name' }, name),
      element('span', { class: 'number small' }, tn('%(n)s 户', households)),
      element(
        'span',
        { class: 'badge' },
        cells.map((no) => codeOf(draft.cells().get(no), no)).join(' / '),
      ),
    ),
  );
}

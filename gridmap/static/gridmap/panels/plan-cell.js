/** The chosen cell: its figures, and what can be done with it as a whole. */

/** @import { Work } from './plan-work.js' */

import { send } from '../api.js';
import { element, fill, icon } from '../elements.js';
import { place } from '../names.js';
import { splitIn } from '../plan-faults.js';
import { nameOf } from '../plan-wishes.js';
import { codeOf } from '../plan-words.js';
import { area, grouped, number, t, when } from '../words.js';
import { give } from './plan-work.js';

/** Hours for which cells are kept. */
const HOURS = 2;

/**
 * @param {Work} work
 * @param {{edit: boolean, plan: number}} options
 * @returns {HTMLElement}
 */
export function cellPart(work, { edit, plan }) {
  const { desk, draft, lanes } = work;
  const holder = element('section', { class: 'part cell-part', 'aria-label': t('选定的网格') });
  const show = () => {
    const no = desk.get('cell');
    const cell = no === null ? undefined : draft.cells().get(no);
    holder.hidden = no === null || cell === undefined;
    if (no === null || cell === undefined) return;
    const figures = draft.partition.figures(no);
    const split = splitIn(draft.partition, lanes, no);
    const figure = (/** @type {string} */ word, /** @type {string} */ value) =>
      element('div', {}, element('dt', {}, word), element('dd', {}, value));
    fill(
      holder,
      element(
        'h2',
        {},
        place(cell.name) || t('网格 %(code)s', { code: codeOf(cell, no) }),
        ' ',
        element(
          'span',
          { class: 'small quiet code' },
          cell.code ? grouped(cell.code) : t('编码待定'),
        ),
      ),
      element(
        'dl',
        { class: 'figures' },
        figure(t('户'), number(figures.households)),
        figures.residents !== null && figure(t('人'), number(figures.residents)),
        figure(t('栋'), number(figures.buildings)),
        figures.incidents !== null && figure(t('近一年事件'), number(figures.incidents)),
        figure(t('面积'), area(figures.area)),
        figure(t('紧凑度'), figures.pp.toFixed(2)),
        figure(t('被分开的巷'), number(split.lanes)),
        figure(t('巷长面对几格'), number(split.chiefs)),
      ),
      figures.residents === null &&
        element('p', { class: 'small quiet' }, t('人口和事件不按草案细算，免得看出单户。')),
      edit && acts(work, no, plan),
    );
  };
  desk.on(['cell', 'edited', 'standing', 'picked'], show);
  show();
  return holder;
}

/**
 * @param {Work} work
 * @param {number} no
 * @param {number} plan
 */
function acts(work, no, plan) {
  const { desk, draft, fabric, say } = work;
  const cells = new Map(draft.cells());
  const cell = cells.get(no);
  const held = draft.reserved().get(no);
  const name = nameOf(cells, no);
  const picked = desk.get('picked');
  const button = (/** @type {string} */ word, /** @type {() => void} */ act, drawing = '') =>
    element(
      'button',
      { type: 'button', class: 'button small', onclick: act },
      drawing && icon(drawing, 'small'),
      word,
    );
  const lock = () =>
    void draft.wish({ kind: 'edit', cells: [name], set: { locked: !cell?.locked } });
  const reserve = async (/** @type {number} */ hours) => {
    try {
      await send(`/api/plans/${plan}/reservations`, { cells: [no], hours });
      await draft.readReserved();
    } catch (error) {
      say(error instanceof Error && error.message ? error.message : t('没有预留上：网络断了。'));
    }
  };
  const pinned = picked.length > 0 && picked.every((unit) => draft.pins().has(unit));
  const pin = () =>
    void draft.wish({
      kind: 'pin',
      units: picked.map((unit) => fabric.uids[unit]),
      pinned: !pinned,
    });
  const move = () => {
    if (give(work, picked, no)) desk.set({ picked: [] });
    else say(t('选中的地块不能划入这个网格'));
  };
  const fresh = () => {
    const units = draft.free(picked, 0).map((unit) => fabric.uids[unit]);
    const made = draft.wish({ kind: 'split', units });
    const found = [...draft.cells()].find(([, one]) => one.made_by === made);
    desk.set({ picked: [], cell: found ? found[0] : no }, { history: 'push' });
    say(t('已分出新网格'), true);
  };
  return element(
    'div',
    { class: 'row offers' },
    picked.length > 0 &&
      draft.free(picked, no).length > 0 &&
      button(t('把选中的 %(n)s 块移入', { n: picked.length }), move),
    picked.length > 0 && draft.free(picked, 0).length > 0 && button(t('分成新网格'), fresh),
    picked.length > 0 && button(pinned ? t('取消固定') : t('固定选中的地块'), pin, 'pin'),
    button(cell?.locked ? t('解锁') : t('锁定'), lock, 'lock'),
    typeof name === 'number' &&
      !held &&
      button(t('预留 %(n)s 小时', { n: HOURS }), () => void reserve(HOURS), 'clock'),
    held &&
      element(
        'span',
        { class: 'small quiet' },
        t('%(who)s 预留到 %(time)s', { who: held.holder, time: when(held.until) }),
      ),
    held && draft.shut(no) !== 'reserved' && button(t('取消预留'), () => void reserve(0)),
    button(t('改名、类别、例外'), () => editCell(work, no), 'edit'),
  );
}

/**
 * Ask for name, kind and reason of a cell.
 *
 * @param {Work} work
 * @param {number} no
 */
export function editCell({ draft, say }, no) {
  const cells = new Map(draft.cells());
  const cell = cells.get(no);
  if (!cell) return;
  const name = element('input', { type: 'text', maxlength: 80, value: cell.name });
  const use = element('input', { type: 'text', maxlength: 20, value: cell.use });
  const reason = element('textarea', { maxlength: 400, rows: 3 }, cell.reason);
  const kind = element(
    'select',
    {},
    element('option', { value: 'basic', selected: cell.kind === 'basic' }, t('基础网格')),
    element('option', { value: 'special', selected: cell.kind === 'special' }, t('专属网格')),
  );
  const label = (/** @type {string} */ word, /** @type {HTMLElement} */ field) =>
    element('label', {}, element('span', {}, word), field);
  const form = element(
    'form',
    { class: 'stack', method: 'dialog' },
    label(t('名称'), name),
    label(t('类别'), kind),
    label(t('用途（专属网格）'), use),
    label(t('例外理由：为什么可以不在区间内'), reason),
    element(
      'div',
      { class: 'row' },
      element('button', { type: 'submit', class: 'button primary' }, t('记下')),
      element(
        'button',
        { type: 'button', class: 'button', onclick: () => dialog.close() },
        t('不改'),
      ),
    ),
  );
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'cell-title' },
    element('h1', { id: 'cell-title' }, t('网格 %(code)s', { code: codeOf(cell, no) })),
    form,
  );
  form.addEventListener('submit', () => {
    const wanted = { name: name.value, kind: kind.value, use: use.value, reason: reason.value };
    /** @type {Record<string, string>} */
    const set = {};
    for (const [key, value] of Object.entries(wanted)) {
      if (value !== cell[/** @type {keyof typeof wanted} */ (key)]) set[key] = value;
    }
    if (Object.keys(set).length) {
      draft.wish({ kind: 'edit', cells: [nameOf(cells, no)], set });
      say(t('已记下'), true);
    }
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

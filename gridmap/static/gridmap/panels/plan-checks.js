/** The fault list: what must be mended, what is remarked; each says what to do, goes to its place, and
 * offers a repair where one is known. */

/** @import { Fault } from '../plan-faults.js' */
/** @import { Work } from './plan-work.js' */

import { element, fill, icon, sign } from '../elements.js';
import { boxAround } from '../geo.js';
import { faultsOf, repairOf } from '../plan-faults.js';
import { middleOf } from '../plan-shapes.js';
import { nameOf } from '../plan-wishes.js';
import { codeOf } from '../plan-words.js';
import { number, t } from '../words.js';
import { editCell } from './plan-cell.js';

/**
 * @param {Work} work
 * @param {{edit: boolean, propose: (cells: number[]) => void}} options
 * @returns {HTMLElement}
 */
export function checks(work, options) {
  const { desk, draft, band, lanes } = work;
  const count = element('span', { class: 'small quiet' });
  const list = element('ul', { class: 'checks' });
  const holder = element(
    'section',
    { class: 'part', id: 'checks', 'aria-label': t('检查') },
    element('h2', {}, t('检查'), ' ', count),
    list,
  );
  const show = () => {
    const found = faultsOf(draft.partition, new Map(draft.cells()), band, lanes);
    const must = found.filter((fault) => fault.must).length;
    fill(count, t('必改 %(n)s · 提醒 %(m)s', { n: must, m: found.length - must }));
    if (found.length === 0) fill(list, element('li', { class: 'quiet' }, t('没有问题。')));
    else fill(list, ...found.map((fault) => row(work, fault, options)));
  };
  let due = 0;
  desk.on('edited', () => {
    // While the hand paints the list waits: it is long, and nobody reads it meanwhile.
    clearTimeout(due);
    due = window.setTimeout(show, 120);
  });
  show();
  return holder;
}

/**
 * @param {Work} work
 * @param {Fault} fault
 * @returns {[string, string]} what is wrong, and what to do
 */
function said({ draft, band }, fault) {
  const { figures, no } = fault;
  const code = codeOf(draft.cells().get(no), no);
  const [least, most] = band;
  const reason = draft.cells().get(no)?.reason ?? '';
  const excuse = reason ? t('例外理由：%(reason)s', { reason }) : '';
  const n = number(figures.households);
  switch (fault.code) {
    case 'unassigned':
      return [
        t('%(m)s 块没有划入网格（%(n)s 户）', { m: figures.units, n }),
        t('划入相邻网格，或新建一个网格'),
      ];
    case 'apart':
      return [
        t('%(code)s 断成 %(n)s 片', { code, n: figures.parts }),
        t('把小片划给相邻网格，或连起来'),
      ];
    case 'under':
      return [
        t('%(code)s 低于下限 %(n)s 户', { code, n: least - figures.households }),
        excuse || t('从相邻网格划入，或写明例外理由'),
      ];
    case 'over':
      return [
        t('%(code)s 超出上限 %(n)s 户', { code, n: figures.households - most }),
        excuse || t('划给相邻网格，或写明例外理由'),
      ];
    case 'tower':
      return [
        t('%(code)s 里有一栋就超出上限的楼', { code }),
        excuse || t('挪动地块解决不了：按单元拆分，或写明例外理由'),
      ];
    case 'slender':
      return [
        t('%(code)s 形状狭长（紧凑度 %(n)s）', { code, n: figures.pp.toFixed(2) }),
        t('不影响发布；可沿街巷收边'),
      ];
    case 'lane':
      return [
        t('%(name)s 分在 %(n)s 个网格', { name: fault.name ?? '', n: fault.cells?.length ?? 0 }),
        fault.headed
          ? t('巷长要面对几个网格；可整条划入一个')
          : t('这条巷没有巷长；仍可整条划入一个'),
      ];
    default:
      return [t('%(code)s 是空的', { code }), t('划入地块，或撤销新建')];
  }
}

/**
 * @param {Work} work
 * @param {Fault} fault
 * @param {{edit: boolean, propose: (cells: number[]) => void}} options
 */
function row(work, fault, { edit, propose }) {
  const { draft, desk, map, fabric } = work;
  const [what, todo] = said(work, fault);
  const button = (/** @type {string} */ word, /** @type {() => void} */ act, drawing = '') =>
    element(
      'button',
      { type: 'button', class: 'button small', onclick: act },
      drawing && icon(drawing, 'small'),
      word,
    );
  const go = () => {
    const bbox = boxAround(fault.units.map((unit) => middleOf(fabric, unit)));
    if (bbox) map.fly({ bbox: grown(bbox) });
    desk.set({ cell: fault.no || null, picked: fault.code === 'slender' ? [] : near(fault) });
  };
  const repair = edit ? repairOf(draft.partition, fault, (no) => draft.shut(no) === null) : [];
  const mend = () => {
    for (const { units, to } of repair) {
      const free = draft.free(units, to).map((unit) => fabric.uids[unit]);
      if (free.length)
        draft.wish({ kind: 'paint', units: free, to: nameOf(new Map(draft.cells()), to) });
    }
  };
  const unbalanced = fault.code === 'under' || fault.code === 'over';
  const around = () => [
    fault.no,
    ...[...draft.partition.neighbours(fault.no).keys()].filter((no) => no > 0 && no < 32_000),
  ];
  return element(
    'li',
    {},
    sign(fault.must ? 'late' : 'soon'),
    element(
      'div',
      { class: 'said' },
      element(
        'div',
        {},
        element('span', { class: 'hidden-aloud' }, fault.must ? t('必改') : t('提醒')),
        what,
      ),
      element('div', { class: 'small quiet' }, todo),
      edit &&
        element(
          'div',
          { class: 'row offers' },
          repair.length > 0 && button(t('划给相邻网格'), mend),
          unbalanced && fault.no < 32_000 && button(t('算一个最小调整'), () => propose(around())),
          (unbalanced || fault.code === 'tower') &&
            button(t('写例外理由'), () => editCell(work, fault.no)),
        ),
    ),
    fault.units.length > 0 && button(t('定位'), go, 'frame'),
  );
}

/** The units a fault is about, where they are not a whole cell. @param {Fault} fault */
function near({ code, units }) {
  return code === 'under' || code === 'over' ? [] : units;
}

/** @param {import('../geo.js').Box} box some ground around it @returns {import('../geo.js').Box} */
function grown([west, south, east, north]) {
  const more = 0.0004;
  return [west - more, south - more, east + more, north + more];
}

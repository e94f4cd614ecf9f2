/** The balance table: each cell with its bullet bar, what it has now and what it had in force. */

/** @import { CellFields } from '../plan-faults.js' */
/** @import { Work } from './plan-work.js' */

import { drawn, element, fill, icon } from '../elements.js';
import { codeOf } from '../plan-words.js';
import { number, t } from '../words.js';

/**
 * @param {Work} work
 * @param {{edit: boolean}} options
 * @returns {HTMLElement}
 */
export function balanceTable(work, { edit }) {
  const { desk, draft, band } = work;
  /** @type {Map<number, Row>} */
  const rows = new Map();
  const body = element('tbody', {});
  const total = element('b', { class: 'number' });
  const loose = element('span', { class: 'bad' });
  const renumber = element(
    'button',
    {
      type: 'button',
      class: 'button small',
      title: t('新网格从西到东、从北到南编号；旧码不再用'),
      onclick: () => void draft.wish({ kind: 'renumber' }),
    },
    t('给新网格编号'),
  );
  const table = element(
    'table',
    { class: 'balance', 'aria-label': t('平衡表') },
    element('thead', {}, head(band)),
    body,
  );
  const holder = element(
    'div',
    { class: 'balance-part' },
    element('div', { class: 'balance-scroll' }, table),
    element(
      'div',
      { class: 'row small quiet balance-key' },
      element('i', { class: 'band-key' }),
      t('目标区间'),
      ring(),
      t('现行户数'),
      element('span', { class: 'push' }),
      renumber,
      loose,
      element('span', {}, t('合计'), ' ', total, ' ', t('户，不变')),
    ),
  );
  /** Rows keep their order while one works; what has no code yet comes last. */
  const place = () => {
    const cells = draft.cells();
    for (const [no, row] of rows) {
      if (cells.has(no)) continue;
      row.element.remove();
      rows.delete(no);
    }
    const fresh = [...cells.keys()].filter((no) => !rows.has(no));
    for (const no of fresh) rows.set(no, rowOf(work, no));
    if (fresh.length) body.append(...inOrder(work).map((no) => rows.get(no)?.element ?? ''));
  };
  const show = () => {
    place();
    for (const row of rows.values()) row.show();
    const { partition } = draft;
    const all = [0, ...draft.cells().keys()].reduce(
      (sum, no) => sum + partition.householdsOf(no),
      0,
    );
    fill(total, number(all));
    const left = partition.householdsOf(0);
    renumber.hidden = !edit || [...draft.cells().values()].every(({ code }) => code !== '');
    fill(loose, left > 0 && t('未划 %(n)s 户', { n: number(left) }));
  };
  const light = () => {
    const [hot, cell] = [desk.get('hot'), desk.get('cell')];
    for (const [no, { element: row, button }] of rows) {
      row.classList.toggle('hot', no === hot);
      row.classList.toggle('chosen', no === cell);
      button.setAttribute('aria-pressed', String(no === cell));
    }
  };
  desk.on('edited', () => {
    show();
    light();
  });
  desk.on(['hot', 'cell'], light);
  show();
  light();
  return holder;
}

/** The cells as the table has them from above, for the keys 1 to 9. @param {Work} work */
export function inOrder({ draft }) {
  return [...draft.cells()]
    .sort(([a, one], [b, two]) => (order(one, a) < order(two, b) ? -1 : 1))
    .map(([no]) => no);
}

/**
 * @param {CellFields} cell
 * @param {number} no
 */
const order = ({ code }, no) => code || `~${String(no).padStart(6, '0')}`;

/** @param {[number, number]} band */
function head([least, most]) {
  const scale = element(
    'span',
    { class: 'bar-scale' },
    element('span', { class: 'word' }, t('户数')),
    ...[least, most].map((n) => {
      const mark = element('span', { class: 'number' }, n);
      mark.style.left = `${share(n, most)}%`;
      return mark;
    }),
  );
  return element(
    'tr',
    {},
    element('th', {}, t('网格')),
    element('th', {}, scale),
    element('th', { class: 'n' }, t('现在')),
    element('th', { class: 'n' }, t('较现行')),
    element('th', { class: 'n wide-only', title: t('波氏紧凑度，圆为 1') }, t('紧凑度')),
    element('th', { class: 'n', title: t('与外界的边界有多少走在街巷上') }, t('沿街巷')),
  );
}

/**
 * Where a number of households stands on the bar, percent; the bar ends half above the band.
 *
 * @param {number} n
 * @param {number} most
 */
function share(n, most) {
  return Math.min((100 * n) / (1.45 * most), 100);
}

function ring() {
  const circle = drawn('circle', { cx: 6, cy: 6, r: 3.6, class: 'ring' });
  return drawn('svg', { width: 12, height: 12, 'aria-hidden': 'true' }, circle);
}

/**
 * @typedef {{element: HTMLElement, button: HTMLElement, show: () => void}} Row
 */

/**
 * @param {Work} work
 * @param {number} no
 * @returns {Row}
 */
function rowOf({ desk, draft, shown, band, before }, no) {
  const [least, most] = band;
  const swatch = element('i', { class: 'swatch' });
  const code = element('b', { class: 'number' });
  const marks = element('span', { class: 'marks' });
  const button = element(
    'button',
    { type: 'button', onclick: () => desk.set({ cell: no }, { history: 'push' }) },
    swatch,
    code,
    marks,
  );
  const bar = drawn('rect', { y: 8, height: 4, width: 0, class: 'fill' });
  const tick = drawn('line', { y1: 3, y2: 17, class: 'tick' });
  const was = drawn('circle', { cy: 10, r: 3.4, class: 'ring' });
  const chart = drawn(
    'svg',
    { class: 'bullet', height: 20, 'aria-hidden': 'true' },
    drawn('rect', { y: 4, width: '100%', height: 12, rx: 2, class: 'ground' }),
    drawn('rect', {
      x: `${share(least, most)}%`,
      y: 4,
      width: `${share(most, most) - share(least, most)}%`,
      height: 12,
      class: 'band',
    }),
    bar,
    tick,
    was,
  );
  const now = element('td', { class: 'n strong' });
  const change = element('td', { class: 'n small' });
  const round = element('td', { class: 'n small wide-only' });
  const ways = element('td', { class: 'n small' });
  const row = element(
    'tr',
    {
      onmouseenter: () => desk.set({ hot: no }, { history: null }),
      onmouseleave: () => desk.set({ hot: null }, { history: null }),
    },
    element('td', {}, button),
    element('td', {}, chart),
    now,
    change,
    round,
    ways,
  );
  const show = () => {
    const cell = draft.cells().get(no);
    if (!cell) return;
    const figures = draft.partition.figures(no);
    const { households } = figures;
    const special = cell.kind === 'special';
    row.classList.toggle('special', special);
    const bad = !special && (households < least || households > most);
    row.classList.toggle('bad-row', bad);
    swatch.className = `swatch q${shown.fill(no)}`;
    fill(code, codeOf(cell, no));
    const shut = draft.shut(no);
    const held = draft.reserved().get(no);
    fill(
      marks,
      special && element('span', { class: 'small quiet' }, t('专属')),
      shut === 'locked' && element('span', { title: t('已锁定') }, icon('lock', 'small')),
      held &&
        element(
          'span',
          {
            title: t('%(who)s 已预留', { who: held.holder }),
            class: shut === 'reserved' ? 'bad' : 'quiet',
          },
          icon('clock', 'small'),
        ),
      figures.parts > 1 &&
        element('span', { class: 'bad small' }, t('%(n)s 片', { n: figures.parts })),
    );
    const at = `${share(households, most)}%`;
    bar.setAttribute('width', at);
    for (const end of ['x1', 'x2']) tick.setAttribute(end, at);
    const old = before.find(({ uid }) => uid === cell.uid);
    was.setAttribute('visibility', old ? 'visible' : 'hidden');
    if (old) was.setAttribute('cx', `${share(old.households, most)}%`);
    fill(now, number(households), bad && element('span', { class: 'hidden-aloud' }, t('超出区间')));
    const gain = old ? households - old.households : null;
    change.classList.toggle('moved', Boolean(gain));
    fill(
      change,
      gain === null ? t('新') : gain === 0 ? '—' : `${gain > 0 ? '+' : '−'}${Math.abs(gain)}`,
    );
    fill(round, figures.units ? figures.pp.toFixed(2) : '—');
    fill(ways, figures.onWays === null ? '—' : `${Math.round(100 * figures.onWays)}%`);
  };
  return { element: row, button, show };
}

/** The units themselves: what runs along their borders, which of these can be crossed; corrected here border
 * by border, or in QGIS as a whole. Corrections make a newer fabric; this draft stays on its own. */

/** @import { Hand, Work } from './plan-work.js' */

import { csrf, Failure, send } from '../api.js';
import { EDGES, FABRIC } from '../draw/plan.js';
import { element, fill, icon } from '../elements.js';
import { LEVELS } from '../fabric.js';
import { boxAround } from '../geo.js';
import { middleOf } from '../plan-shapes.js';
import { number, t, tn } from '../words.js';

/** @param {number} level */
function levelWord(level) {
  const words = {
    inner: t('块内'),
    barrier: t('墙或水'),
    lane: t('巷'),
    street: t('街路'),
    arterial: t('干道'),
  };
  return words[LEVELS[level]];
}

/**
 * @param {Work} work
 * @param {{fabric: number, community: number}} boot
 * @param {{edit: boolean}} options
 */
export function groundPart(work, boot, { edit }) {
  const { desk, fabric, map } = work;
  /** What was corrected and not yet sent. @type {Map<number, {level: number, crossable: boolean}>} */
  const changes = new Map();
  /** @type {number | null} */
  let chosen = null;
  const form = element('div', { class: 'border-form', role: 'status' });
  const list = element('ul', { class: 'blocks' });
  const keep = element('button', { type: 'button', class: 'button primary', disabled: true });
  const said = element('p', { class: 'small', role: 'status' });

  const now = (/** @type {number} */ edge) =>
    changes.get(edge) ?? {
      level: fabric.edge_level[edge],
      crossable: fabric.edge_crossable[edge] === 1,
    };
  const mark = (/** @type {number | null} */ edge, /** @type {boolean} */ on) => {
    if (edge !== null) map.setState('edges', edge, { held: on }, FABRIC);
  };
  const choose = (/** @type {number | null} */ edge) => {
    mark(chosen, false);
    chosen = edge;
    mark(edge, true);
    show();
  };
  const change = (/** @type {{level?: number, crossable?: boolean}} */ patch) => {
    if (chosen === null) return;
    changes.set(chosen, { ...now(chosen), ...patch });
    show();
  };
  const sides = (/** @type {number} */ edge) =>
    [fabric.edge_a[edge], fabric.edge_b[edge]]
      .map((unit) => work.names[unit] || t('空地'))
      .join(' ｜ ');
  const drawForm = () => {
    if (chosen === null) {
      fill(
        form,
        element('p', { class: 'quiet' }, t('在地图上点一条边界，或在“地块”里选两块相邻的。')),
      );
      return;
    }
    const { level, crossable } = now(chosen);
    const select = element(
      'select',
      { disabled: !edit },
      ...LEVELS.map((_, n) => element('option', { value: n, selected: n === level }, levelWord(n))),
    );
    select.addEventListener('input', () => change({ level: Number(select.value) }));
    const box = element('input', { type: 'checkbox', checked: crossable, disabled: !edit });
    box.addEventListener('change', () => change({ crossable: box.checked }));
    fill(
      form,
      element('b', {}, sides(chosen)),
      element(
        'div',
        { class: 'row' },
        element('label', {}, element('span', {}, t('沿着什么')), select),
        element('label', { class: 'radio' }, box, t('走得过去（有门、有路）')),
      ),
      element(
        'p',
        { class: 'small quiet' },
        t('%(n)s 米长', { n: number(Math.round(fabric.edge_length[chosen])) }),
      ),
    );
  };
  const drawList = () => {
    fill(
      list,
      ...[...changes].map(([edge, { level, crossable }]) =>
        element(
          'li',
          {},
          element(
            'button',
            { type: 'button', class: 'link', onclick: () => go(edge) },
            `${sides(edge)} · ${levelWord(level)} · ${crossable ? t('走得过去') : t('走不过去')}`,
          ),
          element(
            'button',
            {
              type: 'button',
              class: 'button bare',
              'aria-label': t('不改这一条'),
              onclick: () => {
                changes.delete(edge);
                show();
              },
            },
            icon('close', 'small'),
          ),
        ),
      ),
    );
    keep.disabled = changes.size === 0;
    keep.hidden = !edit;
    fill(keep, tn('存 %(n)s 条更正', changes.size));
  };
  const show = () => {
    drawForm();
    drawList();
  };
  const go = (/** @type {number} */ edge) => {
    const ends = [fabric.edge_a[edge], fabric.edge_b[edge]].map((unit) => middleOf(fabric, unit));
    const bbox = boxAround(ends);
    if (bbox) map.fly({ bbox });
    choose(edge);
  };
  const failed = (/** @type {unknown} */ error) => {
    const known = error instanceof Failure && error.message;
    fill(said, element('span', { class: 'bad' }, known || t('没有存上：网络断了。更正还在这里。')));
  };
  const stored = (/** @type {{version: number}} */ made) => {
    changes.clear();
    show();
    fill(
      said,
      t('已存为底图第 %(n)s 版。新开的草案用它，这份草案还用原来的。', { n: made.version }),
    );
  };
  keep.addEventListener('click', async () => {
    const borders = [...changes].map(([edge, { level, crossable }]) => ({
      a: fabric.uids[fabric.edge_a[edge]],
      b: fabric.uids[fabric.edge_b[edge]],
      level,
      crossable,
    }));
    await send(`/api/fabrics/${boot.fabric}/borders`, { borders }).then(stored, failed);
  });
  const holder = element(
    'div',
    { class: 'part block-part' },
    ...counts(work),
    form,
    list,
    element('div', { class: 'row offers' }, keep),
    said,
    element('h2', {}, t('在 QGIS 里改')),
    element(
      'p',
      { class: 'small quiet' },
      t('导出、改、再导入。导入时照样检查：铺满社区，不重叠，不切楼。'),
    ),
    element(
      'div',
      { class: 'row offers' },
      element(
        'a',
        { class: 'button', href: `/api/fabrics/${boot.fabric}/export` },
        t('导出 GeoPackage'),
      ),
      edit && upload(boot.community, stored, failed),
    ),
  );
  desk.on('picked', ({ picked }) => {
    if (desk.get('tab') === 'ground' && picked.length === 2) choose(between(work, picked));
  });
  desk.on('tab', ({ tab }) => {
    if (tab === 'ground') {
      const picked = desk.get('picked');
      choose(picked.length === 2 ? between(work, picked) : chosen);
    } else mark(chosen, false);
  });
  show();
  return { holder, hand: borderHand(work, choose) };
}

/**
 * The border of two units; null where they have none.
 *
 * @param {Work} work
 * @param {number[]} units
 */
function between({ fabric }, [one, two]) {
  for (let p = fabric.start[one]; p < fabric.start[one + 1]; p += 1) {
    if (fabric.neighbour[p] === two) return fabric.edge[p];
  }
  return null;
}

/** How many units there are, and borders of each kind. @param {Work} work */
function counts({ fabric, blocks }) {
  const of = LEVELS.map((_, level) => fabric.edge_level.filter((one) => one === level).length);
  const shut = fabric.edge_crossable.filter((open) => open === 0).length;
  return [
    element(
      'p',
      {},
      t('%(n)s 块，%(m)s 个街区', { n: number(fabric.size), m: number(blocks.size) }),
    ),
    element(
      'ul',
      { class: 'ground-key' },
      ...LEVELS.map((name, level) =>
        element(
          'li',
          {},
          element('i', { class: `line ${name}` }),
          levelWord(level),
          element('span', { class: 'number push' }, number(of[level])),
        ),
      ),
      element(
        'li',
        {},
        element('i', { class: 'line' }),
        t('走不过去的'),
        element('span', { class: 'number push' }, number(shut)),
      ),
    ),
  ];
}

/**
 * A click near a border takes it.
 *
 * @param {Work} work
 * @param {(edge: number | null) => void} choose
 * @returns {Hand}
 */
function borderHand({ map, note }, choose) {
  return {
    holds: false,
    hover: () => note.hide(),
    click({ pixel }) {
      const [hit] = map.hits(pixel, [EDGES], 3);
      choose(hit?.id ?? null);
    },
  };
}

/**
 * @param {number} community
 * @param {(made: {version: number}) => void} stored
 * @param {(error: unknown) => void} failed
 */
function upload(community, stored, failed) {
  const field = element('input', { type: 'file', accept: '.gpkg', hidden: true });
  const button = element(
    'button',
    { type: 'button', class: 'button', onclick: () => field.click() },
    t('导入 GeoPackage'),
  );
  field.addEventListener('change', async () => {
    const [file] = field.files ?? [];
    if (!file) return;
    const body = new FormData();
    body.set('community', String(community));
    body.set('file', file);
    button.disabled = true;
    try {
      const headers = { 'X-CSRFToken': csrf(), Accept: 'application/json' };
      const answer = await fetch('/api/fabrics/import', { method: 'POST', headers, body });
      const told = await answer.json();
      if (answer.ok) stored(told);
      else failed(new Failure(String(told.code), String(told.message ?? ''), answer.status, told));
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
      field.value = '';
    }
  });
  return element('span', {}, button, field);
}

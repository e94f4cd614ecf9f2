/** The panel when no cell is selected: the area's sums and what is most urgent in it. */

/** @import { Cell, Store } from '../store.js' */
/** @import { BootCity } from '../boot.js' */

import { read } from '../api.js';
import { areaPath, leadsTo, may } from '../boot.js';
import { byLight, inTime, total } from '../classes.js';
import { inScope, openWithin } from '../counts.js';
import { element, fill } from '../elements.js';
import { filtered } from '../load.js';
import { spell } from '../names.js';
import { asOf, number, percent, t, tn } from '../words.js';
import { figures } from './card.js';
import { completeness } from './chiefs.js';
import { categoryFilter } from './filters.js';
import { historyLink } from './history-link.js';
import { fromFeature } from './incidents.js';
import { freshnessBar, head, incidentItem, lightChips, notKept, section } from './rows.js';
import { sentence, show } from './states.js';

const SHOWN = 20;

/** @param {Store} store */
function scoped(store) {
  const filters = { community: store.get('community'), subdistrict: store.get('subdistrict') };
  return [...store.get('cells').values()].filter((cell) => inScope(cell, filters));
}

/** @param {Cell[]} cells */
function sums(cells) {
  return total(cells.flatMap(({ values }) => (values ? [values] : [])));
}

/**
 * Who of the area has a chief. The cells' own figures do not add up to it: a street is counted in
 * every cell it crosses.
 *
 * @param {Store} store
 * @param {{holder: HTMLElement, vacant: HTMLElement}} places
 */
function chiefsOf(store, { holder, vacant }) {
  if (store.get('unknown').includes('chiefs')) {
    vacant.textContent = '—';
    fill(holder, notKept(t('完整度')));
    return;
  }
  const { subdistrict, community, city } = store.all();
  const area = {
    city: city?.slug,
    subdistrict: community === null ? subdistrict : null,
    community,
    as_of: asOf(),
  };
  const key = JSON.stringify(area);
  const draw = (/** @type {import('./chiefs.js').Counts} */ counts) => {
    const here = new URLSearchParams({ city: city?.slug ?? '' });
    if (community !== null) here.set('community', String(community));
    fill(holder, completeness(counts, leadsTo('chiefs') ? `/chiefs?${here}` : ''));
    const { streets, lanes, buildings } = counts;
    vacant.textContent = number(streets.vacant + lanes.vacant + buildings.vacant);
  };
  const load = async (/** @type {AbortSignal} */ signal) => {
    const counts = await read('/api/standing/summary', area, signal);
    known.set(store, { key, counts });
    return counts;
  };
  const before = known.get(store);
  if (before?.key === key) draw(before.counts);
  // What is known stands until the newer figures are there, so that nothing jumps.
  show(before?.key === key ? element('div') : holder, load, draw);
}

/** @type {WeakMap<Store, {key: string, counts: import('./chiefs.js').Counts}>} */
const known = new WeakMap();

/** @param {string} text */
const nothing = (text) => element('p', { class: 'small quiet' }, text);

/** @param {import('../store.js').Values} values */
function coverage(values) {
  const classes = [0, 1, 2, 3, 4, 5, 6].map((c) => values[`l${c}`] ?? 0);
  const { seen, all } = inTime(values);
  if (all === 0) return section(t('巡查覆盖'), '', null, nothing(t('这里没有您看得到的巷段。')));
  return section(
    t('巡查覆盖'),
    tn('%(n)s 段', all),
    null,
    freshnessBar(classes),
    element(
      'div',
      { class: 'spread' },
      element('span', {}, t('按要求巡到 %(share)s 巷段', { share: percent(seen, all) })),
      element('span', {}, classes[5] > 0 ? tn('%(n)s 段超过间隔', classes[5]) : t('都在间隔内')),
    ),
  );
}

/**
 * The query of the incidents the filters leave, most urgent first.
 *
 * @param {Store} store
 */
export function incidentQuery(store) {
  return {
    city: store.get('city')?.slug,
    subdistrict: store.get('community') === null ? store.get('subdistrict') : null,
    community: store.get('community'),
    category: store.get('category'),
    since: store.get('since'),
    until: store.get('until'),
    light: store.get('light'),
    as_of: asOf(),
  };
}

/**
 * The area chosen, as the published figures name it.
 *
 * @param {Store} store
 */
function placeOf(store) {
  const { community, subdistrict } = store.all();
  if (community !== null) return `community ${community}`;
  return subdistrict === null ? 'city' : `subdistrict ${subdistrict}`;
}

/**
 * What those are told who see sums only, instead of a list.
 *
 * @param {Store} store
 * @param {number} open NaN: not shown
 */
function published(store, open) {
  const day = store.get('published')?.week ?? '';
  const part = store.get('asof') !== null || filtered(store);
  const why = part
    ? t('合计每周公布一次，不分类别、日期，也不回看过去。')
    : t('数太小，不显示：免得认出是谁的事。');
  return element(
    'div',
    {},
    element('p', { class: 'small quiet' }, t('您的岗位看合计，不看单个事件。')),
    element('p', { class: 'small quiet' }, t('合计截至 %(day)s（周一）零点。', { day })),
    Number.isNaN(open) && element('p', { class: 'small quiet' }, why),
  );
}

/**
 * @param {Store} store
 * @param {HTMLElement} holder
 */
function urgent(store, holder) {
  const query = { ...incidentQuery(store), open: true, order: 'urgency', page_size: SHOWN };
  show(
    holder,
    async (signal) => spell(await read('/api/incidents', query, signal)),
    (answer) => {
      const rows = answer.features.map(fromFeature);
      const list = rows.map((/** @type {any} */ row) => incidentItem(store, row));
      fill(
        holder,
        rows.length > 0
          ? element('ul', { class: 'items' }, ...list)
          : element('p', { class: 'small quiet' }, t('这里没有未结的事件。')),
      );
    },
  );
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {BootCity | undefined} city
 */
export function drawArea(root, store, city) {
  const cells = scoped(store);
  const path = areaPath(city, {
    subdistrict: store.get('subdistrict'),
    community: store.get('community'),
  });
  const top = (/** @type {import('../elements.js').Child[]} */ ...under) =>
    head([path.slice(0, -1).join(' › ') || t('全部范围')], path.at(-1) ?? '', null, ...under);
  if (cells.length === 0) {
    const empty = sentence(t('这里还没有网格'), t('换一个范围看看，或请管理员导入网格。'));
    fill(root, top(), element('div', { class: 'body' }, empty));
    return;
  }
  const values = sums(cells);
  const open = openWithin(store.get('published'), placeOf(store), cells);
  const sumsOnly = store.get('published') !== null && store.get('incidents').size === 0;
  const { seen, all } = inTime(values);
  const blind = !may('incidents') && !sumsOnly;
  const unknown = blind ? [...store.get('unknown'), 'incidents'] : store.get('unknown');
  const known = (/** @type {string} */ what, /** @type {string} */ figure) =>
    unknown.includes(what) ? '—' : figure;
  const list = element('div', { class: 'list' });
  const incidents = section(
    may('incidents') ? t('最急的事件') : t('事件'),
    unknown.includes('incidents') ? '—' : tn('%(n)s 件未结', open),
    null,
    ...(sumsOnly
      ? [published(store, open)]
      : blind
        ? [nothing(t('您的岗位不看单个事件。'))]
        : [lightChips(store, values), list]),
  );
  const posts = { holder: element('div'), vacant: element('span', {}, '–') };
  const covered = unknown.includes('coverage') ? notKept(t('巡查覆盖')) : coverage(values);
  const rest = [covered, posts.holder];
  const community = store.get('community');
  const order = {
    incidents: [incidents, ...rest],
    coverage: [rest[0], incidents, rest[1]],
    chiefs: [rest[1], incidents, rest[0]],
    party: [incidents, ...rest],
  };
  fill(
    root,
    top(
      figures([
        [number(cells.length), t('格')],
        [known('incidents', number(open)), t('件未结')],
        [known('incidents', number(byLight(values).late)), t('件超期')],
        store.get('overlay') === 'chiefs'
          ? [posts.vacant, t('处空缺')]
          : [known('coverage', percent(seen, all)), t('按要求巡到')],
      ]),
      categoryFilter(store, city),
    ),
    element(
      'div',
      { class: 'body' },
      ...order[store.get('overlay')],
      community && historyLink('community', community),
    ),
  );
  if (!sumsOnly && !blind) urgent(store, list);
  chiefsOf(store, posts);
}

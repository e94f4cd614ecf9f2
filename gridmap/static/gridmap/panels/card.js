/** The card of a cell: what is open, who answers, how fresh the coverage is, in a fixed order. */

/** @import { Overlay, Store } from '../store.js' */

import { element, fill, icon } from '../elements.js';
import { area, day, grouped, language, number, percent, t, tn } from '../words.js';
import { chiefsInFull, chiefsInShort } from './chiefs.js';
import { coverageInFull, coverageInShort } from './coverage.js';
import { historyLink } from './history-link.js';
import { folding, head, incidentItem, lightChips, notKept, section } from './rows.js';

/**
 * @typedef {{id: number, code: string, name: string}} Place
 * @typedef {{id: number, number: string, title: string, address: string, light: string,
 *   due: string | null, category: {name: string, name_en: string},
 *   department: {name: string, name_en: string} | null, lng: number, lat: number}} Urgent
 * @typedef {{open: number | null, ok: number | null, soon: number | null, late: number | null,
 *   parked: number | null, total: number | null, top: Urgent[], week?: string | null}} Incidents
 * @typedef {{person?: number, name: string, standing: string, until: string | null}} Holder
 * @typedef {{id: number, name: string, standing: string, holders: Holder[],
 *   vacant_since: string | null}} Post
 * @typedef {{filled: number, substitute: number, expiring: number, vacant: number, total: number,
 *   objects: Post[]}} Rung
 * @typedef {{office: string, name: string, standing: string, until: string | null}} Office
 * @typedef {{streets: Rung, lanes: Rung, buildings: Rung, cell: Office[]}} Chiefs
 * @typedef {{id: number, name: string, start: string, end: string, side: string,
 *   interval_days: number, days: number | null, class: number, lng: number, lat: number}} Stretch
 * @typedef {{id: number, name: string, kind: string, members: number, last_visit: string | null}} Team
 * @typedef {{stretch_classes: number[], entrance_classes: number[], on_time: number, total: number,
 *   worst: Stretch[], stretches?: Stretch[], sources: Record<string, number>, teams: Team[],
 *   week: {day: string, stretches: number, visits: number}[]}} Coverage
 * @typedef {{total: number, first: {id: number, name: string, kind: string, superior: string}[]}} Units
 * @typedef {{id: number, code: string, name: string, kind: string, outside: boolean,
 *   community: Place, subdistrict: Place, area_m2: number, lng: number, lat: number,
 *   buildings: number, households: number | null, residents: number | null, counted: number,
 *   counted_on: string | null, sources: string[] | null, lanes: number, streets: number,
 *   incidents: Incidents, chiefs: Chiefs, coverage: Coverage, party_units: Units,
 *   unknown?: string[], sums_only?: boolean,
 *   signs: {hung: number, stale: number} | null,
 *   history: {code: string, name: string, since: string, until: string | null}[]}} Card
 */

/** @param {{name: string, name_en?: string} | null} thing */
export function named(thing) {
  if (!thing) return '';
  return (language() === 'en' && thing.name_en) || thing.name;
}

/**
 * @param {Store} store
 * @param {string} code
 */
function codeWithCopy(store, code) {
  const copy = () =>
    navigator.clipboard?.writeText(code).then(
      () => store.act('toast', { text: t('编码已复制：%(code)s', { code }) }),
      () => store.act('toast', { text: t('浏览器不让复制，请手抄：%(code)s', { code }) }),
    );
  return element(
    'button',
    { class: 'button bare code push', type: 'button', onclick: copy, title: t('复制编码') },
    element(
      'span',
      {},
      grouped(code.slice(0, -3)),
      element('b', { class: 'strong' }, code.slice(-3)),
    ),
    icon('copy', 'small'),
  );
}

/**
 * @param {[string | Node, string, string?][]} pairs figure, word, why it is not known
 */
export function figures(pairs) {
  return element(
    'dl',
    { class: 'figures' },
    ...pairs.map(([value, word, why]) =>
      element('div', { title: why }, element('dt', {}, word), element('dd', {}, value)),
    ),
  );
}

/** @param {Card} card */
function kindName(card) {
  return card.kind === 'special' ? t('专属网格') : t('基础网格');
}

/**
 * @param {Store} store
 * @param {Card} card
 */
function cardHead(store, card) {
  const overlay = store.get('overlay');
  const titles = {
    coverage: t('%(name)s · 覆盖', { name: card.name }),
    chiefs: t('%(name)s · 三长', { name: card.name }),
  };
  const title = titles[/** @type {'coverage' | 'chiefs'} */ (overlay)] ?? card.name;
  const uncounted = t('还没有人口统计');
  const untold = t('人数只公布到社区；人数太少，不显示。');
  const unknown = card.sums_only ? untold : uncounted;
  const people = card.counted < card.buildings ? t('人口（推算）') : t('人口');
  return head(
    [`${card.community.name} · ${kindName(card)}`, codeWithCopy(store, card.code)],
    title,
    () => store.set({ cell: null, building: null, incident: null }, { history: 'push' }),
    card.outside
      ? element(
          'p',
          { class: 'hint' },
          t('这里归%(name)s。您可以看公开信息，或向值班长申请。', { name: card.community.name }),
        )
      : figures([
          [number(card.households), t('户'), card.households === null ? uncounted : ''],
          [number(card.residents), people, card.residents === null ? unknown : ''],
          [number(card.buildings), t('栋')],
          [number(card.lanes), t('条巷')],
        ]),
  );
}

/**
 * What is told to those who see sums only.
 *
 * @param {Incidents} incidents
 */
function publishedSection({ open, week }) {
  const words = week
    ? t('合计截至 %(day)s（周一）零点。', { day: week })
    : t('合计每周公布一次，不分类别、日期，也不回看过去。');
  const hidden = open === null && week ? t('数太小，不显示：免得认出是谁的事。') : '';
  return section(
    t('事件'),
    tn('%(n)s 件未结', open ?? Number.NaN),
    null,
    element('p', { class: 'small quiet' }, t('您的岗位看合计，不看单个事件。')),
    element('p', { class: 'small quiet' }, words),
    hidden && element('p', { class: 'small quiet' }, hidden),
  );
}

/**
 * The lights as numbers; what is not known of the past is NaN.
 *
 * @param {Incidents} incidents
 */
function numbers({ open, soon, late, parked }) {
  const of = (/** @type {number | null} */ n) => n ?? Number.NaN;
  return { open: of(open), soon: of(soon), late: of(late), parked: parked ?? 0 };
}

/**
 * @param {Store} store
 * @param {Card} card
 */
function incidentSection(store, { incidents, sums_only: sumsOnly }) {
  if (sumsOnly) return publishedSection(incidents);
  const lights = numbers(incidents);
  const { open } = lights;
  const more = {
    label: t('全部 %(n)s 件', { n: number(incidents.total) }),
    act: () => openList(store, 'incidents'),
  };
  const shown = incidents.top.map((row) =>
    incidentItem(store, {
      ...row,
      department: named(row.department),
      category: named(row.category),
    }),
  );
  return section(
    t('事件'),
    tn('%(n)s 件未结', open),
    (incidents.total ?? 0) > 0 ? more : null,
    lightChips(store, lights),
    open > 0
      ? element('ul', { class: 'items' }, ...shown)
      : element('p', { class: 'small quiet' }, t('这里没有未结的事件。')),
  );
}

/** @param {string} kind */
export function unitKind(kind) {
  const names = {
    organ: t('机关'),
    enterprise: t('企业'),
    chamber: t('商会'),
    tower: t('楼宇'),
    school: t('学校'),
    hospital: t('医院'),
    society: t('社会组织'),
  };
  return names[/** @type {keyof typeof names} */ (kind)] ?? kind;
}

/** @param {{name: string, kind: string, superior: string}} unit */
export function unitItem({ name, kind, superior }) {
  const text = element(
    'span',
    { class: 'text' },
    element('span', { class: 'title' }, name),
    element('span', { class: 'under' }, [unitKind(kind), superior].filter(Boolean).join(' · ')),
  );
  return element('li', {}, element('div', { class: 'item' }, icon('star', 'small'), text));
}

/**
 * @param {Store} store
 * @param {Card} card
 */
function partySection(store, { party_units: units }) {
  return section(
    t('党组织'),
    tn('%(n)s 家', units.total),
    units.total > units.first.length
      ? { label: t('全部'), act: () => openList(store, 'party') }
      : null,
    units.total > 0
      ? element('ul', { class: 'items' }, ...units.first.map(unitItem))
      : element('p', { class: 'small quiet' }, t('这个网格里没有党组织单位。')),
  );
}

/**
 * @param {Store} store
 * @param {number} id of the cell
 * @param {{hung: number, stale: number}} signs
 */
function signsSection(store, id, { hung, stale }) {
  const city = store.get('city')?.slug ?? '';
  return section(t('公示牌'), stale > 0 ? tn('%(n)s 张待换', stale) : tn('%(n)s 张在挂', hung), {
    label: t('打开'),
    act: () => location.assign(`/signs?city=${city}&cell=${id}`),
  });
}

/** @param {Card} card */
function moreSection(card) {
  const lines = [
    t('面积 %(area)s', { area: area(card.area_m2) }),
    card.counted_on &&
      t('人口截至 %(day)s，来源：%(source)s', {
        day: card.counted_on,
        source: (card.sources ?? []).join(t('、')),
      }),
    card.counted < card.buildings &&
      t('%(n)s 栋里 %(counted)s 栋有统计', {
        n: number(card.buildings),
        counted: number(card.counted),
      }),
  ].filter(Boolean);
  const editions = card.history.map(({ code, name, since, until }) =>
    element(
      'li',
      { class: 'number' },
      `${name} ${grouped(code)} · ${day(since)} – ${until ? day(until) : t('现行')}`,
    ),
  );
  return section(
    t('更多'),
    t('沿革、面积、来源'),
    null,
    ...lines.map((line) => element('p', { class: 'small quiet number' }, line)),
    element('ul', { class: 'small quiet' }, ...editions),
    historyLink('cell', card.id),
  );
}

/**
 * Open the full list behind a number of the selected cell.
 *
 * @param {Store} store
 * @param {Overlay} overlay
 */
export function openList(store, overlay) {
  store.set({ overlay, panel: 'list' }, { history: 'push' });
}

/**
 * The sections, the overlay's own first; the others keep their order.
 *
 * @param {Store} store
 * @param {Card} card
 */
function sections(store, card) {
  if (card.outside) return [moreOutside(card)];
  const list = (/** @type {Overlay} */ overlay) => () => openList(store, overlay);
  const overlay = store.get('overlay');
  const incidents = card.incidents ? incidentSection(store, card) : notKept(t('事件'));
  const party = card.party_units ? partySection(store, card) : notKept(t('党组织'));
  const chiefs = card.chiefs ? chiefsInShort(card.chiefs, list('chiefs')) : notKept(t('三长'));
  const coverage = card.coverage
    ? coverageInShort(card.coverage, list('coverage'))
    : notKept(t('巡查覆盖'));
  const signs = card.signs ? signsSection(store, card.id, card.signs) : notKept(t('公示牌'));
  const rest = () => [folding(party), signs, folding(moreSection(card))];
  if (overlay === 'coverage' && card.coverage) {
    return [
      ...coverageInFull(store, card, list('coverage')),
      incidents,
      folding(chiefs),
      ...rest(),
    ];
  }
  if (overlay === 'chiefs' && card.chiefs) {
    return [...chiefsInFull(card.chiefs, list('chiefs')), incidents, folding(coverage), ...rest()];
  }
  if (overlay === 'party')
    return [
      party,
      incidents,
      folding(chiefs),
      folding(coverage),
      signs,
      folding(moreSection(card)),
    ];
  return [incidents, chiefs, folding(coverage), ...rest()];
}

/** @param {Card} card */
function moreOutside(card) {
  const line = t('面积 %(area)s', { area: area(card.area_m2) });
  return section(t('更多'), null, null, element('p', { class: 'small quiet number' }, line));
}

/**
 * Draw the card.
 *
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Card} card
 */
export function drawCard(root, store, card) {
  const body = element('div', { class: 'body' }, ...sections(store, card));
  fill(root, cardHead(store, card), body);
  return body;
}

/**
 * One sentence for those who hear the page.
 *
 * @param {Card} card
 */
export function cardAloud(card) {
  if (card.outside) return t('%(name)s，不在您的范围', { name: card.name });
  const { open, late } = card.incidents ?? { open: '—', late: '—' };
  const seen = card.coverage ? percent(card.coverage.on_time, card.coverage.total) : '—';
  return t('%(name)s：%(open)s 件未结，%(late)s 件超期，覆盖 %(seen)s', {
    name: card.name,
    open: open ?? '—',
    late: late ?? '—',
    seen,
  });
}

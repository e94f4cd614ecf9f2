/** Rows that several panels show alike: incidents, chips of lights, bars of classes. */

/** @import { Store } from '../store.js' */

import { byLight, FRESHNESS } from '../classes.js';
import { element, icon, sign } from '../elements.js';
import { distance, number, t, when } from '../words.js';

/**
 * @typedef {{id: number, title: string, light: string | null, due: string | null,
 *   address?: string, department?: string | null, category?: string, lng?: number, lat?: number,
 *   cell?: number | null}} IncidentRow
 */

/** @param {string} light */
export function lightName(light) {
  const names = { late: t('超期'), soon: t('临期'), ok: t('正常'), parked: t('挂账') };
  return names[/** @type {keyof typeof names} */ (light)] ?? '';
}

/** @param {IncidentRow} row */
function timing({ light, due }) {
  if (!light) return t('已结束');
  if (light === 'parked') return t('挂账，暂停计时');
  if (!due) return t('没有时限');
  if (light === 'late') return distance(due);
  return t('%(time)s 到期', { time: when(due) });
}

/**
 * The title with the address behind it, unless it names the place already.
 *
 * @param {IncidentRow} row
 */
function titled({ title, address }) {
  return address && !title.includes(address) ? `${title} · ${address}` : title;
}

/**
 * One incident: sign, title, department, time left. The whole row opens it.
 *
 * @param {Store} store
 * @param {IncidentRow} row
 */
export function incidentItem(store, row) {
  const open = () => {
    store.set(
      { incident: row.id, cell: row.cell ?? store.get('cell'), panel: 'card' },
      { history: 'push' },
    );
    if (row.lng !== undefined) store.act('fly', { lng: row.lng, lat: row.lat, zoom: 17.5 });
  };
  const under = [row.department || row.category, timing(row)].filter(Boolean).join(' · ');
  const light = row.light ?? 'ended';
  return element(
    'li',
    {},
    element(
      'button',
      { class: 'item', type: 'button', onclick: open },
      sign(light),
      element(
        'span',
        { class: 'text' },
        element('span', { class: 'title' }, titled(row)),
        element('span', { class: 'under' }, under),
        element('span', { class: 'hidden-aloud' }, lightName(light)),
      ),
      icon('right', 'small'),
    ),
  );
}

/**
 * Chips with the number of open incidents of each light; a chip is the filter of the whole page.
 *
 * @param {Store} store
 * @param {import('../store.js').Values} values
 */
export function lightChips(store, values) {
  const tones = { late: 'bad', soon: 'warn', ok: '', parked: '' };
  const chips = Object.entries(byLight(values)).map(([light, n]) => {
    const key = /** @type {import('../store.js').Light} */ (light);
    const on = store.get('light') === key;
    const flip = () => store.set({ light: on ? null : key }, { history: 'push' });
    const tone = n > 0 ? tones[key] : '';
    const known = !store.get('unknown').includes(key);
    return element(
      'button',
      { class: `badge number ${tone}`, type: 'button', 'aria-pressed': String(on), onclick: flip },
      `${lightName(light)} ${known ? number(n) : '—'}`,
    );
  });
  return element('div', { class: 'chips' }, ...chips);
}

/**
 * A bar of classes, each as wide as its share.
 *
 * @param {{n: number, look: string, word: string}[]} classes
 * @param {string} [size] `tall`
 */
export function shares(classes, size = '') {
  const some = classes.filter(({ n }) => n > 0);
  const label = some.map(({ n, word }) => `${word} ${number(n)}`).join(t('，'));
  const parts = some.map(({ n, look }) => {
    const part = element('i', { class: look });
    part.style.flexGrow = String(n);
    return part;
  });
  return element('div', { class: `bar ${size}`, role: 'img', 'aria-label': label }, ...parts);
}

/** Words of the freshness classes 0..6. */
export function freshnessNames() {
  return [
    t('今天走过'),
    t('1–2 天前'),
    t('3–4 天前'),
    t('更早，仍在间隔内'),
    t('今天到期'),
    t('超过间隔'),
    t('没有记录'),
  ];
}

/**
 * @param {number[]} counts by class
 * @param {string} [size]
 */
export function freshnessBar(counts, size) {
  const names = freshnessNames();
  const classes = FRESHNESS.map((c) => ({ n: counts[c] ?? 0, look: `fresh-${c}`, word: names[c] }));
  return shares(classes, size);
}

/** @param {string} standing */
export function standingName(standing) {
  const names = {
    filled: t('在岗'),
    acting: t('在岗'),
    substitute: t('代理'),
    expiring: t('快到期'),
    vacant: t('空缺'),
  };
  return names[/** @type {keyof typeof names} */ (standing)] ?? standing;
}

/** @param {string} rung */
export function rungName(rung) {
  const names = {
    street: t('街长'),
    lane: t('巷长'),
    building: t('楼长'),
    cell: t('网格员'),
    cell_head: t('网格长'),
    cell_worker: t('网格员'),
    community: t('社区'),
    subdistrict: t('街道'),
  };
  return names[/** @type {keyof typeof names} */ (rung)] ?? rung;
}

/** @param {string} standing */
export function standingTone(standing) {
  const tones = { filled: 'ok', acting: 'ok', substitute: 'warn', expiring: 'warn', vacant: 'bad' };
  return tones[/** @type {keyof typeof tones} */ (standing)] ?? '';
}

/**
 * @param {string} title
 * @param {string | null} figure
 * @param {{label: string, act: () => void} | null} more
 * @param {...import('../elements.js').Child} children
 */
export function section(title, figure, more, ...children) {
  return element(
    'section',
    { class: 'section' },
    element(
      'h2',
      {},
      title,
      figure && element('span', { class: 'quiet number' }, figure),
      more && element('button', { class: 'link', type: 'button', onclick: more.act }, more.label),
    ),
    ...children,
  );
}

/**
 * A section of which nothing is known for the moment shown.
 *
 * @param {string} title
 */
export function notKept(title) {
  return section(
    title,
    '—',
    null,
    element(
      'p',
      { class: 'small quiet' },
      t('那时还没有记录，或那时的网格与现在的界线不同，算不出。'),
    ),
  );
}

/**
 * On a low screen the section is one line with its number, until it is opened.
 *
 * @param {HTMLElement} made a section
 */
export function folding(made) {
  if (!matchMedia('(max-height: 820px) and (min-width: 1024px)').matches) return made;
  const [heading, ...rest] = made.children;
  const line = element('summary', {}, heading);
  return element('details', { class: 'section' }, line, ...rest);
}

/**
 * The head of a panel: a small line, the title, a button that closes it.
 *
 * @param {import('../elements.js').Child[]} line
 * @param {string} title
 * @param {(() => void) | null} close
 * @param {...import('../elements.js').Child} children
 */
export function head(line, title, close, ...children) {
  const button = element(
    'button',
    { class: 'button bare', type: 'button', 'aria-label': t('关闭') },
    icon('close'),
  );
  if (close) button.addEventListener('click', close);
  return element(
    'header',
    { class: 'head' },
    element('div', { class: 'row small quiet' }, ...line),
    element('h1', { tabindex: -1 }, element('span', {}, title), close && button),
    ...children,
  );
}

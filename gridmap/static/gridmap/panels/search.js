/** The search box: one field for everything, grouped answers, the keyboard alone is enough. */

/** @import { Store } from '../store.js' */
/** @import { IconName } from '../elements.js' */

import { Failure, read } from '../api.js';
import { element, fill, icon } from '../elements.js';
import { spell } from '../names.js';
import { number, t } from '../words.js';

const PAUSE = 120; // milliseconds after the last key

/**
 * @typedef {{kind: string, id: number, title: string, area: string, lng: number | null,
 *   lat: number | null, cell: number | null}} Hit
 * @typedef {{kind: string, total: number, hits: Hit[]}} Group
 * @typedef {{groups: Group[], outside: number}} Answer
 */

/** @type {Record<string, {icon: IconName, zoom: number}>} */
const KINDS = {
  building: { icon: 'building', zoom: 18 },
  lane: { icon: 'walk', zoom: 17 },
  street: { icon: 'walk', zoom: 16 },
  cell: { icon: 'cell', zoom: 16.5 },
  chief: { icon: 'person', zoom: 17 },
  party_unit: { icon: 'star', zoom: 18 },
  incident: { icon: 'flag', zoom: 18 },
  team: { icon: 'walk', zoom: 16 },
  community: { icon: 'map', zoom: 15 },
  place: { icon: 'locate', zoom: 18 },
};

/** @param {string} kind */
function groupName(kind) {
  const names = {
    building: t('楼栋与地址'),
    lane: t('巷'),
    street: t('街'),
    cell: t('网格'),
    chief: t('三长'),
    party_unit: t('单位'),
    incident: t('事件'),
    team: t('志愿队伍'),
    community: t('社区'),
    place: t('地点'),
  };
  return names[/** @type {keyof typeof names} */ (kind)] ?? kind;
}

/**
 * What choosing a hit does to the state.
 *
 * @param {Hit} hit
 * @returns {Partial<import('../store.js').State>}
 */
export function selection({ kind, id, cell }) {
  const base = { panel: /** @type {const} */ ('card'), building: null, incident: null, cell };
  if (kind === 'building') return { ...base, building: id };
  if (kind === 'incident') return { ...base, overlay: 'incidents', incident: id };
  if (kind === 'cell') return { ...base, cell: id };
  if (kind === 'chief') return { ...base, overlay: 'chiefs' };
  if (kind === 'party_unit') return { ...base, overlay: 'party' };
  if (kind === 'community') return { ...base, cell: null, community: id };
  return base;
}

/**
 * @param {Hit} hit
 * @param {number} index
 * @param {(hit: Hit) => void} choose
 */
function option(hit, index, choose) {
  const row = element(
    'div',
    { role: 'option', id: `hit-${index}`, 'aria-selected': 'false' },
    icon(KINDS[hit.kind]?.icon ?? 'locate', 'small'),
    element('span', { class: 'title' }, hit.title),
    element('span', { class: 'area' }, hit.area),
  );
  row.addEventListener('pointerdown', (event) => event.preventDefault());
  row.addEventListener('click', () => choose(hit));
  return row;
}

/**
 * Make the box.
 *
 * @param {Store} store
 * @returns {HTMLElement}
 */
export function mountSearch(store) {
  const list = element('div', { class: 'found', id: 'found', role: 'listbox', hidden: true });
  list.setAttribute('aria-label', t('搜索结果'));
  const input = element('input', {
    type: 'search',
    role: 'combobox',
    id: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 80,
    placeholder: t('搜地址、楼栋、巷、网格编码、姓名或拼音'),
    'aria-label': t('搜索'),
    'aria-autocomplete': 'list',
    'aria-controls': 'found',
    'aria-expanded': 'false',
  });
  const box = element(
    'div',
    { class: 'box' },
    icon('search', 'small'),
    input,
    element('kbd', {}, '/'),
  );
  const told = element('div', { class: 'hidden-aloud', role: 'status' });
  const root = element('div', { class: 'search', role: 'search' }, box, list, told);

  /** @type {Hit[]} */
  let hits = [];
  let at = -1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  let asking = new AbortController();

  const close = () => {
    clearTimeout(pause);
    asking.abort();
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const open = () => {
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
  };
  const mark = (/** @type {number} */ next) => {
    at = next;
    for (const row of list.querySelectorAll('[role="option"]')) {
      const on = row.id === `hit-${at}`;
      row.setAttribute('aria-selected', String(on));
      if (on) row.scrollIntoView({ block: 'nearest' });
    }
    if (at >= 0) input.setAttribute('aria-activedescendant', `hit-${at}`);
    else input.removeAttribute('aria-activedescendant');
  };
  const choose = (/** @type {Hit} */ hit) => {
    close();
    input.blur();
    store.set(selection(hit), { history: 'push' });
    if (hit.lng !== null && hit.lat !== null) {
      store.act('fly', { lng: hit.lng, lat: hit.lat, zoom: KINDS[hit.kind]?.zoom ?? 17 });
    }
  };
  const say = (/** @type {string} */ text) => {
    fill(list, element('p', { class: 'sentence' }, text));
    told.textContent = text;
    hits = [];
    open();
  };
  const draw = (/** @type {Answer} */ { groups, outside }, /** @type {string} */ text) => {
    hits = groups.flatMap((group) => group.hits);
    if (hits.length === 0) {
      say(
        outside > 0
          ? t('有 %(n)s 处不在您的范围。', { n: number(outside) })
          : t('没找到“%(text)s”。试试少打几个字，或在地图上点一下。', { text }),
      );
      return;
    }
    let index = 0;
    const drawn = groups
      .filter((group) => group.hits.length > 0)
      .map(({ kind, total, hits: some }) => {
        const head = element(
          'h3',
          { role: 'presentation' },
          groupName(kind),
          element('span', { class: 'number' }, number(total)),
        );
        const rows = some.map((hit) => option(hit, index++, choose));
        return element('div', { role: 'group', 'aria-label': groupName(kind) }, head, ...rows);
      });
    const more =
      outside > 0 &&
      element(
        'p',
        { class: 'sentence small' },
        t('另有 %(n)s 处不在您的范围。', { n: number(outside) }),
      );
    fill(list, ...drawn, more);
    told.textContent = t('找到 %(n)s 处', {
      n: number(groups.reduce((sum, g) => sum + g.total, 0)),
    });
    open();
    mark(0);
  };
  const look = async () => {
    const text = input.value.trim();
    asking.abort();
    if (!text) {
      close();
      return;
    }
    asking = new AbortController();
    const { signal } = asking;
    try {
      const query = { city: store.get('city')?.slug, q: text };
      const answer = spell(await read('/api/search', query, signal));
      if (!signal.aborted) draw(answer, text);
    } catch (error) {
      if (signal.aborted) return;
      const offline = error instanceof Failure && error.status === 0;
      const said = error instanceof Failure && error.status === 400 ? error.message : '';
      say(offline ? t('没有连上，搜不了。连上后再试。') : said || t('这次没有搜成，请再试一次。'));
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(look, PAUSE);
  });
  input.addEventListener('focus', () => {
    input.select();
    if (input.value.trim()) look();
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    // Enter that ends a word of a Chinese input method chooses nothing.
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (hits.length > 0) mark((at + step + hits.length) % hits.length);
    } else if (event.key === 'Enter' && hits[at] && !list.hidden) {
      event.preventDefault();
      choose(hits[at]);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (list.hidden) input.value = '';
      close();
    }
  });
  return root;
}

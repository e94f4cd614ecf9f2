/** The top bar: area path, demo badge, search, moment of the data, language, who is signed in. */

/** @import { Store } from '../store.js' */
/** @import { Boot, BootCity } from '../boot.js' */

import { csrf } from '../api.js';
import { followBell } from '../bell.js';
import { areaPath } from '../boot.js';
import { inScope } from '../counts.js';
import { element, fill, icon } from '../elements.js';
import { boxAround } from '../geo.js';
import { language, t } from '../words.js';
import { asOfControl } from './as-of.js';
import { mountMenu } from './menu.js';

/**
 * A form that leaves the page by POST; `next` is filled in at the last moment.
 *
 * @param {string} action
 * @param {Record<string, string | number>} values
 * @param {...(Node | string)} children
 */
function leaving(action, values, ...children) {
  const token = element('input', { type: 'hidden', name: 'csrfmiddlewaretoken' });
  const next = element('input', { type: 'hidden', name: 'next' });
  const form = element('form', { method: 'post', action, ...values }, token, next, ...children);
  form.addEventListener('submit', () => {
    token.value = csrf();
    next.value = location.pathname + location.search + location.hash;
  });
  return form;
}

function languages() {
  const now = language();
  const button = (
    /** @type {string} */ code,
    /** @type {string} */ word,
    /** @type {string} */ name,
  ) =>
    element(
      'button',
      {
        name: 'language',
        value: code,
        lang: code,
        'aria-label': name,
        'aria-current': code.startsWith(now) ? 'true' : null,
      },
      word,
    );
  return leaving(
    '/i18n/',
    { class: 'languages', 'aria-label': t('语言') },
    button('zh-hans', '中', '中文'),
    button('en', 'EN', 'English'),
  );
}

/**
 * The path of the area and the menu behind it: cities when there are several, subdistricts and
 * communities as the filter of the whole page.
 *
 * @param {Store} store
 * @param {Boot} boot
 * @param {BootCity | undefined} city
 */
function areas(store, boot, city) {
  const button = element('button', { class: 'path', type: 'button' });
  const choose = (
    /** @type {number | null} */ subdistrict,
    /** @type {number | null} */ community,
  ) => {
    const area = { subdistrict, community };
    store.set({ ...area, cell: null, building: null, incident: null }, { history: 'push' });
    const cells = [...store.get('cells').values()].filter((cell) => inScope(cell, area));
    const bbox = subdistrict === null && community === null ? city?.bbox : boxAround(cells);
    if (bbox) store.act('fly', { bbox });
  };
  const entries = () => {
    const { subdistrict, community } = {
      subdistrict: store.get('subdistrict'),
      community: store.get('community'),
    };
    const others = boot.cities.length > 1 ? boot.cities : [];
    return [
      ...(others.length ? [{ heading: t('城市') }] : []),
      ...others.map((other) => ({
        word: other.demo ? t('%(name)s（演示）', { name: other.name }) : other.name,
        on: other.slug === city?.slug,
        act: () => location.assign(`/?city=${encodeURIComponent(other.slug)}`),
      })),
      { heading: t('范围') },
      {
        word: t('全部'),
        on: subdistrict === null && community === null,
        act: () => choose(null, null),
      },
      ...(city?.subdistricts ?? []).flatMap((wide) => [
        {
          word: wide.name,
          on: wide.id === subdistrict && community === null,
          act: () => choose(wide.id, null),
        },
        ...wide.communities.map((narrow) => ({
          word: narrow.name,
          inner: true,
          note: narrow.own ? '' : t('不在您的范围'),
          on: narrow.id === community,
          act: () => choose(wide.id, narrow.id),
        })),
      ]),
    ];
  };
  const holder = element('div', { class: 'where' }, button);
  mountMenu(holder, button, entries, t('选择范围'));
  const tell = () => {
    const path = areaPath(city, {
      subdistrict: store.get('subdistrict'),
      community: store.get('community'),
    });
    const between = () => element('span', { class: 'between far', 'aria-hidden': 'true' }, '›');
    fill(
      button,
      ...path.slice(0, -1).flatMap((name) => [element('span', { class: 'far' }, name), between()]),
      element('b', {}, path.at(-1) ?? ''),
      icon('down', 'small'),
    );
  };
  store.on(['subdistrict', 'community'], tell);
  tell();
  return holder;
}

/** @param {Boot} boot */
function bell({ bell }) {
  const link = element(
    'a',
    { class: 'bell', href: bell.href, 'aria-label': bell.bell, title: bell.bell },
    icon('bell'),
    element('b', { class: 'number', hidden: bell.unread === 0 }, String(bell.unread)),
  );
  link.dataset.count = bell.count;
  followBell(link);
  return link;
}

/** @param {Boot} boot */
function who({ user }) {
  const face = element('span', { class: 'face', 'aria-hidden': 'true' }, user.name.slice(0, 1));
  const name = element('span', { class: 'name' }, user.roles[0] ?? user.name);
  const button = element('button', { type: 'button', 'aria-label': user.name }, face, name);
  const holder = element('div', { class: 'who' }, button);
  const about = element(
    'div',
    { class: 'about' },
    element('div', { class: 'strong' }, user.name),
    element('div', { class: 'small quiet' }, user.roles.join(' · ') || t('还没有岗位')),
  );
  const account = element('a', { role: 'menuitem', href: '/account' }, t('密码与登录设备'));
  const out = leaving(
    '/sign-out',
    {},
    element('button', { role: 'menuitem' }, icon('exit', 'small'), t('退出登录')),
  );
  mountMenu(holder, button, () => [about, account, out], t('我的账号'), 'right');
  return holder;
}

/**
 * The category filter, when one is set; a click takes it off.
 *
 * @param {Store} store
 * @param {BootCity | undefined} city
 */
function filterChip(store, city) {
  const chip = element('button', { class: 'chip', type: 'button' });
  chip.addEventListener('click', () => store.set({ category: null }, { history: 'push' }));
  const tell = () => {
    const found = city?.categories.find(({ id }) => id === store.get('category'));
    chip.hidden = !found;
    if (!found) return;
    chip.setAttribute('aria-label', t('去掉筛选：%(name)s', { name: found.name }));
    fill(chip, found.name, icon('close', 'small'));
  };
  store.on('category', tell);
  tell();
  return chip;
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Boot} boot
 * @param {BootCity | undefined} city
 * @param {HTMLElement} search
 */
export function mountTopbar(root, store, boot, city, search) {
  const mark = element('img', {
    src: root.dataset.mark ?? '',
    alt: 'gridmap',
    width: 30,
    height: 30,
  });
  fill(
    root,
    element('a', { class: 'mark', href: '/' }, mark),
    areas(store, boot, city),
    city?.demo && element('span', { class: 'demo' }, t('演示数据')),
    filterChip(store, city),
    search,
    asOfControl(store, root),
    bell(boot),
    languages(),
    who(boot),
  );
}

/** The rail: the pages there are, and nothing that does not exist. */

/** @import { Store } from '../store.js' */
/** @import { Boot } from '../boot.js' */
/** @import { IconName } from '../elements.js' */

import { element, fill, icon } from '../elements.js';
import { t } from '../words.js';

/**
 * @param {string} href
 * @param {IconName} name
 * @param {string} word
 */
function link(href, name, word) {
  return element('a', { href }, icon(name), word);
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Boot} boot
 */
export function mountRail(root, store, boot) {
  const here = element('a', { href: '/' }, icon('map'), t('地图'));
  here.addEventListener('click', (event) => {
    event.preventDefault();
    store.set({ panel: 'card' }, { history: 'push' });
  });
  const lists = element('button', { type: 'button' }, icon('list'), t('列表'));
  lists.addEventListener('click', () => {
    const next = store.get('panel') === 'list' ? 'card' : 'list';
    store.set({ panel: next }, { history: 'push' });
  });
  const { light, docs, admin } = boot.links;
  const lightMap = light && link(light, 'feather', t('轻量地图'));
  const tell = () => {
    const listed = store.get('panel') === 'list';
    lists.setAttribute('aria-pressed', String(listed));
    if (listed) here.removeAttribute('aria-current');
    else here.setAttribute('aria-current', 'page');
    if (lightMap) lightMap.href = `${light}?city=${store.get('city')?.slug ?? ''}`;
  };
  fill(
    root,
    here,
    lists,
    lightMap,
    docs && link(docs, 'book', t('接口')),
    boot.user.admin && admin && link(admin, 'layers', t('管理')),
    element('span', { class: 'gap' }),
    element(
      'button',
      { type: 'button', onclick: () => store.act('keys'), 'aria-haspopup': 'dialog' },
      icon('help'),
      t('帮助'),
    ),
  );
  store.on(['panel', 'city'], tell);
  tell();
}

/** The rail: the pages there are, and nothing that does not exist. */

/** @import { Store } from '../store.js' */
/** @import { Boot } from '../boot.js' */

import { element, fill, icon } from '../elements.js';
import { t } from '../words.js';

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Boot} boot
 */
export function mountRail(root, store, boot) {
  const stops = new Map(
    boot.rail.map(({ name, href, icon: drawing, word }) => [
      name,
      element('a', { href }, icon(drawing), word),
    ]),
  );
  const here = stops.get('map');
  here?.addEventListener('click', (event) => {
    event.preventDefault();
    store.set({ panel: 'card' }, { history: 'push' });
  });
  const lists = element('button', { type: 'button' }, icon('list'), t('列表'));
  lists.addEventListener('click', () => {
    const next = store.get('panel') === 'list' ? 'card' : 'list';
    store.set({ panel: next }, { history: 'push' });
  });
  const light = stops.get('light');
  const tell = () => {
    const listed = store.get('panel') === 'list';
    lists.setAttribute('aria-pressed', String(listed));
    if (listed) here?.removeAttribute('aria-current');
    else here?.setAttribute('aria-current', 'page');
    if (light) light.href = `${boot.light}?city=${store.get('city')?.slug ?? ''}`;
  };
  fill(
    root,
    here,
    lists,
    ...[...stops].filter(([name]) => name !== 'map').map(([, stop]) => stop),
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

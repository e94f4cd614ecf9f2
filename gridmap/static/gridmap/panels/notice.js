/** Says on the map what could not be read, and offers to try again; what is drawn stays. */

/** @import { Store } from '../store.js' */

import { element, fill, icon } from '../elements.js';
import { t } from '../words.js';

/** @param {Store} store */
export function notice(store) {
  const words = {
    cells: t('网格数据没取到'),
    incidents: t('事件没取到'),
    coverage: t('巡查覆盖没取到'),
    chiefs: t('三长没取到'),
    party: t('党组织没取到'),
    days: t('立案时间分布没取到'),
    tiles: t('有些地图块没取到'),
  };
  const holder = element('div', { class: 'float notice', role: 'status', hidden: true });
  const show = () => {
    const [first] = Object.entries(store.get('errors'));
    holder.hidden = !first;
    if (!first) return;
    const what = words[/** @type {keyof typeof words} */ (first[0])] ?? t('有数据没取到');
    fill(
      holder,
      icon('alert', 'small'),
      element('span', {}, t('%(what)s：%(why)s', { what, why: first[1] })),
      element(
        'button',
        { type: 'button', class: 'link', onclick: () => store.act('reload') },
        t('重试'),
      ),
    );
  };
  store.on('errors', show);
  show();
  return holder;
}

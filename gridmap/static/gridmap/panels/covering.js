/** Which team covers a place, when it was last there and when it comes next. Places only. */

import { read } from '../api.js';
import { element, fill } from '../elements.js';
import { spell } from '../names.js';
import { t, when } from '../words.js';
import { section } from './rows.js';

/**
 * @typedef {{id: number, name: string, last_day: string | null, next_shift: string | null}} Team
 */

/** @param {Team} team */
function teamItem({ name, last_day: last, next_shift: next }) {
  const words = [
    last ? t('最近到过 %(day)s', { day: last }) : t('还没有到过'),
    next ? t('下次 %(when)s', { when: when(next) }) : t('还没有排班'),
  ];
  return element(
    'li',
    {},
    element('b', {}, name),
    element('span', { class: 'small quiet number' }, ` ${words.join(' · ')}`),
  );
}

/**
 * A section that fills itself; nothing where the caller may not ask, or the place is in no cell.
 *
 * @param {string} city
 * @param {import('geojson').Position[]} outline of what is asked about
 * @returns {HTMLElement}
 */
export function coveringSection(city, outline) {
  const root = element('div', { class: 'covering' });
  const [lng, lat] = [0, 1].map(
    (axis) => outline.reduce((sum, corner) => sum + corner[axis], 0) / outline.length,
  );
  read('/api/coverage/at', { city, lng: lng.toFixed(7), lat: lat.toFixed(7) }).then(
    (found) => {
      const { teams } = spell(found);
      const told =
        teams.length > 0
          ? element('ul', { class: 'items' }, ...teams.map(teamItem))
          : element('p', { class: 'small quiet' }, t('这里没有队伍巡查。'));
      fill(root, section(t('谁来巡查'), '', null, told));
    },
    () => {},
  );
  return root;
}

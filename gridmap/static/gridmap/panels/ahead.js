/** What follows from a place and a category, before anything is filed: whose it is, by when. */

import { send } from '../api.js';
import { element, fill } from '../elements.js';
import { t, when } from '../words.js';
import { named } from './card.js';

/**
 * @typedef {{lng: number, lat: number}} Place
 * @typedef {{id: number, code: string}} Kind
 */

/**
 * @param {{categories: Kind[], allowed: (may: boolean) => void}} with_ allowed: called when it is
 *   known whether the caller may report at the place
 */
export function aheadBox({ categories, allowed }) {
  const root = element('div', { class: 'ahead', role: 'status' });
  let asked = '';

  /** @param {any} found @param {boolean} chosen whether somebody has chosen the category */
  const show = (found, chosen) => {
    const may = found.here?.may_report ?? true;
    allowed(may);
    if (!may) {
      fill(root, element('p', { class: 'trouble' }, t('这里不在您的范围内，不能在这里登记。')));
      return;
    }
    const { department, name, name_en, why } = found.proposal ?? {};
    const due = found.milestones
      .map((/** @type {any} */ one) => one.due)
      .sort()
      .at(-1);
    fill(
      root,
      found.here?.address && element('p', {}, found.here.address),
      chosen &&
        element(
          'p',
          {},
          element('b', {}, department ? named({ name, name_en }) : t('部门待定')),
          due && ` · ${t('现在立案，%(due)s 前办结', { due: when(due) })}`,
        ),
      chosen && department && element('p', { class: 'quiet' }, why),
    );
  };

  /**
   * @param {Place} place
   * @param {string} code of the category chosen; empty: none yet
   */
  const look = async (place, code) => {
    const kind = categories.find((one) => one.code === code) ?? categories[0];
    const about = `${place.lng} ${place.lat} ${code}`;
    if (!kind || about === asked) return;
    asked = about;
    const point = { type: 'Point', coordinates: [place.lng, place.lat] };
    const wish = { category: kind.id, place: point };
    const found = await send('/api/deadlines/simulate', wish).catch(() => null);
    if (asked !== about) return;
    if (found) show(found, code !== '');
    else fill(root); // the server decides when it is filed
  };
  return { root, look };
}

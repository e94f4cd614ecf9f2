/** The way from a card to the history of what it shows; frame.css hides it from who may not read it. */

import { element } from '../elements.js';
import { t } from '../words.js';

/**
 * @param {'cell' | 'building' | 'incident' | 'community'} kind
 * @param {number} id
 */
export function historyLink(kind, id) {
  const href = `/history?kind=${kind}&id=${id}`;
  return element(
    'p',
    { class: 'section history-link' },
    element('a', { href }, t('沿革：改动记录')),
  );
}

/** The last changes of what a card shows, and the way to all of them, for those who may read them. */

import { read } from '../api.js';
import { element, fill } from '../elements.js';
import { t, when } from '../words.js';

const SHOWN = 3;

/** @typedef {{at: string, verb_name: string, who: string, why: string}} Line */

/** @param {Line} line */
function lineItem({ at, verb_name: deed, who, why }) {
  const more = [who, why].filter(Boolean).join(' · ');
  return element(
    'li',
    {},
    element('span', { class: 'number quiet' }, when(at)),
    ` ${deed} `,
    element('span', { class: 'quiet' }, more),
  );
}

/**
 * frame.css hides it from whoever may read no history; then nothing is asked for either.
 *
 * @param {'cell' | 'building' | 'incident' | 'community'} kind
 * @param {number} id
 */
export function historyLink(kind, id) {
  const lines = element('ul', { class: 'small changes' });
  const section = element(
    'div',
    { class: 'section history-link' },
    lines,
    element('a', { href: `/history?kind=${kind}&id=${id}` }, t('沿革：改动记录')),
  );
  if (document.body.classList.contains('reads-history')) {
    read('/api/history', { kind, id, page_size: SHOWN }).then(
      ({ results }) => fill(lines, ...results.map(lineItem)),
      () => {}, // the link leads there all the same
    );
  }
  return section;
}

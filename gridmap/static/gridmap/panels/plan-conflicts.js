/** What could not be done because others were first: unit by unit, with both sides. */

/** @import { Conflict } from '../plan-draft.js' */
/** @import { Work } from './plan-work.js' */

import { element, fill, icon } from '../elements.js';
import { boxAround } from '../geo.js';
import { middleOf } from '../plan-shapes.js';
import { codeOf, whyShut } from '../plan-words.js';
import { t, tn } from '../words.js';
import { give } from './plan-work.js';

const SHOWN = 8;

/**
 * @param {Work} work
 * @returns {HTMLElement}
 */
export function conflictPart(work) {
  const { desk } = work;
  const holder = element('section', { class: 'part conflicts', role: 'alert' });
  const show = () => {
    const found = desk.get('conflicts');
    const refused = desk.get('refused');
    holder.hidden = found.length + refused.length === 0;
    fill(
      holder,
      element(
        'h2',
        {},
        icon('alert', 'small'),
        tn('%(n)s 处没有改成', found.length + refused.length),
        element(
          'button',
          {
            type: 'button',
            class: 'button bare push',
            'aria-label': t('关闭'),
            onclick: () => desk.set({ conflicts: [], refused: [] }),
          },
          icon('close', 'small'),
        ),
      ),
      ...refused.map((why) => element('p', { class: 'small' }, why)),
      element('ul', { class: 'checks' }, ...found.slice(0, SHOWN).map((one) => row(work, one))),
      found.length > SHOWN &&
        element('p', { class: 'small quiet' }, tn('另有 %(n)s 处', found.length - SHOWN)),
    );
  };
  desk.on(['conflicts', 'refused'], show);
  show();
  return holder;
}

/**
 * @param {Work} work
 * @param {Conflict} conflict
 */
function row(work, conflict) {
  const { desk, draft, map, fabric, names } = work;
  const { unit, cell, why, author, theirs, yours } = conflict;
  const place = unit === null ? -1 : (draft.places.get(unit) ?? -1);
  const code = (/** @type {number | null} */ no) =>
    no === null ? '' : codeOf(draft.cells().get(no), no);
  const what = unit === null ? t('网格 %(code)s', { code: code(cell) }) : names[place] || t('空地');
  const done = () =>
    desk.set({ conflicts: desk.get('conflicts').filter((one) => one !== conflict) });
  const go = () => {
    const bbox = boxAround([middleOf(fabric, place)]);
    if (bbox) map.fly({ bbox });
    desk.set({ picked: [place] });
  };
  const mine = () => {
    give(work, [place], yours);
    done();
  };
  const who = author ? `${author} · ` : '';
  const sides =
    theirs === null || yours === null
      ? ''
      : t('现在 %(theirs)s，您要 %(yours)s', { theirs: code(theirs), yours: code(yours) });
  const button = (/** @type {string} */ word, /** @type {() => void} */ act) =>
    element('button', { type: 'button', class: 'button small', onclick: act }, word);
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'said' },
      element(
        'div',
        {},
        what,
        ' ',
        element('span', { class: 'small quiet' }, `${who}${whyShut(why)}`),
      ),
      element('div', { class: 'small quiet' }, sides),
      element(
        'div',
        { class: 'row offers' },
        why === 'changed' && yours !== null && place >= 0 && button(t('改成我的'), mine),
        button(t('留现在的'), done),
      ),
    ),
    place >= 0 && button(t('定位'), go),
  );
}

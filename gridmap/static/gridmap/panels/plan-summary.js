/** Four figures above the table: how the whole draft stands. */

/** @import { Work } from './plan-work.js' */

import { element, fill } from '../elements.js';
import { number, t } from '../words.js';

/**
 * @param {Work} work
 * @returns {HTMLElement}
 */
export function summary({ desk, draft, band }) {
  const [least, most] = band;
  const holder = element('dl', { class: 'figures plan-figures' });
  const figure = (
    /** @type {string} */ value,
    /** @type {string} */ word,
    /** @type {string} */ kind = '',
  ) => element('div', {}, element('dt', {}, word), element('dd', { class: kind }, value));
  const show = () => {
    const basic = [...draft.cells()].filter(([, cell]) => cell.kind === 'basic');
    const held = basic.map(([no]) => draft.partition.householdsOf(no)).filter((n) => n > 0);
    const good = held.filter((n) => n >= least && n <= most).length;
    const mean = held.reduce((sum, n) => sum + n, 0) / Math.max(held.length, 1);
    const worst = held.reduce((far, n) => Math.max(far, Math.abs(n - mean) / mean), 0);
    const broken = basic.filter(([no]) => draft.partition.parts(no) > 1).length;
    const loose = draft.partition.figures(0).units;
    fill(
      holder,
      figure(`${good} / ${held.length}`, t('格在 %(least)s–%(most)s 户', { least, most })),
      figure(
        `${Math.round(100 * worst)}%`,
        t('最大偏差（均值 %(n)s）', { n: number(Math.round(mean)) }),
      ),
      figure(String(broken), t('格断开'), broken ? 'bad' : 'ok'),
      figure(String(loose), t('块未划'), loose ? 'bad' : 'ok'),
    );
  };
  desk.on('edited', show);
  show();
  return holder;
}

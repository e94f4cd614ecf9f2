/** How the parts of a draft are called on its page. */

/** @import { CellFields } from './plan-faults.js' */

import { t } from './words.js';

/**
 * The last three digits of a cell's code; a new one that has none yet has a number of its own.
 *
 * @param {CellFields | undefined} cell
 * @param {number} no
 */
export function codeOf(cell, no) {
  if (no === 0) return t('未划');
  if (cell?.code) return cell.code.slice(-3);
  return no > 32_000 ? t('新格') : t('新 %(n)s', { n: no });
}

/** @param {string} why a cell is shut, or a unit was left alone */
export function whyShut(why) {
  if (why === 'locked') return t('已锁定');
  if (why === 'pinned') return t('已固定');
  return why === 'reserved' ? t('已预留') : t('别人先改了');
}

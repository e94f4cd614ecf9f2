/** How the beat speaks of its places. */

/** @import { Beat, Entrance, Stretch } from './state.js' */

import { number, t, tn } from '../words.js';
import { DUE, NEVER, OVER } from './freshness.js';

/** @param {number} metres */
export function far(metres) {
  if (metres < 1000) return t('%(n)s 米', { n: Math.max(10, Math.round(metres / 10) * 10) });
  return t('%(n)s 公里', { n: (metres / 1000).toFixed(1) });
}

/**
 * How a place stands, about the place and never about anybody: 9 天没走（每 3 天）.
 *
 * @param {{days: number | null, interval: number, klass: number}} thing
 */
export function standing({ days, interval, klass }) {
  const every = tn('（每 %(n)s 天）', interval);
  if (klass === NEVER) return { strong: t('没有记录'), rest: every, tone: 'over' };
  if (klass === OVER) return { strong: tn('%(n)s 天没走', days ?? 0), rest: every, tone: 'over' };
  if (klass === DUE) return { strong: t('今天到期'), rest: every, tone: 'due' };
  if (days === 0) return { strong: t('今天走过'), rest: every, tone: '' };
  return { strong: tn('%(n)s 天前走过', days ?? 0), rest: every, tone: '' };
}

/** @param {Pick<Stretch, 'name' | 'code'>} stretch */
export function stretchName({ name, code }) {
  return name || code;
}

/** @param {Pick<Stretch, 'start' | 'end' | 'side'>} stretch */
export function stretchPart({ start, end, side }) {
  const sides = { left: t('左侧'), right: t('右侧'), both: '' };
  const from = start && end ? t('%(a)s至%(b)s', { a: start, b: end }) : start || end;
  return [from, sides[/** @type {keyof typeof sides} */ (side)] ?? ''].filter(Boolean).join(' · ');
}

/**
 * @param {Beat} beat
 * @param {Pick<Entrance, 'building' | 'seq'>} entrance
 */
export function entranceName(beat, { building, seq }) {
  const house = beat.data.buildings.find((one) => one.id === building);
  const several = beat.data.entrances.filter((one) => one.building === building).length > 1;
  const address = house?.address ?? '';
  return several ? t('%(address)s %(n)s 号入口', { address, n: number(seq) }) : address;
}

/** @param {string} office */
export function officeName(office) {
  const names = {
    building: t('楼长'),
    lane: t('巷长'),
    street: t('街长'),
    cell_worker: t('网格员'),
    cell_head: t('网格长'),
  };
  return names[/** @type {keyof typeof names} */ (office)] ?? office;
}

/** Tools that choose: cells and units, and the neighbour a cell is merged with. */

/** @import { Hand, Work } from './plan-work.js' */

import { place } from '../names.js';
import { nameOf } from '../plan-wishes.js';
import { codeOf } from '../plan-words.js';
import { t, tn } from '../words.js';
import { moveLines } from './plan-note.js';
import { give, under } from './plan-work.js';

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function select(work) {
  const { desk, draft, shown, note, names, fabric } = work;
  const { labels } = draft.partition;
  return {
    holds: false,
    hover(point) {
      const units = under({ ...work, desk: still(work) }, point);
      shown.aim(units);
      if (point.unit === null) {
        note.hide();
        return;
      }
      const no = labels[point.unit];
      const households = units.reduce((sum, unit) => sum + fabric.households[unit], 0);
      const what =
        units.length > 1
          ? t('街区：%(n)s 块', { n: units.length })
          : names[point.unit] || t('空地');
      note.show(point.pixel, [
        { text: `${what}  ${tn('%(n)s 户', households)}`, strong: true },
        {
          text: `${codeOf(draft.cells().get(no), no)} ${place(draft.cells().get(no)?.name ?? '')}`,
        },
      ]);
    },
    click(point) {
      const units = under({ ...work, desk: still(work) }, point);
      if (point.unit === null) {
        desk.set({ picked: [], cell: null }, { history: 'push' });
        return;
      }
      const before = desk.get('picked');
      if (point.shift) {
        const all = new Set(before);
        const had = units.every((unit) => all.has(unit));
        for (const unit of units) had ? all.delete(unit) : all.add(unit);
        desk.set({ picked: [...all] }, { history: 'push' });
        return;
      }
      desk.set({ picked: units, cell: labels[point.unit] || null }, { history: 'push' });
    },
    finish() {
      const picked = desk.get('picked');
      if (picked.length === 0 || give(work, picked, desk.get('cell')) === 0) return false;
      desk.set({ picked: [] }, { history: 'push' });
      return true;
    },
    back() {
      if (desk.get('picked').length === 0) return false;
      desk.set({ picked: [] }, { history: 'push' });
      return true;
    },
    leave() {
      shown.aim([]);
      note.hide();
    },
  };
}

/**
 * To choose, the brush's size does not matter.
 *
 * @param {Work} work
 * @returns {any}
 */
function still({ desk }) {
  return { ...desk, get: (/** @type {any} */ key) => (key === 'size' ? 0 : desk.get(key)) };
}

/**
 * Make one cell of two.
 *
 * @param {Work} work
 * @param {number} gone
 * @param {number} to
 */
export function mergeCells({ draft, desk, say }, gone, to) {
  const cells = new Map(draft.cells());
  draft.wish({ kind: 'merge', cells: [nameOf(cells, gone)], to: nameOf(cells, to) });
  desk.set({ cell: to, picked: [] }, { history: 'push' });
  say(
    t('%(one)s 已并入 %(two)s', {
      one: codeOf(cells.get(gone), gone),
      two: codeOf(cells.get(to), to),
    }),
    true,
  );
}

/**
 * @param {Work} work
 * @returns {Hand}
 */
export function merge(work) {
  const { desk, draft, shown, note, band, say } = work;
  const { partition } = draft;
  return {
    holds: false,
    hover({ unit, pixel }) {
      const to = desk.get('cell');
      const no = unit === null ? 0 : partition.labels[unit];
      if (to === null || no === 0 || no === to) {
        shown.aim([]);
        note.show(pixel, to === null ? [{ text: t('先点要留下的网格') }] : []);
        return;
      }
      const units = partition.unitsOf(no);
      shown.aim(units);
      if (!partition.neighbours(to).has(no)) {
        note.show(pixel, [{ text: t('这两个网格不相邻'), bad: true }]);
        return;
      }
      const codes = {
        one: codeOf(draft.cells().get(no), no),
        two: codeOf(draft.cells().get(to), to),
      };
      const from = new Map(units.map((place) => [place, -1]));
      const title = t('%(one)s 并入 %(two)s', codes);
      note.show(pixel, moveLines(draft, band, from, to, { title }));
    },
    click({ unit }) {
      const to = desk.get('cell');
      const no = unit === null ? 0 : partition.labels[unit];
      if (no === 0) return;
      if (to === null || no === to) {
        desk.set({ cell: no }, { history: 'push' });
        return;
      }
      const codes = {
        one: codeOf(draft.cells().get(no), no),
        two: codeOf(draft.cells().get(to), to),
      };
      if (!partition.neighbours(to).has(no)) say(t('这两个网格不相邻'));
      else if (draft.shut(no) || draft.shut(to)) say(t('%(one)s 或 %(two)s 已锁定或预留', codes));
      else mergeCells(work, no, to);
    },
    back() {
      if (desk.get('cell') === null) return false;
      desk.set({ cell: null }, { history: 'push' });
      return true;
    },
    leave() {
      shown.aim([]);
      note.hide();
    },
  };
}

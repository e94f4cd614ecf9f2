/** The note beside the pointer: what would move, and what the cells would have then. */

/** @import { Pixel } from '../map.js' */
/** @import { Draft } from '../plan-draft.js' */

import { element, fill } from '../elements.js';
import { codeOf, whyShut } from '../plan-words.js';
import { number, t } from '../words.js';

/** @typedef {{text: string, bad?: boolean, strong?: boolean}} Line */

/**
 * What moving units to a cell would come to.
 *
 * @param {Draft} draft
 * @param {[number, number]} band
 * @param {ReadonlyMap<number, number>} from by unit that would move, the cell it is in now
 * @param {number} to
 * @param {{title?: string, was?: (no: number) => number}} [more] was: households of a cell before;
 *   without it, those it has now
 * @returns {Line[]}
 */
export function moveLines(draft, [least, most], from, to, { title, was } = {}) {
  const { partition } = draft;
  const { fabric } = partition;
  /** @type {Map<number, number>} */
  const lost = new Map();
  let [households, buildings] = [0, 0];
  for (const [unit, no] of from) {
    households += fabric.households[unit];
    buildings += fabric.building[unit] > 0 ? 1 : 0;
    lost.set(no, (lost.get(no) ?? 0) + fabric.households[unit]);
  }
  const code = (/** @type {number} */ no) => codeOf(draft.cells().get(no), no);
  const line = (/** @type {number} */ no, /** @type {number} */ change) => {
    const before = (was ?? partition.householdsOf)(no);
    const after = before + change;
    const basic = no > 0 && (draft.cells().get(no)?.kind ?? 'basic') === 'basic';
    const fields = { code: code(no), before: number(before), after: number(after), least, most };
    if (basic && after < least) {
      return { text: t('%(code)s：%(before)s → %(after)s 户，低于 %(least)s', fields), bad: true };
    }
    if (basic && after > most) {
      return { text: t('%(code)s：%(before)s → %(after)s 户，高于 %(most)s', fields), bad: true };
    }
    return { text: t('%(code)s：%(before)s → %(after)s 户', fields) };
  };
  const head = title ?? t('划入 %(code)s', { code: code(to) });
  const sum = t('+%(n)s 户 · %(m)s 栋', { n: number(households), m: number(buildings) });
  return [
    { text: `${head}  ${sum}`, strong: true },
    line(to, households),
    ...[...lost].slice(0, 3).flatMap(([no, n]) => (no > 0 ? [line(no, -n)] : [])),
  ];
}

/**
 * Why nothing would move; empty when there is nothing to say.
 *
 * @param {Draft} draft
 * @param {Iterable<number>} units
 * @param {number | null} to
 * @returns {Line[]}
 */
export function shutLines(draft, units, to) {
  if (to === null) return [{ text: t('先选一个网格：点表里的一行，或按 1 到 9') }];
  const code = (/** @type {number} */ no) => codeOf(draft.cells().get(no), no);
  const closed = draft.shut(to);
  if (closed) return [{ text: `${code(to)} ${whyShut(closed)}`, bad: true }];
  for (const unit of units) {
    const no = draft.partition.labels[unit];
    if (no === to) continue;
    const why = draft.pins().has(unit) ? 'pinned' : draft.shut(no);
    if (why) return [{ text: `${code(no)} ${whyShut(why)}`, bad: true }];
  }
  return [];
}

/** How far the note stands off the pointer, pixels: it never covers the block. */
const OFF = 20;

/**
 * @param {HTMLElement} root the map's holder
 */
export function mountNote(root) {
  const box = element('div', { class: 'plan-note float', hidden: true, role: 'status' });
  root.append(box);
  return {
    /**
     * @param {Pixel} at
     * @param {Line[]} lines none: the note goes
     */
    show({ x, y }, lines) {
      box.hidden = lines.length === 0;
      if (box.hidden) return;
      fill(
        box,
        ...lines.map(({ text, bad, strong }) =>
          element('div', { class: `${bad ? 'bad' : ''} ${strong ? 'strong' : ''}` }, text),
        ),
      );
      const beside =
        x + OFF + box.offsetWidth > root.clientWidth ? x - OFF - box.offsetWidth : x + OFF;
      const left = Math.max(beside, 8);
      const top = Math.min(Math.max(y - OFF, 8), root.clientHeight - box.offsetHeight - 8);
      box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    },
    hide() {
      box.hidden = true;
    },
  };
}

/** @typedef {ReturnType<typeof mountNote>} Note */

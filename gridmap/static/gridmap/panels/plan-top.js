/** The head of the planner's page: undo and redo, how it is saved, where it goes from here. */

/** @import { Work } from './plan-work.js' */

import { element, fill, icon } from '../elements.js';
import { faultsOf } from '../plan-faults.js';
import { stamp, t, tn } from '../words.js';
import { bringUp } from './plan-work.js';

/**
 * @param {Work} work
 * @param {{acts: HTMLElement, edition: HTMLElement, saved: HTMLElement}} places
 * @param {{drafting: boolean, status: string, community: string, links: Record<string, string>}} plan
 */
export function mountTop(work, { acts, edition, saved }, { drafting, status, community, links }) {
  const { desk, draft } = work;
  const button = (
    /** @type {string} */ name,
    /** @type {string} */ word,
    /** @type {string} */ keys,
    /** @type {() => void} */ act,
  ) =>
    element(
      'button',
      { type: 'button', class: 'button', 'aria-keyshortcuts': keys, title: keys, onclick: act },
      icon(name, 'small'),
      element('span', {}, word),
    );
  const undo = button('undo', t('撤销'), 'Ctrl+Z', () => void turn(work, 'undo'));
  const redo = button('redo', t('重做'), 'Ctrl+Shift+Z', () => void turn(work, 'redo'));
  const faults = element('button', {
    type: 'button',
    class: 'faults',
    onclick: () => {
      desk.set({ tab: 'cells' }, { history: 'push' });
      bringUp(document.getElementById('checks'));
    },
  });
  const again = element(
    'button',
    { type: 'button', class: 'button small', onclick: () => void draft.again() },
    t('重试'),
  );
  const link = (
    /** @type {string} */ href,
    /** @type {string} */ word,
    /** @type {string} */ kind,
  ) => (href ? element('a', { class: `button ${kind}`, href }, word) : null);
  const narrow = matchMedia('(max-width: 719px)').matches;
  const impact = link(links.impact, narrow ? t('影响与提交') : t('查看影响并提交'), 'primary');
  const compare = link(links.compare, t('与现行对比'), 'compare');
  fill(acts, drafting && undo, drafting && redo, compare, faults, impact);

  const show = () => {
    const { undo: back, redo: forth } = draft.turns();
    undo.disabled = !back;
    redo.disabled = !forth;
    fill(edition, editionWord(drafting, status), t(' · 第 %(n)s 步', { n: draft.seq() }));
    const found = faultsOf(draft.partition, new Map(draft.cells()), work.band);
    const must = found.filter((fault) => fault.must).length;
    faults.hidden = must === 0;
    fill(faults, icon('alert', 'small'), tn('%(n)s 处必改，或写明例外', must));
    fill(saved, community, ' · ', ...savedWords(work, drafting, again));
    saved.className = `small ${CLASSES[draft.standing()] ?? 'quiet'}`;
  };
  desk.on(['edited', 'standing'], show);
  show();
}

/** @type {Record<string, string>} */
const CLASSES = { offline: 'bad', stopped: 'bad', waiting: 'bad' };

/**
 * @param {boolean} drafting
 * @param {string} status
 */
function editionWord(drafting, status) {
  /** @type {Record<string, string>} */
  const words = {
    draft: drafting ? t('草案') : t('草案 · 只读'),
    in_review: t('已送审 · 只读'),
    approved: t('已批准 · 只读'),
    published: t('已发布 · 只读'),
    dropped: t('已放弃 · 只读'),
  };
  return words[status] ?? status;
}

/**
 * @param {Work} work
 * @param {boolean} drafting
 * @param {Element} again
 * @returns {import('../elements.js').Child[]}
 */
function savedWords({ draft }, drafting, again) {
  if (!drafting) return [t('不能改动')];
  const n = draft.waiting();
  const kept = draft.safe() ? '' : t('浏览器存不下了，请先别关页面。');
  switch (draft.standing()) {
    case 'saved':
      return [t('已自动保存 %(time)s', { time: stamp(new Date()).slice(11) })];
    case 'saving':
      return [tn('正在保存，%(n)s 步', n), kept];
    case 'offline':
      return [
        icon('offline', 'small'),
        tn('离线 · %(n)s 步待传', n),
        kept || t('，已存在这台电脑里 '),
        again,
      ];
    case 'waiting':
      return [tn('服务器没有应答 · %(n)s 步待传', n), ' ', again];
    default:
      return [tn('草案不再收改动，%(n)s 步没有存上', n)];
  }
}

/**
 * @param {Work} work
 * @param {'undo' | 'redo'} way
 */
export async function turn({ draft, say }, way) {
  const done = await draft[way]();
  if (done === 'nothing')
    say(way === 'undo' ? t('没有可以撤销的步骤了') : t('没有可以重做的步骤了'));
  if (done === 'offline') say(t('现在连不上，更早的步骤要连上后才能撤销或重做。'));
}

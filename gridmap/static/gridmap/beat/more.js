/** Everything of the page that is not asked for at every corner. */

/** @import { Beat } from './state.js' */

import { csrf } from '../api.js';
import { element, icon } from '../elements.js';
import { day, language, t, tn } from '../words.js';
import { openSheet, wideButton } from './sheet.js';
import { noTracking } from './where.js';

const TICKS = 'gridmap-beat-ticks';

/** Ticks of today; they stay on this phone. @param {Beat} beat @returns {Set<number>} */
function ticks(beat) {
  try {
    const kept = JSON.parse(localStorage.getItem(TICKS) ?? '{}');
    if (kept.owner === beat.data.owner && kept.day === day(new Date())) return new Set(kept.done);
  } catch {
    // Written by an older page: begun anew.
  }
  return new Set();
}

/**
 * @param {Beat} beat
 * @param {(category: string | null) => void} report
 */
export function openChecklist(beat, report) {
  const done = ticks(beat);
  const keep = (/** @type {number} */ id, /** @type {boolean} */ on) => {
    if (on) done.add(id);
    else done.delete(id);
    const kept = { owner: beat.data.owner, day: day(new Date()), done: [...done] };
    localStorage.setItem(TICKS, JSON.stringify(kept));
  };
  const rows = beat.data.checklist.map(({ id, text, category }) =>
    element(
      'li',
      { class: 'row' },
      element(
        'label',
        { class: 'check' },
        element('input', {
          type: 'checkbox',
          checked: done.has(id),
          onchange: (/** @type {Event} */ event) =>
            keep(id, /** @type {HTMLInputElement} */ (event.target).checked),
        }),
        element('span', {}, text),
      ),
      element(
        'button',
        { class: 'button', type: 'button', onclick: () => report(category) },
        t('有问题'),
      ),
    ),
  );
  openSheet(t('沿路看什么'), [
    rows.length ? element('ul', { class: 'checks' }, ...rows) : element('p', {}, t('还没有清单。')),
    element('p', { class: 'small quiet' }, t('勾选只留在这台手机上，到明天清空，不上传、不考核。')),
  ]);
}

/** @param {string} text @param {string} action @param {Record<string, string>} values */
function form(text, action, values) {
  return element(
    'form',
    { method: 'post', action },
    ...Object.entries({ csrfmiddlewaretoken: csrf(), ...values }).map(([name, value]) =>
      element('input', { type: 'hidden', name, value }),
    ),
    element('button', { class: 'button wide', type: 'submit' }, text),
  );
}

/**
 * @param {Beat} beat
 * @param {{cases: () => void, checklist: () => void, where: () => void, leave: () => void,
 *   speak: (language: string) => void, map: string, pack: string | null}} doing
 */
export function openMore(beat, doing) {
  const { data } = beat;
  const other = language() === 'en' ? 'zh-hans' : 'en';
  const cells = data.cells.map((one) => `${one.community} ${one.name}`).join('、');
  openSheet(t('更多'), [
    wideButton(tn('未结事件 %(n)s 件', data.incidents.length), doing.cases, '', 'flag'),
    wideButton(t('沿路看什么'), doing.checklist, '', 'list'),
    wideButton(t('我在哪里、找谁'), doing.where, '', 'ladder'),
    doing.pack &&
      element(
        'a',
        { class: 'button wide', href: doing.pack },
        icon('down'),
        t('离线包和纸质表（不用登录的一个文件）'),
      ),
    element('a', { class: 'button wide', href: doing.map }, icon('map'), t('大地图')),
    element(
      'button',
      {
        class: 'button wide',
        type: 'button',
        lang: other === 'en' ? 'en' : 'zh-hans',
        onclick: () => doing.speak(other),
      },
      other === 'en' ? 'English' : '中文',
    ),
    element(
      'button',
      { class: 'button wide', type: 'button', onclick: doing.leave },
      icon('exit'),
      t('退出登录'),
    ),
    noTracking(),
    element(
      'p',
      { class: 'small quiet' },
      t('%(name)s · 巡区：%(cells)s', { name: data.name, cells }),
      data.city.approval ? ` · ${data.city.approval}` : '',
    ),
  ]);
}

export { form };

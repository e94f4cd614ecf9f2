/** The short cuts of coverage and chiefs: only what is overdue, only what is vacant. */

/** @import { Overlay, Store } from '../store.js' */

import { element, fill } from '../elements.js';
import { t } from '../words.js';

/** @returns {Partial<Record<Overlay, {word: string, classes: string[]}[]>>} */
function choices() {
  return {
    coverage: [
      { word: t('全部'), classes: [] },
      { word: t('今天到期'), classes: ['f4'] },
      { word: t('超过间隔'), classes: ['f5'] },
      { word: t('没有记录'), classes: ['f6'] },
    ],
    chiefs: [
      { word: t('全部'), classes: [] },
      { word: t('空缺'), classes: ['b3', 'n3', 's3'] },
      { word: t('代理'), classes: ['b1', 'n1', 's1'] },
      { word: t('30 天内到期'), classes: ['b2', 'n2', 's2'] },
      { word: t('管得太多'), classes: ['many'] },
    ],
  };
}

/** @param {Store} store */
export function focusStrip(store) {
  const group = element('div', { class: 'presets', role: 'group', 'aria-label': t('只看') });
  const holder = element('div', { class: 'float focus' }, element('b', {}, t('只看')), group);
  const show = () => {
    const { overlay, classes } = store.all();
    const offered = choices()[overlay];
    holder.hidden = !offered;
    fill(
      group,
      ...(offered ?? []).map((choice) =>
        element(
          'button',
          {
            type: 'button',
            'aria-pressed': String(choice.classes.join() === classes.join()),
            onclick: () => store.set({ classes: choice.classes }),
          },
          choice.word,
        ),
      ),
    );
  };
  store.on(['overlay', 'classes'], show);
  show();
  unfolding(group);
  return holder;
}

/**
 * On a phone only the choice that is on is seen; a tap on it shows the others, the next one folds.
 *
 * @param {HTMLElement} choices
 */
export function unfolding(choices) {
  choices.addEventListener('click', () => choices.classList.toggle('open'));
}

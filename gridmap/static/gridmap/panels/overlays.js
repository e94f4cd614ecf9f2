/** The switch of the four overlays: one question on the map at a time. Keys 1 to 4. */

/** @import { Overlay, Store } from '../store.js' */
/** @import { IconName } from '../elements.js' */

import { element, icon } from '../elements.js';
import { t } from '../words.js';
import { mapKey } from './map-keys.js';

/** @returns {{overlay: Overlay, word: string, icon: IconName}[]} */
function choices() {
  return [
    { overlay: 'incidents', word: t('事件'), icon: 'flag' },
    { overlay: 'coverage', word: t('巡查覆盖'), icon: 'walk' },
    { overlay: 'chiefs', word: t('三长'), icon: 'ladder' },
    { overlay: 'party', word: t('党组织'), icon: 'star' },
  ];
}

/**
 * @param {Store} store
 * @param {HTMLElement} more what stands behind the line: the layer menu
 */
export function overlaySwitch(store, more) {
  const radios = choices().map((choice, i) => {
    const radio = element(
      'button',
      {
        type: 'button',
        role: 'radio',
        title: `${choice.word} (${i + 1})`,
        onclick: () => choose(choice.overlay),
      },
      icon(choice.icon, 'small'),
      element('span', {}, choice.word),
    );
    radio.dataset.overlay = choice.overlay;
    return radio;
  });
  const choose = (/** @type {Overlay} */ overlay) =>
    store.set({ overlay, classes: [] }, { history: 'push' });
  const show = () => {
    for (const radio of radios) {
      const on = radio.dataset.overlay === store.get('overlay');
      radio.setAttribute('aria-checked', String(on));
      radio.tabIndex = on ? 0 : -1;
    }
  };
  const walk = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = radios.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    if (!step || at < 0) return;
    event.preventDefault();
    const next = radios[(at + step + radios.length) % radios.length];
    next.click();
    next.focus();
  };
  choices().forEach(({ overlay }, i) => {
    mapKey(String(i + 1), () => choose(overlay));
  });
  store.on('overlay', show);
  show();
  return element(
    'div',
    { class: 'float switch' },
    element(
      'div',
      { role: 'radiogroup', 'aria-label': t('图上看什么'), onkeydown: walk },
      ...radios,
    ),
    element('i', { class: 'rule' }),
    more,
  );
}

/** Bright for the sun, dark for the evening; the phone remembers. */

import { t } from '../words.js';

const KEPT = 'gridmap-beat-theme';
const THEMES = /** @type {const} */ (['sunlight', 'night']);

function kept() {
  return localStorage.getItem(KEPT) === 'night' ? 'night' : 'sunlight';
}

/** What the switch shows: the theme that is on. */
export function theme() {
  document.documentElement.dataset.theme = kept();
  return kept() === 'night'
    ? { word: t('夜间'), drawing: 'moon' }
    : { word: t('阳光'), drawing: 'sun' };
}

export function nextTheme() {
  localStorage.setItem(KEPT, THEMES[(THEMES.indexOf(kept()) + 1) % THEMES.length]);
  theme();
}

/** Tab walks the signs in view, the most urgent first; Enter opens the one it stands on. */

/** @import { TownMap } from '../map.js' */
/** @import { State, Store } from '../store.js' */

import { LIGHTS } from '../classes.js';
import { inScope } from '../counts.js';
import { holds } from '../geo.js';
import { t } from '../words.js';
import { lightName } from './rows.js';

/** From this zoom on signs stand on the map one by one (ui.md 6). */
const SIGNS_FROM = 16;

/**
 * @typedef {{lng: number, lat: number, word: string, open: Partial<State>}} Stop
 */

/**
 * The signs in view in the order in which they are walked.
 *
 * @param {Readonly<State>} state
 * @returns {Stop[]}
 */
export function stops(state) {
  const { overlay, view, box, cells } = state;
  if (!box || !view || view.zoom < SIGNS_FROM) return [];
  const shown = (/** @type {{cell: number | null, lng: number, lat: number}} */ sign) => {
    const home = sign.cell === null ? undefined : cells.get(sign.cell);
    const everywhere = state.community === null && state.subdistrict === null;
    return holds(box, sign) && (home ? inScope(home, state) : everywhere);
  };
  const card = /** @type {const} */ ({ building: null, panel: 'card' });
  if (overlay === 'incidents') {
    const last = '9999';
    return [...state.incidents.values()]
      .filter(shown)
      .filter(({ light }) => state.light === null || light === state.light)
      .sort(
        (a, b) =>
          LIGHTS.indexOf(a.light) - LIGHTS.indexOf(b.light) ||
          (a.due ?? last).localeCompare(b.due ?? last) ||
          a.id - b.id,
      )
      .map(({ id, cell, lng, lat, light, title }) => ({
        lng,
        lat,
        word: [lightName(light), title].filter(Boolean).join(t('，')),
        open: { ...card, incident: id, cell },
      }));
  }
  if (overlay !== 'party') return [];
  return state.units
    .filter(shown)
    .sort((a, b) => b.lat - a.lat)
    .map(({ cell, lng, lat, name }) => ({ lng, lat, word: name, open: { ...card, cell } }));
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {HTMLElement | null} aloud says where the walk stands
 */
export function walkSigns(map, store, aloud) {
  /** @type {Stop | null} */
  let here = null;
  let at = -1;
  const stand = (/** @type {Stop | null} */ stop, /** @type {number} */ place) => {
    here = stop;
    at = place;
    store.set({ walked: stop && { lng: stop.lng, lat: stop.lat } }, { history: null });
  };
  const step = (/** @type {KeyboardEvent} */ event) => {
    const all = stops(store.all());
    const next = at + (event.shiftKey ? -1 : 1);
    const stop = all[next];
    // Past either end the key does what it does everywhere: it leaves the map.
    if (!stop) return stand(null, -1);
    event.preventDefault();
    stand(stop, next);
    if (aloud) {
      const place = { n: next + 1, all: all.length, what: stop.word };
      aloud.textContent = t('第 %(n)s 处，共 %(all)s 处：%(what)s', place);
    }
    return undefined;
  };
  map.canvas.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') step(event);
    else if (event.key === 'Enter' && here) {
      event.preventDefault();
      store.set({ ...here.open, picked: [] }, { history: 'push' });
    }
  });
  map.canvas.addEventListener('blur', () => stand(null, -1));
  map.on('movestart', () => stand(null, -1));
}

/** The moment the whole page is of: now while changes arrive, or a day of the past that is chosen. */

/** @import { Store } from '../store.js' */

import { daysBefore } from '../days.js';
import { element, fill, icon } from '../elements.js';
import { asofWords, day, stamp, t } from '../words.js';
import { mountMenu } from './menu.js';

const MINUTE = 60_000;

/**
 * The button that says the moment, and the menu that chooses it.
 *
 * @param {Store} store
 * @param {HTMLElement} bar turns pale amber while the past is shown
 */
export function asOfControl(store, bar) {
  const told = element('time', { role: 'status' });
  const button = element('button', { class: 'asof number', type: 'button' }, told);
  button.title = t('选一个时刻，看那时的网格');
  const back = element('button', { class: 'button small', type: 'button' }, t('回到现在'));
  back.addEventListener('click', () => choose(store, null));
  const holder = element('div', { class: 'moment' }, button, back);
  mountMenu(holder, button, (close) => entries(store, close), t('选择时刻'), 'right');
  let heard = new Date();
  const tell = () => {
    const asof = store.get('asof');
    const live = navigator.onLine ? store.get('live') : 'offline';
    if (live === 'live') heard = new Date();
    const short = { time: stamp(heard).slice(11) };
    const state = asof === null ? live : 'past';
    button.className = `asof number ${state}`;
    bar.classList.toggle('past', asof !== null);
    back.hidden = asof === null;
    told.dateTime = asof ?? heard.toISOString();
    const words = {
      live: () => t('截至 %(time)s', { time: stamp(heard) }),
      stale: () => t('数据停在 %(time)s，正在重连', short),
      offline: () => t('离线 · 数据停在 %(time)s', short),
      past: () => t('正在看 %(when)s 的网格', { when: asofWords(asof ?? '') }),
    };
    fill(told, words[state]());
  };
  store.on(['live', 'asof'], tell);
  for (const event of ['online', 'offline']) window.addEventListener(event, tell);
  setInterval(tell, MINUTE);
  tell();
  return holder;
}

/**
 * @param {Store} store
 * @param {string | null} asof
 */
function choose(store, asof) {
  store.set({ asof, since: null, until: null }, { history: 'push' });
}

/**
 * @param {Store} store
 * @param {() => void} close
 */
function entries(store, close) {
  const asof = store.get('asof');
  const today = day(new Date());
  const near = [
    [t('昨天'), 1],
    [t('7 天前'), 7],
    [t('30 天前'), 30],
    [t('一年前'), 365],
  ].map(([word, days]) => {
    const date = daysBefore(today, Number(days));
    return {
      word: String(word),
      note: date,
      on: asof === date,
      act: () => choose(store, date),
    };
  });
  return [
    { word: t('现在'), on: asof === null, act: () => choose(store, null) },
    { heading: t('那天 00:00 的网格') },
    ...near,
    form(store, { asof, today, close }),
  ];
}

/**
 * A day and an hour of one's own choice.
 *
 * @param {Store} store
 * @param {{asof: string | null, today: string, close: () => void}} shown
 */
function form(store, { asof, today, close }) {
  const [shown, hour = '00:00'] = (asof ?? daysBefore(today, 1)).split('T');
  const date = element('input', { type: 'date', value: shown, max: today, required: true });
  const time = element('input', { type: 'time', value: hour, required: true });
  const wrong = element('p', { class: 'trouble small', role: 'alert', hidden: true });
  const made = element(
    'form',
    { class: 'choose-moment' },
    element('label', {}, element('span', {}, t('日期')), date),
    element('label', {}, element('span', {}, t('时刻')), time),
    element('button', { class: 'look' }, icon('clock', 'small'), t('看这一刻')),
    wrong,
  );
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = time.value === '00:00' ? date.value : `${date.value}T${time.value}`;
    if (wanted.replace('T', ' ') > stamp(new Date())) {
      wrong.textContent = t('这一刻还没有到。请选已经过去的时刻。');
      wrong.hidden = false;
      return;
    }
    close();
    choose(store, wanted);
  });
  return made;
}

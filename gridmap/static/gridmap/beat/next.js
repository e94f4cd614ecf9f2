/** The list under the map: the next three stretches, with one button each. */

/** @import { Beat } from './state.js' */

import { element, fill } from '../elements.js';
import { t, tn } from '../words.js';
import { openSheet } from './sheet.js';
import { far, standing, stretchName, stretchPart } from './words.js';

const SHOWN = 3;

/**
 * @param {{root: HTMLElement, beat: Beat, walked: (kind: 'stretch', id: number) => void,
 *   look: (id: number) => void}} parts
 */
export function mountNext({ root, beat, walked, look }) {
  let whole = false;
  const all = () => {
    whole = !whole;
    show();
  };
  const show = () => {
    const route = beat.route();
    const legs = route.legs.slice(0, whole ? undefined : SHOWN);
    const more = route.legs.length - SHOWN;
    const focused = document.activeElement?.getAttribute('data-walk');
    const head = element(
      'div',
      { class: 'next-head' },
      element('h2', {}, legs.length ? tn('接下来 %(n)s 段', legs.length) : t('接下来')),
      legs.length > 0 &&
        element('span', { class: 'number' }, tn('约 %(n)s 分钟', minutes(route, legs.length))),
      element('span', { class: 'push' }),
      legs.length > 0 &&
        element('button', { class: 'link', type: 'button', onclick: () => why(beat) }, t('为什么')),
      legs.length > 0 &&
        element(
          'button',
          { class: 'link strong', type: 'button', onclick: () => beat.another() },
          t('换一条路线'),
        ),
    );
    const rows = legs.map(({ stretch }, i) => row(beat, stretch.id, i + 1, walked, look));
    const none = element(
      'p',
      { class: 'none' },
      t('今天没有到期的巷段。也可以点地图上任意一段，记下走过了。'),
    );
    const rest =
      more > 0 &&
      element(
        'button',
        { class: 'link more', type: 'button', 'aria-expanded': whole, onclick: all },
        whole ? t('只看前 3 段') : tn('半小时内还走得到 %(n)s 段', more),
      );
    fill(root, head, legs.length ? element('ol', { class: 'next' }, ...rows) : none, rest);
    // A tap changes the list: who goes by keyboard stays in it.
    if (focused) /** @type {HTMLElement | null} */ (root.querySelector('[data-walk]'))?.focus();
  };
  beat.addEventListener('change', show);
  show();
}

/** @param {import('./route.js').Route} route @param {number} n */
function minutes(route, n) {
  const last = route.legs[n - 1];
  const whole = route.metres || 1;
  return Math.max(1, Math.round((route.minutes * last.walked) / whole));
}

/**
 * @param {Beat} beat
 * @param {number} id
 * @param {number} place in the list and on the map
 * @param {(kind: 'stretch', id: number) => void} walked
 * @param {(id: number) => void} look
 */
function row(beat, id, place, walked, look) {
  const stretch = beat.stretches().find((one) => one.id === id);
  if (!stretch) return element('li', {});
  const { strong, rest, tone } = standing(stretch);
  return element(
    'li',
    {},
    element('span', { class: 'stop', 'aria-hidden': 'true' }, place),
    element(
      'button',
      { class: 'about', type: 'button', onclick: () => look(id) },
      element(
        'span',
        { class: 'where' },
        element('b', {}, stretchName(stretch)),
        ' ',
        element('span', {}, stretchPart(stretch)),
      ),
      element(
        'span',
        { class: 'stand' },
        element('b', { class: tone }, strong),
        rest,
        ' · ',
        far(stretch.metres),
      ),
    ),
    element(
      'button',
      {
        class: 'button walk',
        type: 'button',
        'data-walk': id,
        'aria-label': t('%(name)s 走过了', { name: stretchName(stretch) }),
        onclick: () => walked('stretch', id),
      },
      t('走过了'),
    ),
  );
}

/** Say how the walk came about. @param {Beat} beat */
function why(beat) {
  const { legs, metres, minutes: all } = beat.route();
  const from = beat.place ? t('从您现在的地方出发') : t('从最该走的一段出发');
  openSheet(t('为什么是这几段'), [
    element(
      'p',
      {},
      t(
        '%(from)s，沿巷子 30 分钟走得到的巷段里，先走超过间隔最久、绕路最少的。全程 %(far)s，约 %(n)s 分钟。',
        { from, far: far(metres), n: all },
      ),
    ),
    element(
      'ol',
      { class: 'reasons' },
      ...legs.map(({ stretch, way, walked }) => {
        const full = beat.stretches().find((one) => one.id === stretch.id);
        const { strong, rest } = standing(stretch);
        return element(
          'li',
          {},
          element('b', {}, full ? stretchName(full) : ''),
          ` ${strong}${rest}`,
          element(
            'div',
            { class: 'small quiet' },
            t('走过去 %(way)s，这段 %(long)s，走完共 %(sum)s', {
              way: far(way),
              long: far(stretch.metres),
              sum: far(walked),
            }),
          ),
        );
      }),
    ),
    element(
      'p',
      { class: 'small quiet' },
      t('时间按边走边看、每分钟 55 米估算。量的是巷子多久没人走，不记谁走了多少。'),
    ),
  ]);
}

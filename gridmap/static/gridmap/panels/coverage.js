/** Volunteer coverage of a cell: how many stretches were seen in time, where to go next. Places only. */

/** @import { Store } from '../store.js' */
/** @import { Coverage, Stretch, Team } from './card.js' */

import { inTime, total } from '../classes.js';
import { element, icon } from '../elements.js';
import { number, percent, t, tn, when } from '../words.js';
import { freshnessBar, section } from './rows.js';

const OVER = 5;
const NEVER = 6;

/** @param {Stretch} stretch */
function stretchName({ name, start, end, side }) {
  const sides = { left: t('左侧'), right: t('右侧'), both: '' };
  const span = start && end ? t('%(start)s至%(end)s', { start, end }) : start || end;
  const named = name || t('没有名字的巷段');
  return [named, span, sides[/** @type {keyof typeof sides} */ (side)]].filter(Boolean).join(' · ');
}

/**
 * How long ago a place was seen, and how often it is wanted.
 *
 * @param {{class: number, days: number | null, interval_days: number}} place
 */
export function seenWords({ class: fresh, days, interval_days: interval }) {
  const wanted = tn('要求每 %(n)s 天', interval);
  if (fresh === NEVER || days === null) return t('没有记录，%(wanted)s', { wanted });
  if (fresh === OVER) return `${tn('%(n)s 天没走', days)}${t('，')}${wanted}`;
  if (days === 0) return t('今天走过，%(wanted)s', { wanted });
  return `${tn('%(n)s 天前走过', days)}${t('，')}${wanted}`;
}

/**
 * @param {Store} store
 * @param {Stretch} stretch
 */
export function stretchItem(store, stretch) {
  const go = () => store.act('fly', { lng: stretch.lng, lat: stretch.lat, zoom: 18 });
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'item' },
      element('i', { class: `strip fresh-${stretch.class}`, 'aria-hidden': 'true' }),
      element(
        'span',
        { class: 'text' },
        element('span', { class: 'title' }, stretchName(stretch)),
        element('span', { class: 'under' }, seenWords(stretch)),
      ),
      element(
        'button',
        { class: 'button small', type: 'button', onclick: go },
        icon('frame', 'small'),
        t('定位'),
      ),
    ),
  );
}

/** @param {number[]} classes */
function late(classes) {
  return (classes[OVER] ?? 0) + (classes[NEVER] ?? 0);
}

/**
 * @param {Coverage} coverage
 * @param {() => void} all
 */
export function coverageInShort(coverage, all) {
  const { stretch_classes: classes, on_time: seen, total: sum } = coverage;
  if (sum === 0) {
    return section(
      t('巡查覆盖'),
      null,
      null,
      element('p', { class: 'small quiet' }, t('这里没有要巡的巷段。')),
    );
  }
  const over = classes[OVER] ?? 0;
  const words = [
    over > 0 && tn('%(n)s 段超过间隔', over),
    classes[NEVER] > 0 && tn('%(n)s 段没有记录', classes[NEVER]),
  ];
  return section(
    t('巡查覆盖'),
    percent(seen, sum),
    { label: t('全部 %(n)s 段', { n: number(sum) }), act: all },
    freshnessBar(classes),
    element(
      'div',
      { class: 'spread' },
      element('span', {}, t('按要求巡到 %(share)s 巷段', { share: percent(seen, sum) })),
      element('span', {}, words.filter(Boolean).join(' · ') || t('都在间隔内')),
    ),
  );
}

/** @param {Team[]} teams */
function teamLine(teams) {
  if (teams.length === 0) return t('这个网格还没有志愿队伍。');
  return teams
    .map(({ name, members, last_visit: last }) =>
      [
        name,
        tn('志愿者 %(n)s 人', members),
        last ? t('上次 %(time)s', { time: when(last) }) : t('还没来过'),
      ].join(' · '),
    )
    .join('\n');
}

/** @param {Coverage} coverage */
function week({ week: days }) {
  if (days.length === 0) return null;
  const most = Math.max(1, ...days.map((d) => d.stretches));
  const names = [t('日'), t('一'), t('二'), t('三'), t('四'), t('五'), t('六')];
  const columns = days.map(({ day, stretches }, index) => {
    const last = index === days.length - 1;
    const column = element('i', { class: last ? 'today' : null });
    column.style.height = `${Math.max(2, Math.round((40 * stretches) / most))}px`;
    const name = names[new Date(`${day}T00:00:00Z`).getUTCDay()];
    return element('li', { title: day }, number(stretches), column, name);
  });
  return section(
    t('近 7 天走过的巷段'),
    null,
    null,
    element('ol', { class: 'weekdays number' }, ...columns),
  );
}

/** @param {Coverage} coverage */
function sources({ sources: counted }) {
  const names = {
    qr: t('扫门牌'),
    tap: t('手机点“走过了”'),
    paper: t('纸质巡查单补录'),
    track: t('轨迹'),
  };
  const parts = Object.entries(names).flatMap(([key, name]) =>
    counted[key]
      ? [`${name} `, element('b', { class: 'strong number' }, number(counted[key])), ' · ']
      : [],
  );
  const text = parts.length > 0 ? parts.slice(0, -1) : [t('近 7 天没有记录。')];
  return section(
    t('记录来源'),
    t('近 7 天'),
    null,
    element('p', { class: 'small quiet' }, ...text),
    element('p', { class: 'small quiet' }, t('没有发现问题也算一次。只看巷，不看人。')),
  );
}

/**
 * The share of the community's stretches seen in time, from the values the map has.
 *
 * @param {Store} store
 * @param {number} community
 */
function average(store, community) {
  const cells = [...store.get('cells').values()].filter((cell) => cell.community === community);
  const { seen, all } = inTime(total(cells.flatMap(({ values }) => (values ? [values] : []))));
  return all > 0 && t('社区平均 %(share)s', { share: percent(seen, all) });
}

/**
 * @param {Store} store
 * @param {{community: {id: number}, coverage: Coverage}} card
 * @param {() => void} all
 */
export function coverageInFull(store, { community, coverage }, all) {
  const { stretch_classes: classes, on_time: seen, total: sum, worst, teams } = coverage;
  const share = element(
    'section',
    { class: 'section' },
    element(
      'p',
      { class: 'big' },
      element('b', {}, percent(seen, sum)),
      element('span', {}, t('巷段在要求间隔内走过')),
    ),
    freshnessBar(classes, 'tall'),
    element(
      'div',
      { class: 'spread' },
      element('span', {}, t('%(seen)s / %(total)s 段', { seen: number(seen), total: number(sum) })),
      element('span', {}, average(store, community.id)),
    ),
    element('p', { class: 'small quiet lines' }, teamLine(teams)),
  );
  const next = section(
    t('最该去的'),
    late(classes) > 0 ? t('按超过间隔的天数') : null,
    sum > 0 ? { label: t('全部'), act: all } : null,
    worst.length > 0
      ? element('ul', { class: 'items' }, ...worst.map((stretch) => stretchItem(store, stretch)))
      : element('p', { class: 'small quiet' }, t('都在间隔内，暂时不用加班巡。')),
  );
  return [share, next, week(coverage), sources(coverage)].filter((part) => part !== null);
}

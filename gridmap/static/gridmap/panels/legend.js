/** The legend: every class with its sign and its count in view and in scope; a click keeps one class. */

/** @import { Store } from '../store.js' */
/** @import { TownMap } from '../map.js' */
/** @import { Child } from '../elements.js' */

import { may } from '../boot.js';
import {
  CELL_STEPS,
  COMMUNITY_STEPS,
  COUNTED_BY_COMMUNITY,
  ENTRANCES_FROM,
  shade,
  shadeNames,
} from '../classes.js';
import { byCommunity, counted, figures, openWithin } from '../counts.js';
import { element, fill, icon, sign } from '../elements.js';
import { holds } from '../geo.js';
import { number, t, tn } from '../words.js';
import { mapKey } from './map-keys.js';
import { buildingSample, doorSample, lineSample, partySample } from './samples.js';

/** @typedef {{name: string, sample: Element, word: string, count: string}} Row */

/**
 * @param {TownMap} map
 * @param {Store} store
 */
export function legend(map, store) {
  const body = element('div', { class: 'body' });
  const holder = element('section', { class: 'float legend', 'aria-label': t('图例') }, body);
  const narrow = matchMedia('(max-width: 719px)');
  let folded = narrow.matches;

  const keep = (/** @type {string} */ name) => {
    const classes = store.get('classes');
    const next = classes.includes(name) ? [] : [name];
    store.set({ classes: next });
  };
  const list = (/** @type {Row[]} */ rows) =>
    element('ul', {}, ...rows.map((row) => element('li', {}, classButton(row, store, keep))));
  const fold = () => {
    folded = !folded;
    show();
  };
  const heading = (/** @type {string} */ word, /** @type {string} */ count, top = false) =>
    element(
      'h2',
      {},
      word,
      element('span', { class: 'push number' }, count),
      top &&
        element(
          'button',
          {
            type: 'button',
            class: 'fold',
            'aria-expanded': String(!folded),
            'aria-label': folded ? t('打开图例') : t('收起图例'),
            onclick: fold,
          },
          icon('down', 'small'),
        ),
    );
  const parts = { incidents, coverage, chiefs, party };
  const show = () => {
    holder.classList.toggle('folded', folded);
    const tools = { map, store, heading, list, keep };
    fill(body, ...parts[store.get('overlay')](tools), ...duties(tools));
  };
  const soon = onceAFrame(show);
  map.on('moveend', soon);
  store.on(
    [
      'cells',
      'overlay',
      'classes',
      'community',
      'subdistrict',
      'units',
      'standings',
      'category',
      'unknown',
      'duty',
      'rulings',
      'borders',
    ],
    soon,
  );
  mapKey('[', fold);
  show();
  return holder;
}

/**
 * @typedef {{
 *   map: TownMap,
 *   store: Store,
 *   heading: (word: string, count: string, top?: boolean) => Element,
 *   list: (rows: Row[]) => Element,
 *   keep: (name: string) => void,
 * }} Tools
 */

const unseen = () => element('p', { class: 'small quiet' }, t('您的岗位不看单个事件。'));

/**
 * @param {Tools} tools
 * @returns {Child[]}
 */
function incidents({ map, store, heading, list, keep }) {
  const cells = counted(store.all(), map.box());
  const { lights, open } = figures(cells);
  // Whoever sees no incidents, and no published sums either, is not told that there are none.
  const blind = !may('incidents') && store.get('published') === null;
  const unknown = blind ? ['incidents'] : store.get('unknown');
  const words = {
    ok: t('正常（未到时限 80%）'),
    soon: t('临期（80%–100%）'),
    late: t('超期'),
    parked: t('挂账（暂停计时）'),
  };
  const rows = /** @type {(keyof typeof words)[]} */ (Object.keys(words)).map((light) => ({
    name: light,
    sample: sign(light),
    word: words[light],
    count: unknown.includes('incidents') ? '—' : number(lights[light]),
  }));
  return [
    heading(t('未结事件'), unknown.includes('incidents') ? '—' : tn('%(n)s 件', open), true),
    element('div', { class: 'signs' }, list(rows)),
    ...(blind
      ? [unseen()]
      : unknown.includes('incidents')
        ? [notKept()]
        : rampOf(map, store, heading, keep)),
  ];
}

/**
 * The line that explains the hatch.
 *
 * @param {string} count
 */
function untoldKey(count) {
  return element(
    'p',
    { class: 'untold-key small' },
    element('i', { class: 'untold' }),
    element('span', {}, t('数太小，不显示')),
    element('span', { class: 'quiet number' }, count),
  );
}

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {Tools['heading']} heading
 * @param {Tools['keep']} keep
 * @returns {Child[]}
 */
function rampOf(map, store, heading, keep) {
  const far = map.view().zoom < COUNTED_BY_COMMUNITY;
  const cells = counted(store.all(), map.box());
  const steps = far ? COMMUNITY_STEPS : CELL_STEPS;
  const opens = far
    ? [...byCommunity(cells)].map(([id, group]) =>
        openWithin(store.get('published'), `community ${id}`, group),
      )
    : cells.map((cell) => cell.values?.open ?? 0);
  const untold = opens.filter(Number.isNaN).length;
  const counts = steps.map((_, i) => opens.filter((open) => shade(open ?? 0, steps) === i).length);
  const names = shadeNames(steps);
  const chosen = store.get('classes');
  const swatches = steps.map((_, i) =>
    element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          class: `shade s${i}`,
          'aria-pressed': String(chosen.includes(`r${i}`)),
          onclick: () => keep(`r${i}`),
        },
        element('i'),
        element('span', {}, names[i]),
        element('span', {}, far ? tn('%(n)s 个', counts[i]) : tn('%(n)s 格', counts[i])),
      ),
    ),
  );
  return [
    heading(far ? t('每社区未结件数') : t('每格未结件数'), ''),
    element('ul', { class: 'ramp' }, ...swatches),
    untold > 0 && untoldKey(far ? tn('%(n)s 个', untold) : tn('%(n)s 格', untold)),
  ];
}

/**
 * @param {Tools} tools
 * @returns {Child[]}
 */
function coverage({ map, store, heading, list }) {
  if (store.get('unknown').includes('coverage')) {
    return [heading(t('距上次走过'), '—', true), notKept()];
  }
  const { stretches, entrances } = figures(counted(store.all(), map.box()));
  const near = map.view().zoom >= ENTRANCES_FROM;
  const words = [
    t('今天走过'),
    t('1–2 天前'),
    t('3–4 天前'),
    t('更早，仍在间隔内'),
    t('今天到期'),
    t('超过间隔'),
    t('没有记录'),
  ];
  const rows = words.map((word, i) => ({
    name: `f${i}`,
    sample: element('span', { class: 'pair' }, lineSample(`seen f${i}`), near && doorSample(i)),
    word,
    count: tn('%(n)s 段', stretches[i]),
  }));
  const all = stretches.reduce((sum, n) => sum + n, 0);
  const doors = entrances.reduce((sum, n) => sum + n, 0);
  return [
    heading(t('距上次走过'), tn('%(n)s 段', all), true),
    list(rows),
    heading(t('楼栋入口'), tn('%(n)s 处', doors)),
    freshBar(entrances, words),
    element(
      'p',
      { class: 'remark' },
      t('颜色越浅越久没走。间隔按每条巷单独设定。只看巷，不看人。'),
    ),
  ];
}

/**
 * Entrances by class as one bar: they are too many for lines of their own.
 *
 * @param {number[]} counts
 * @param {string[]} words
 */
function freshBar(counts, words) {
  const said = counts.map((n, i) => `${words[i]} ${number(n)}`).join(', ');
  const parts = counts.map((n, i) => {
    const part = element('i', { class: `part f${i}`, title: `${words[i]} ${number(n)}` });
    part.style.flexGrow = String(n);
    return part;
  });
  return element('div', { class: 'doors', role: 'img', 'aria-label': said }, ...parts);
}

/**
 * @param {Tools} tools
 * @returns {Child[]}
 */
function chiefs({ map, store, heading, list }) {
  if (store.get('unknown').includes('chiefs')) return [heading(t('楼长'), '—', true), notKept()];
  const { offices } = figures(counted(store.all(), map.box()));
  const words = [t('在岗'), t('代理'), t('30 天内到期'), t('空缺')];
  const part = (
    /** @type {'building' | 'lane' | 'street'} */ rung,
    /** @type {string} */ letter,
    /** @type {string} */ title,
    /** @type {(n: number) => string} */ count,
  ) => {
    const all = offices[rung].reduce((sum, n) => sum + n, 0);
    const rows = words.map((word, i) => ({
      name: `${letter}${i}`,
      sample: rung === 'building' ? buildingSample(i) : lineSample(`post ${rung} k${i}`),
      word,
      count: number(offices[rung][i]),
    }));
    return [heading(title, count(all), rung === 'building'), list(rows)];
  };
  return [
    ...part('building', 'b', t('楼长'), (n) => tn('%(n)s 栋', n)),
    ...part('lane', 'n', t('巷长'), (n) => tn('%(n)s 段', n)),
    ...part('street', 's', t('街长'), (n) => tn('%(n)s 段', n)),
  ];
}

/**
 * @param {Tools} tools
 * @returns {Child[]}
 */
function party({ map, store, heading, list }) {
  const box = map.box();
  const inScope = new Set(counted(store.all(), null).map((cell) => cell.id));
  const everywhere = store.get('community') === null && store.get('subdistrict') === null;
  const units = store
    .get('units')
    .filter((unit) => holds(box, unit))
    .filter(({ cell }) => everywhere || (cell !== null && inScope.has(cell)));
  const words = {
    organ: t('机关'),
    enterprise: t('企业'),
    chamber: t('商会'),
    tower: t('楼宇'),
    school: t('学校'),
    hospital: t('医院'),
    society: t('社会组织'),
  };
  const rows = Object.entries(words).map(([kind, word]) => ({
    name: `p_${kind}`,
    sample: partySample(kind),
    word,
    count: number(units.filter((unit) => unit.kind === kind).length),
  }));
  const today =
    store.get('asof') !== null &&
    element('p', { class: 'remark' }, t('党组织单位没有记历史，这里是今天的。'));
  return [heading(t('大党委成员单位'), tn('%(n)s 家', units.length), true), list(rows), today];
}

/**
 * Whose ground it is, where that layer is switched on.
 *
 * @param {Tools} tools
 * @returns {Child[]}
 */
function duties({ store, heading }) {
  const { duty, rulings, borders } = store.all();
  if (duty === null) return [];
  const nobodys = borders.filter(({ properties }) => properties?.nobody).length;
  const line = (/** @type {string} */ look, /** @type {string} */ word, /** @type {number} */ n) =>
    element(
      'p',
      { class: 'untold-key small' },
      lineSample(look),
      element('span', {}, word),
      element('span', { class: 'quiet number' }, number(n)),
    );
  return [
    heading(t('确权与责任边界'), ''),
    line('duty ruled', t('已确权'), rulings.length),
    line('duty open', t('责任边界，还没有确权'), borders.length - nobodys),
    line('duty nobody', t('没有部门负责'), nobodys),
  ];
}

/**
 * @param {Row} row
 * @param {Store} store
 * @param {(name: string) => void} keep
 */
function classButton({ name, sample, word, count }, store, keep) {
  const chosen = store.get('classes');
  return element(
    'button',
    {
      type: 'button',
      class: chosen.length > 0 && !chosen.includes(name) ? 'faded' : null,
      'data-none': count === '0',
      'aria-pressed': String(chosen.includes(name)),
      onclick: () => keep(name),
    },
    sample,
    element('span', {}, word),
    element('span', { class: 'push number' }, count),
  );
}

/** Said instead of classes where no record reaches the moment shown. */
function notKept() {
  return element('p', { class: 'remark' }, t('那时还没有记录。'));
}

/** @param {() => void} task */
function onceAFrame(task) {
  let planned = false;
  return () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      task();
    });
  };
}

/** Chiefs of a cell and the ladder of a building: who answers here now, rung by rung. */

/** @import { Store } from '../store.js' */
/** @import { Chiefs, Holder, Office, Post, Rung } from './card.js' */

import { may } from '../boot.js';
import { element } from '../elements.js';
import { day, number, t, tn } from '../words.js';
import { historyLink } from './history-link.js';
import { head, rungName, section, shares, standingName, standingTone } from './rows.js';

const RUNGS = /** @type {const} */ (['street', 'lane', 'building']);
const STANDINGS = /** @type {const} */ (['filled', 'substitute', 'expiring', 'vacant']);

/** @typedef {{rung: string, office: string, id: number, name: string, standing: string,
 *   holders: Holder[], vacant_since: string | null, stand_in: string | null}} Step */

/** @param {Omit<Rung, 'objects'>} rung */
function held({ filled, substitute, expiring }) {
  return filled + substitute + expiring;
}

/**
 * @param {string} standing
 * @param {string} [text]
 */
function badge(standing, text = standingName(standing)) {
  return element('span', { class: `badge number ${standingTone(standing)}` }, text);
}

/** @param {Rung} rung */
function counts(rung) {
  const some = STANDINGS.slice(1).filter((standing) => rung[standing] > 0);
  if (some.length === 0) return [badge('filled')];
  return some
    .reverse()
    .slice(0, 2)
    .map((s) => badge(s, `${standingName(s)} ${number(rung[s])}`));
}

/**
 * @param {Rung} rung
 * @param {'street' | 'lane' | 'building'} kind
 */
function inWords(rung, kind) {
  const only = rung.total === 1 ? rung.objects[0] : undefined;
  if (only) {
    const holder = only.holders[0];
    return holder ? `${holder.name} · ${only.name}` : only.name;
  }
  const words = {
    street: tn('%(n)s 条街', rung.total),
    lane: tn('%(n)s 条巷', rung.total),
    building: tn('%(n)s 栋', rung.total),
  };
  return t('%(what)s，%(held)s 位在岗', { what: words[kind], held: number(held(rung)) });
}

/** @param {Office[]} offices */
function workerLine(offices) {
  const people = offices.map(({ office, name }) => `${rungName(office)} ${name}`);
  return people.length > 0 && element('p', { class: 'small quiet' }, people.join(' · '));
}

/** @param {Chiefs} chiefs */
function allHeld(chiefs) {
  const rungs = RUNGS.map((kind) => chiefs[`${kind}s`]);
  const sum = (/** @type {(r: Rung) => number} */ of) => rungs.reduce((n, rung) => n + of(rung), 0);
  return `${number(sum(held))} / ${number(sum((r) => r.total))} ${t('在岗')}`;
}

/**
 * @param {Chiefs} chiefs
 * @param {() => void} all
 */
export function chiefsInShort(chiefs, all) {
  const rows = RUNGS.filter((kind) => chiefs[`${kind}s`].total > 0).flatMap((kind) => [
    element('dt', {}, rungName(kind)),
    element(
      'dd',
      {},
      element('span', { class: 'held' }, inWords(chiefs[`${kind}s`], kind)),
      element('span', { class: 'badges' }, ...counts(chiefs[`${kind}s`])),
    ),
  ]);
  return section(
    t('三长'),
    allHeld(chiefs),
    { label: t('名册'), act: all },
    rows.length > 0
      ? element('dl', { class: 'rungs' }, ...rows)
      : element('p', { class: 'small quiet' }, t('这里没有街、巷和楼栋。')),
    workerLine(chiefs.cell),
  );
}

/** @param {Post} post */
function postTime({ standing, holders, vacant_since: since }) {
  if (standing === 'vacant')
    return since ? t('空缺自 %(day)s', { day: day(since) }) : t('空缺，没有任期记录');
  const { name, until } = holders[0];
  return until ? t('%(name)s，任期至 %(day)s', { name, day: day(until) }) : name;
}

/**
 * The way to the page of one office, and back to this very view.
 *
 * @param {string} office
 * @param {number} id of its object
 * @param {string} word
 * @param {string} [deed] whose form is to be open
 */
function toOffice(office, id, word, deed) {
  const back = `${location.pathname}${location.search}${location.hash}`;
  const query = new URLSearchParams(deed ? { deed, back } : { back });
  return element('a', { class: 'act small', href: `/chiefs/${office}/${id}?${query}` }, word);
}

/**
 * What may be done about an office: to appoint or change its holder, or to look.
 *
 * @param {string} office
 * @param {number} id of its object
 * @param {boolean} vacant
 */
function officeDeed(office, id, vacant) {
  if (!may('appoint')) return toOffice(office, id, t('看任期'));
  return vacant
    ? toOffice(office, id, t('指定'), 'appoint')
    : toOffice(office, id, t('换人'), 'hand_over');
}

/**
 * @param {string} kind
 * @param {Post} post
 */
export function postItem(kind, post) {
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'item' },
      element('span', { class: `badge ${standingTone(post.standing)}` }, rungName(kind)),
      element(
        'span',
        { class: 'text' },
        element('span', { class: 'title' }, post.name || t('没有名字')),
        element('span', { class: 'under' }, postTime(post)),
      ),
      element(
        'span',
        { class: 'acts' },
        badge(post.standing),
        officeDeed(kind, post.id, post.standing === 'vacant'),
      ),
    ),
  );
}

/**
 * The posts that need somebody: vacant, then about to end.
 *
 * @param {Chiefs} chiefs
 * @param {string[]} standings
 * @returns {[string, Post][]}
 */
function posts(chiefs, standings) {
  return RUNGS.flatMap((kind) =>
    chiefs[`${kind}s`].objects
      .filter((post) => standings.includes(post.standing))
      .map((post) => /** @type {[string, Post]} */ ([kind, post])),
  );
}

/** @typedef {Record<'streets' | 'lanes' | 'buildings', Omit<Rung, 'objects'>>} Counts */

/**
 * @param {Counts} chiefs
 * @param {string} [roster] address of the roster of the same area
 */
export function completeness(chiefs, roster) {
  const rows = RUNGS.filter((kind) => chiefs[`${kind}s`].total > 0).flatMap((kind) => {
    const rung = chiefs[`${kind}s`];
    const classes = STANDINGS.map((s) => ({
      n: rung[s],
      look: `chief-${s}`,
      word: standingName(s),
    }));
    return [
      element('dt', {}, rungName(kind)),
      element(
        'dd',
        {},
        shares(classes),
        element('span', { class: 'small number' }, `${number(held(rung))} / ${number(rung.total)}`),
      ),
    ];
  });
  const more = roster ? { label: t('名册'), act: () => location.assign(roster) } : null;
  if (rows.length === 0) return null;
  return section(t('完整度'), t('有人 / 全部'), more, element('dl', { class: 'rungs' }, ...rows));
}

/**
 * The posts that are vacant or end soon.
 *
 * @param {Chiefs} chiefs
 * @param {() => void} all
 */
export function wantedPosts(chiefs, all) {
  const wanting = posts(chiefs, ['vacant', 'expiring']).slice(0, 6);
  const vacant = RUNGS.reduce((n, kind) => n + chiefs[`${kind}s`].vacant, 0);
  return section(
    t('空缺和快到期'),
    vacant > 0 ? tn('%(n)s 处空缺', vacant) : null,
    wanting.length > 0 ? { label: t('全部名单'), act: all } : null,
    wanting.length > 0
      ? element('ul', { class: 'items' }, ...wanting.map(([kind, post]) => postItem(kind, post)))
      : element('p', { class: 'small quiet' }, t('都有人，30 天内也没有到期的。')),
  );
}

/**
 * @param {Chiefs} chiefs
 * @param {() => void} all
 */
export function chiefsInFull(chiefs, all) {
  return [chiefsInShort(chiefs, all), completeness(chiefs), wantedPosts(chiefs, all)];
}

/**
 * Who holds a rung, in one line: a substitute with whom he or she stands in for.
 *
 * @param {Step} step
 */
function heldBy({ office, standing, holders: [first, second], stand_in: above }) {
  if (standing === 'office') {
    return office === 'community' ? t('社区热线转接') : t('街道办事处');
  }
  if (first && second)
    return t('%(name)s（代 %(absent)s）', { name: first.name, absent: second.name });
  if (first) return first.name;
  return above ? t('暂由%(office)s顶', { office: rungName(above) }) : t('没有人能顶，请找社区');
}

/** @param {Step} step */
function heldUntil({ standing, holders: [first], vacant_since: since }) {
  if (standing === 'office') return '';
  if (!first) return since ? t('空缺自 %(day)s', { day: day(since) }) : t('还没有任期记录');
  if (!first.until) return '';
  const until = { day: day(first.until) };
  return first.standing === 'substitute' ? t('代理至 %(day)s', until) : t('任期至 %(day)s', until);
}

/**
 * @typedef {{by: string, closed: boolean, office: string, name: string, substitute: boolean,
 *   phone: string, hours: string, point: string, point_hours: string}} Answering
 */

/**
 * Whom to turn to at this moment, in one sentence.
 *
 * @param {Answering} now
 * @param {Step | undefined} lowest
 */
function answering(now, lowest) {
  const { by, closed, name, phone, point } = now;
  const within = (/** @type {string} */ text) => (text ? `（${text}）` : '');
  const told = { phone, point, hours: within(now.hours), point_hours: within(now.point_hours) };
  if (by === 'chief') {
    const chief = { name, office: rungName(now.office) };
    if (lowest && lowest.office !== now.office)
      return t('%(empty)s空缺，此刻找%(office)s%(name)s。', {
        ...chief,
        empty: rungName(lowest.office),
      });
    if (now.substitute) return t('此刻找代%(office)s%(name)s。', chief);
    return t('此刻找%(office)s%(name)s。', chief);
  }
  if (by === 'nobody') return t('这里还没有人接任，也没有热线和值守点。');
  const why = closed ? t('现在不是上班时间，') : t('各级都空缺，');
  if (by === 'duty') return why + t('请去最近的值守点：%(point)s%(point_hours)s。', told);
  if (point)
    return why + t('请打社区热线 %(phone)s%(hours)s；没人接，去%(point)s%(point_hours)s。', told);
  return why + t('请打社区热线 %(phone)s%(hours)s。', told);
}

/**
 * @param {Step} step
 * @param {string} answers office that answers now
 */
function rungItem(step, answers) {
  const look = step.standing === 'office' ? 'filled' : step.standing;
  return element(
    'li',
    step.office === answers ? { class: 'here', 'aria-current': 'true' } : {},
    element('i', { class: `rung chief-${look}`, 'aria-hidden': 'true' }),
    element(
      'div',
      {},
      element(
        'span',
        { class: 'small quiet' },
        `${rungName(step.office)} · ${step.name || t('没有名字')}`,
      ),
      element('b', {}, heldBy(step)),
      element('span', { class: 'small quiet number' }, heldUntil(step)),
    ),
    step.standing !== 'office' &&
      element(
        'span',
        { class: 'acts' },
        badge(step.standing),
        step.standing === 'vacant' && may('appoint')
          ? toOffice(step.office, step.id, t('指定'), 'appoint')
          : toOffice(step.office, step.id, t('看任期')),
      ),
  );
}

/**
 * Whom to call at a building, now.
 *
 * @param {Store} store
 * @param {{id: number, name: string, address: string, code: string, floors: number | null,
 *   cell: {name: string} | null, households: number | null}} building
 * @param {{steps: Step[], now: Answering}} found
 */
export function ladderParts(store, building, { steps, now }) {
  const shown = steps.filter(({ office }) => office !== 'subdistrict');
  const about = [
    building.cell?.name,
    building.floors !== null && tn('%(n)s 层', building.floors),
    building.households !== null && tn('%(n)s 户', building.households),
  ];
  return {
    top: head(
      [t('此刻找谁 · 点选的楼栋'), element('span', { class: 'code push' }, building.code)],
      building.name || building.address || building.code,
      () => store.set({ building: null }, { history: 'push' }),
      element('p', { class: 'small quiet number' }, about.filter(Boolean).join(' · ')),
    ),
    ladder: element(
      'section',
      { class: 'section' },
      element('p', { class: 'hint answers' }, answering(now, shown[0])),
      element('ol', { class: 'ladder' }, ...shown.map((step) => rungItem(step, now.office))),
      historyLink('building', building.id),
    ),
  };
}

/** The planner's page: the draft, the map it is drawn on, and the tables that follow it. */

import { ENDED, Failure, read } from '../api.js';
import { GROUND, layers, showDraft, sources } from '../draw/plan.js';
import { showNames } from '../draw/plan-names.js';
import { draw, RATIO } from '../draw/signs.js';
import { element, fill, icon } from '../elements.js';
import { blocksOf, placesOf } from '../fabric.js';
import { openFeeds } from '../feeds.js';
import { openMap } from '../map.js';
import { place, useNames } from '../names.js';
import { readPalette } from '../palette.js';
import { mountHand } from '../panels/plan-hand.js';
import { mountPlanKeys } from '../panels/plan-keys.js';
import { planLegend, planZoom } from '../panels/plan-legend.js';
import { cut, push } from '../panels/plan-lines.js';
import { mountNote } from '../panels/plan-note.js';
import { brush, lasso, side } from '../panels/plan-paint.js';
import { mountPlanPanel } from '../panels/plan-panel.js';
import { merge, select } from '../panels/plan-pick.js';
import { mountTools } from '../panels/plan-tools.js';
import { mountTop, turn } from '../panels/plan-top.js';
import { mountTrail } from '../panels/plan-trail.js';
import { scale } from '../panels/scale.js';
import { mountToast } from '../panels/toast.js';
import { openDesk, readDesk, writeDesk } from '../plan-desk.js';
import { openDraft } from '../plan-draft.js';
import { netOf, openPlan } from '../plan-net.js';
import { openQueue } from '../plan-queue.js';
import { language, t, useZone } from '../words.js';

/** @import { Fabric } from '../fabric.js' */
/** @import { Box } from '../geo.js' */
/** @import { DeskStore } from '../plan-desk.js' */
/** @import { Draft } from '../plan-draft.js' */
/** @import { Ground, PlanAnswer } from '../plan-net.js' */
/** @import { Work } from '../panels/plan-work.js' */

/**
 * @typedef {{plan: number, fabric: number, community: number, others: number[], bbox: Box, me: string,
 *   drafting: boolean, raster: boolean, links: Record<string, string>,
 *   city: {slug: string, edition: string, demo: boolean, approval: string, zone: string}}} Boot
 */

/** How often one looks for what others did, milliseconds. */
const LOOK = 4000;
/** After so many looks one also asks who has reserved what. */
const RARELY = 5;
/** What the tools cover at the map's edges, pixels. */
const PADDING = { top: 76, right: 40, bottom: 56, left: 116 };
/** Below this width the panel lies over the map, pixels; and how much of it. */
const NARROW = { below: 1280, panel: 400, phone: 720 };

const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Something of this window, which outlives a reload of it but not its closing. */
function tab() {
  try {
    const known = sessionStorage.getItem('gridmap.tab') ?? crypto.randomUUID();
    sessionStorage.setItem('gridmap.tab', known);
    return known;
  } catch {
    return 'only';
  }
}

/** @returns {Storage | null} */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/**
 * A map that cannot be drawn is no reason not to plan: the tables and lists work without it.
 *
 * @param {(() => void) | null} propose
 */
function withoutMap(propose) {
  return element(
    'div',
    { class: 'sheet' },
    element('h1', {}, t('这台电脑画不了这张地图')),
    element(
      'p',
      {},
      t('浏览器没有 WebGL2。请在右边的“地块”里按街区选择，再选网格移入；平衡表和检查照常。'),
    ),
    propose &&
      element('button', { type: 'button', class: 'button', onclick: propose }, t('生成建议')),
  );
}

/** @param {number} width of the window */
function paddingOf(width) {
  if (width < NARROW.phone) return { top: 64, right: 12, bottom: 80, left: 12 };
  return width < NARROW.below ? { ...PADDING, right: PADDING.right + NARROW.panel } : PADDING;
}

/**
 * The map of the plan, or nothing where the machine cannot draw one.
 *
 * @param {Boot} boot
 * @param {DeskStore} desk
 */
function mapOf(boot, desk) {
  if (document.createElement('canvas').getContext('webgl2') === null) return null;
  const palette = readPalette();
  const holder = element('div', { class: 'town' });
  at('canvas').replaceChildren(holder);
  const [west, south, east, north] = boot.bbox;
  const map = openMap({
    container: holder,
    edition: boot.city.edition,
    moment: null,
    bounds: [west, south, east, north],
    view: desk.get('view'),
    padding: paddingOf(innerWidth),
    layers: layers(palette, (south + north) / 2),
    sources: sources(boot.fabric, boot.bbox),
    fonts: palette.fontList,
    flight: palette.flight,
    bytes: openFeeds().bytes,
  });
  map.canvas.setAttribute('role', 'application');
  map.canvas.setAttribute('aria-label', t('草案地图：方向键移动，加减号缩放'));
  map.onImage((id) => draw(id, palette), RATIO);
  return map;
}

/** Where there is no map, its pieces have nothing to do. @returns {any} */
function noMap() {
  const nothing = () => {};
  return new Proxy(
    { canvas: element('canvas'), hits: () => [], view: () => ({ zoom: 17, lat: 0, lng: 0 }) },
    { get: (target, name) => /** @type {any} */ (target)[name] ?? nothing },
  );
}

/**
 * @param {Boot} boot
 * @param {{opened: PlanAnswer, ground: Ground, fabric: Fabric}} found
 */
function start(boot, { opened, ground, fabric }) {
  const queue = openQueue(storage(), { plan: boot.plan, user: boot.me, tab: tab() });
  const net = netOf(boot.plan);
  const draft = openDraft({ fabric, opened, me: boot.me, net, queue });
  Object.assign(draft.turns(), ground.turns);
  const desk = openDesk(readDesk(location, placesOf(fabric)));
  const uids = new Map(ground.in_force.cells.map(({ no, uid }) => [no, uid]));
  const before = ground.in_force.labels.map((no) => uids.get(no) ?? '');
  const real = mapOf(boot, desk);
  const map = real ?? noMap();
  const shown = showDraft(map, draft, before);
  /** @type {Work} */
  const work = {
    desk,
    draft,
    map,
    shown,
    fabric,
    blocks: blocksOf(fabric),
    band: opened.band,
    names: ground.names.map(place),
    lanes: ground.lanes.map((lane) => ({ ...lane, name: place(lane.name) })),
    before: ground.in_force.cells,
    note: mountNote(at('canvas')),
    trail: mountTrail(at('canvas'), map),
    say: sayer(desk, draft),
  };
  const edit = boot.drafting;
  const { propose, border } = mountPlanPanel(at('panel'), work, { boot, edit });
  const places = { acts: at('acts'), edition: at('edition'), saved: at('saved') };
  const { status, community_name: name } = opened;
  mountTop(work, places, { drafting: edit, status, community: place(name), links: boot.links });
  const tools = {
    select: select(work),
    brush: brush(work),
    lasso: lasso(work),
    side: side(work),
    cut: cut(work),
    merge: merge(work),
    push: push(work),
    border,
  };
  if (edit && real) mountTools(at('canvas'), work, { propose: () => propose([]) });
  const hand = real
    ? mountHand(work, tools, { edit })
    : { back: () => false, finish: tools.select.finish ?? (() => false) };
  mountPlanKeys(work, hand, { propose: () => propose([]), edit });
  if (real) {
    followMap(work, boot);
    at('canvas').append(
      element('div', { class: 'corner' }, planLegend(work), scale(map)),
      planZoom(work),
      origin(boot.city),
    );
  } else at('canvas').prepend(withoutMap(edit ? () => propose([]) : null));
  followDraft(work, real !== null);
  followAddress(desk, fabric);
  let looks = 0;
  setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    void draft.look();
    looks += 1;
    if (looks % RARELY === 0) void draft.readReserved().catch(() => {});
  }, LOOK);
  window.addEventListener('online', () => void draft.again());
  document.documentElement.dataset.ready = 'true';
}

/** @param {Boot['city']} city */
function origin({ approval, demo }) {
  const parts = [t('自有矢量底图'), 'CGCS2000', approval, demo ? t('演示数据，非真实地名') : ''];
  return element('div', { class: 'origin' }, parts.filter(Boolean).join(' · '));
}

/**
 * Short messages, with a way back where there is one.
 *
 * @param {DeskStore} desk
 * @param {Draft} draft
 */
function sayer(desk, draft) {
  mountToast(at('toasts'), /** @type {any} */ (desk));
  const say = (/** @type {string} */ text, undo = false) => {
    const back = () => void turn(/** @type {any} */ ({ draft, say }), 'undo');
    desk.act('toast', undo ? { text, label: t('撤销'), undo: back } : { text });
  };
  return say;
}

/**
 * Everything on the map follows the draft and the desk.
 *
 * @param {Work} work
 * @param {Boot} boot
 */
function followMap({ desk, draft, map, shown, band }, boot) {
  const whole = () => {
    map.setState('communities', boot.community, { chosen: true });
    for (const id of boot.others) map.setState('communities', id, { outside: true });
    shown.all();
    shown.chosen(desk.get('cell'));
    shown.picked(desk.get('picked'));
    showNames(map, draft, band);
  };
  const levels = () => {
    for (const layer of GROUND) map.show(layer, desk.get('tab') === 'ground');
  };
  map.on('style.load', () => {
    whole();
    levels();
  });
  desk.on('tab', levels);
  map.on('moveend', () => desk.set({ view: map.view() }));
  desk.on('cell', ({ cell }) => shown.chosen(cell));
  desk.on('picked', ({ picked }) => shown.picked(picked));
  desk.on('hot', ({ hot }) => shown.hot(hot));
  let due = 0;
  desk.on('edited', () => {
    clearTimeout(due);
    due = window.setTimeout(() => showNames(map, draft, band), 60);
  });
}

/**
 * @param {Work} work
 * @param {boolean} drawn whether there is a map
 */
function followDraft({ desk, draft, shown }, drawn) {
  const known = () => JSON.stringify([...draft.cells()]) + [...draft.pins()].join();
  let cells = known();
  draft.on((news) => {
    switch (news.kind) {
      case 'changed': {
        const cell = desk.get('cell');
        const next = cell === null ? null : (news.numbers.get(cell) ?? cell);
        if (drawn && known() !== cells) shown.cells();
        cells = known();
        if (drawn) shown.units(news.units);
        const gone = next !== null && !draft.cells().has(next);
        desk.set({ edited: desk.get('edited') + 1, cell: gone ? null : next });
        break;
      }
      case 'reserved':
        if (drawn) shown.cells();
        desk.set({ edited: desk.get('edited') + 1, standing: desk.get('standing') + 1 });
        break;
      case 'conflicts':
        desk.set({ conflicts: [...desk.get('conflicts'), ...news.found] });
        break;
      case 'refused':
        desk.set({ refused: [...desk.get('refused'), news.why] });
        break;
      case 'others': {
        const who = [...new Set(news.ops.map(({ author }) => author ?? ''))].filter(Boolean);
        if (who.length)
          desk.act('toast', { text: t('%(who)s 也在改这份草案', { who: who.join(t('、')) }) });
        break;
      }
      default:
        desk.set({ standing: desk.get('standing') + 1 });
    }
  });
}

/**
 * Every state of the page has a link.
 *
 * @param {DeskStore} desk
 * @param {Fabric} fabric
 */
function followAddress(desk, fabric) {
  desk.on(['tool', 'cell', 'level', 'size', 'tab', 'picked', 'view'], (state, _changed, way) => {
    if (way === null) return;
    const next = writeDesk(state, fabric.uids);
    if (way === 'push') history.pushState(null, '', next);
    else history.replaceState(null, '', next);
  });
  window.addEventListener('popstate', () => {
    desk.set(readDesk(location, placesOf(fabric)), { history: null });
  });
}

/** Asks to sign in again; what waits is kept. */
function askToSignIn() {
  if (document.getElementById('ended')) return;
  const next = encodeURIComponent(location.pathname + location.search + location.hash);
  const dialog = element(
    'dialog',
    { id: 'ended', 'aria-labelledby': 'ended-title' },
    element('h1', { id: 'ended-title' }, t('登录已过期')),
    element('p', {}, t('没传上的步骤都存在这台电脑里，重新登录后自动再传。')),
    element('a', { class: 'button primary', href: `/sign-in?ended=1&next=${next}` }, t('重新登录')),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Boot} boot */
async function open(boot) {
  const bars = Array.from({ length: 8 }, () => element('div', { class: 'bar' }));
  fill(at('panel'), element('div', { class: 'loading', role: 'status' }, ...bars));
  try {
    if (language() === 'en') {
      const { names } = await read('/api/names', { city: boot.city.slug }).catch(() => ({
        names: {},
      }));
      useNames(names);
    }
    start(boot, await openPlan(boot));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    fill(
      at('panel'),
      element(
        'div',
        { class: 'part' },
        element('h2', {}, icon('alert', 'small'), t('草案没有打开')),
        element('p', {}, error.message || t('网络断了。草案好好的，连上后再试。')),
        element(
          'button',
          { type: 'button', class: 'button', onclick: () => void open(boot) },
          t('重试'),
        ),
      ),
    );
  }
}

const boot = /** @type {Boot} */ (JSON.parse(at('boot').textContent ?? '{}'));
useZone(boot.city.zone);
ENDED.addEventListener('ended', askToSignIn);
await open(boot);

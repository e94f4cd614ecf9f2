/** The panel beside the map: chooses what stands in it and keeps it fresh without making it jump. */

/** @import { State, Store } from '../store.js' */
/** @import { BootCity } from '../boot.js' */
/** @import { Feeds } from '../feeds.js' */

import { Failure, read } from '../api.js';
import { may } from '../boot.js';
import { element, fill, icon } from '../elements.js';
import { spell } from '../names.js';
import { UNSELECTED } from '../store.js';
import { asOf, t } from '../words.js';
import { drawArea } from './area.js';
import { cardAloud, drawCard } from './card.js';
import { drawCellList } from './cell-list.js';
import { completeness, ladderParts, wantedPosts } from './chiefs.js';
import { coveringSection } from './covering.js';
import { drawBorder, drawRuling } from './duty.js';
import { drawIncidentForm } from './incident-form.js';
import { drawIncident } from './incidents.js';
import { walkRows } from './keys.js';
import { drawList } from './list.js';
import { drawPicked } from './picked.js';
import { dismiss, failed, show } from './states.js';

const CALM = 1000; // milliseconds in which changes that arrive are taken together

/** Keys that change what stands in the panel. */
const SHOWN = /** @type {const} */ ([
  'cell',
  'building',
  'incident',
  'picked',
  'ruling',
  'border',
  'rulings',
  'borders',
  'panel',
  'overlay',
  'subdistrict',
  'community',
  'category',
  'since',
  'until',
  'light',
  'asof',
]);

/**
 * What a live change means for the panel: the selected cell's figures, or any of them.
 *
 * @param {State} state
 */
function pulse({ cell, cells }) {
  return cell === null ? cells : cells.get(cell)?.values;
}

/**
 * What stands outside the caller's area is left out; every other failure is one.
 *
 * @param {unknown} error
 */
function hidden(error) {
  if (error instanceof Failure && error.status === 404) return null;
  throw error;
}

/**
 * Draw the ruling or the border that is chosen.
 *
 * @param {HTMLElement} inner
 * @param {Store} store
 * @returns {boolean} whether one is, and known
 */
function drawDuty(inner, store) {
  const { ruling, border, rulings, borders, cell, incident } = store.all();
  if (cell !== null || incident !== null) return false;
  const ruled = ruling === null ? undefined : rulings.find(({ id }) => id === ruling);
  const strip = border === null ? undefined : borders.find(({ id }) => id === border);
  if (ruled) drawRuling(inner, store, ruled);
  else if (strip) drawBorder(inner, store, strip);
  return Boolean(ruled ?? strip);
}

/**
 * @param {Store} store
 * @param {{lng: number, lat: number} | null} place where an incident would be filed
 */
function footer(store, place) {
  const report = () => {
    const view = store.get('view');
    const where = place ?? view;
    store.act('report', where ? { lng: where.lng, lat: where.lat } : null);
  };
  const copy = () =>
    navigator.clipboard?.writeText(location.href).then(
      () => store.act('toast', { text: t('链接已复制，同事打开看到同样的画面。') }),
      () => store.act('toast', { text: t('浏览器不让复制，请从地址栏复制。') }),
    );
  const print = () => window.print();
  return element(
    'footer',
    { class: 'foot' },
    may('report') &&
      element(
        'button',
        {
          class: 'button primary',
          type: 'button',
          disabled: store.get('asof') !== null,
          onclick: report,
        },
        icon('flag', 'small'),
        t('登记事件'),
      ),
    element(
      'button',
      { class: 'button', type: 'button', onclick: copy },
      icon('link', 'small'),
      t('复制链接'),
    ),
    element(
      'button',
      { class: 'button', type: 'button', onclick: print },
      icon('print', 'small'),
      t('打印'),
    ),
  );
}

/**
 * @param {HTMLElement} root
 * @param {{store: Store, city: BootCity | undefined, feeds: Feeds, aloud: HTMLElement,
 *   resized: () => void}} with_
 */
export function mountPanel(root, { store, city, feeds, aloud, resized }) {
  const inner = element('div', { class: 'inside' });
  const foot = element('div');
  const fresh = element(
    'button',
    { class: 'news', type: 'button', hidden: true },
    t('有新的变化，点这里刷新'),
  );
  const unfold = element(
    'button',
    { class: 'unfold', type: 'button', 'aria-label': t('打开卡片'), hidden: true },
    icon('back', 'small'),
  );
  fill(root, fresh, inner, foot);
  root.after(unfold);
  walkRows(root);

  const keepPlace = (/** @type {() => void} */ draw) => {
    const top = inner.querySelector('.body')?.scrollTop ?? 0;
    draw();
    const body = inner.querySelector('.body');
    if (body) body.scrollTop = top;
  };
  const leave = () => store.set(UNSELECTED, { history: 'push' });
  const endWith = (/** @type {{lng: number, lat: number} | null} */ place) =>
    fill(foot, footer(store, place));

  const drawSelected = (/** @type {number} */ cell, still = false) => {
    show(
      inner,
      async (signal) => spell(await read(`/api/cells/${cell}/card`, { as_of: asOf() }, signal)),
      (card) => {
        const draw = () => drawCard(inner, store, card);
        if (still) keepPlace(draw);
        else {
          draw();
          aloud.textContent = cardAloud(card);
        }
        endWith({ lng: card.lng, lat: card.lat });
      },
      leave,
    );
  };
  const drawBuilding = (/** @type {number} */ building) => {
    show(
      inner,
      async (signal) => {
        const [feature, ladder] = await Promise.all([
          read(`/api/buildings/${building}`, {}, signal),
          read('/api/ladder', { building, as_of: asOf() }, signal),
        ]);
        const { cell } = feature.properties;
        const chiefs =
          cell &&
          (await read(`/api/cells/${cell}/chiefs`, { as_of: asOf() }, signal).catch(hidden));
        return spell({ feature, rungs: ladder.rungs, now: ladder.now, chiefs });
      },
      ({ feature, rungs, now, chiefs }) => {
        const p = feature.properties;
        const cell = rungs.find((/** @type {any} */ { rung }) => rung === 'cell') ?? null;
        const about = { ...p, id: building, cell, households: p.headcount?.households ?? null };
        const { top, ladder } = ladderParts(store, about, { steps: rungs, now });
        const all = () => store.set({ building: null, panel: 'list' }, { history: 'push' });
        const others = chiefs ? [wantedPosts(chiefs, all), completeness(chiefs)] : [];
        const patrols =
          city && asOf() === null
            ? coveringSection(city.slug, feature.geometry.coordinates.flat(2))
            : null;
        fill(inner, top, element('div', { class: 'body' }, ladder, patrols, ...others));
        aloud.textContent = p.name || p.address || p.code;
        endWith(null);
      },
      leave,
    );
  };
  const draw = (still = false) => {
    if (store.get('filing')) return;
    fresh.hidden = true;
    dismiss(inner);
    const { cell, building, incident, panel } = {
      cell: store.get('cell'),
      building: store.get('building'),
      incident: store.get('incident'),
      panel: store.get('panel'),
    };
    if (panel === 'list' && cell !== null) drawCellList(inner, store, cell);
    else if (panel === 'list') keepPlace(() => drawList(inner, store, city));
    else if (building !== null) drawBuilding(building);
    else if (drawDuty(inner, store)) endWith(null);
    else if (incident !== null) drawIncident(inner, store, incident);
    else if (cell !== null) {
      drawSelected(cell, still);
      return;
    } else if (store.get('picked').length > 0 && store.get('cells').size > 0) {
      keepPlace(() => drawPicked(inner, store));
    } else {
      const { map } = store.get('errors');
      const empty = store.get('cells').size === 0;
      if (empty && map)
        fill(
          inner,
          failed(new Error(map), () => store.act('reload')),
        );
      else if (empty)
        show(
          inner,
          () => new Promise(() => {}),
          () => {},
        );
      else if (still) keepPlace(() => drawArea(inner, store, city));
      else drawArea(inner, store, city);
    }
    endWith(null);
  };

  let seen = pulse(/** @type {any} */ ({ cell: store.get('cell'), cells: store.get('cells') }));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let calm;
  store.on([...SHOWN], (_state, changed) => {
    store.set({ filing: null }, { history: null });
    seen = pulse(/** @type {any} */ ({ cell: store.get('cell'), cells: store.get('cells') }));
    if (changed.has('cell') && store.get('cell') !== null) unfoldPanel();
    draw();
  });
  store.on(['cells', 'errors'], (state) => {
    const now = pulse(state);
    const first = seen === undefined && state.cell !== null && state.panel !== 'list';
    if (now === seen && state.cells.size > 0) return;
    seen = now;
    // The card asks for itself; the values that come with the map are no news to it.
    if (first) return;
    clearTimeout(calm);
    calm = setTimeout(
      () => {
        // A list must not jump under somebody's pointer or focus.
        const busy = inner.matches(':hover') || inner.contains(document.activeElement);
        if (busy && inner.querySelector('.items, .grid'))
          fresh.hidden = store.get('filing') !== null;
        else draw(true);
      },
      inner.querySelector('.body') ? CALM : 0,
    );
  });
  fresh.addEventListener('click', () => draw(true));

  store.does('report', (place) => {
    if (store.get('asof') !== null) {
      store.act('toast', { text: t('正在看过去，不能登记。先回到现在。') });
      return;
    }
    store.set({ filing: { spot: place } }, { history: null });
    unfoldPanel();
    dismiss(inner);
    fill(foot);
    const done = () => {
      store.set({ filing: null }, { history: null });
      draw();
    };
    drawIncidentForm(inner, { store, city, feeds, done });
  });

  const foldPanel = () => {
    const folded = root.classList.toggle('folded');
    unfold.hidden = !folded;
    resized();
  };
  const unfoldPanel = () => {
    if (root.classList.contains('folded')) foldPanel();
  };
  unfold.addEventListener('click', foldPanel);
  draw();
  // The desk leads here with ?report: to paste a line, or to point at the place.
  const asked = new URLSearchParams(location.search);
  if (asked.has('report') && may('report')) {
    asked.delete('report');
    history.replaceState(history.state, '', `?${asked}${location.hash}`);
    store.act('report', null);
  }
  return { foldPanel };
}

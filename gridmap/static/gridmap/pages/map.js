/** The map page: puts the frame, the panel and the map together around one store. */

/** @import { Boot, BootCity } from '../boot.js' */
/** @import { Store } from '../store.js' */

import { bindAddress, readAddress, writeAddress } from '../address.js';
import { ENDED, read } from '../api.js';
import { chosenCity, readBoot, spelled } from '../boot.js';
import { element, fill } from '../elements.js';
import { openFeeds } from '../feeds.js';
import { useNames } from '../names.js';
import { mountKeys } from '../panels/keys.js';
import { mountPanel } from '../panels/panel.js';
import { mountRail } from '../panels/rail.js';
import { mountSearch } from '../panels/search.js';
import { mountToast } from '../panels/toast.js';
import { mountTopbar } from '../panels/topbar.js';
import { createStore } from '../store.js';
import { follow } from '../sync.js';
import { language, t, useMoment, useZone } from '../words.js';

const place = (/** @type {string} */ id) =>
  /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * What the address asks for; an address without a word lands where the caller works.
 *
 * @param {Boot} boot
 * @param {BootCity | undefined} city
 */
function firstState({ home }, city) {
  const asked = readAddress(location);
  const lands = location.search === '' && home.city === city?.slug;
  const { subdistrict = null, community = null, cell = null } = lands ? home : asked;
  return { ...asked, city: city ?? null, lang: language(), subdistrict, community, cell };
}

/**
 * City and area stand in the address from the start, so that a copied link names them.
 *
 * @param {BootCity} city
 * @param {Store} store
 */
function nameCity(city, store) {
  const query = new URLSearchParams(location.search);
  query.set('city', city.slug);
  history.replaceState(null, '', writeAddress(store.all(), query.toString()));
}

/**
 * @param {string} title
 * @param {string} text
 * @param {...import('../elements.js').Child} more
 */
function notice(title, text, ...more) {
  return element(
    'div',
    { class: 'sheet' },
    element('h1', {}, title),
    element('p', {}, text),
    ...more,
  );
}

/**
 * An old machine cannot draw the map; everything else on the page works, and the light map shows it.
 *
 * @param {Boot} boot
 * @param {Store} store
 */
function withoutWebGL({ light }, store) {
  const href = `${light}?city=${store.get('city')?.slug ?? ''}`;
  const go = element('a', { class: 'button primary', href }, t('看轻量地图'));
  const list = element('button', { class: 'button', type: 'button' }, t('用列表方式'));
  list.addEventListener('click', () => store.set({ panel: 'list' }, { history: 'push' }));
  return notice(
    t('这台电脑画不了这张地图'),
    t('浏览器没有 WebGL2，多半是显卡或系统旧了。搜索、卡片和列表照常能用；地图请看轻量版。'),
    element('p', { class: 'row' }, go, list),
  );
}

/** Asks to sign in again, and comes back to the same view. */
function askToSignIn() {
  if (document.getElementById('ended')) return;
  const next = encodeURIComponent(location.pathname + location.search + location.hash);
  const dialog = element(
    'dialog',
    { id: 'ended', 'aria-labelledby': 'ended-title' },
    element('h1', { id: 'ended-title' }, t('登录已过期')),
    element('p', {}, t('重新登录后回到现在的画面，填了一半的内容也还在。')),
    element('a', { class: 'button primary', href: `/sign-in?ended=1&next=${next}` }, t('重新登录')),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Put the page together. Lists, cards and search work while the map library, the heaviest part of
 * the page, is still on its way.
 *
 * @param {Boot} boot
 * @param {BootCity} city
 */
async function start(boot, city) {
  useZone(city.zone);
  const store = createStore(firstState(boot, city));
  useMoment(store.get('asof'));
  store.on('asof', ({ asof }) => useMoment(asof));
  nameCity(city, store);
  bindAddress(store);
  mountToast(place('toasts'), store);
  mountTopbar(place('top'), store, boot, city, mountSearch(store));
  mountRail(place('rail'), store, boot);
  const root = place('canvas');
  fill(root, element('p', { class: 'coming', role: 'status' }, t('地图正在载入…')));
  const feeds = openFeeds();
  /** @type {import('./canvas.js').Canvas | null} */
  let canvas = null;
  const { foldPanel } = mountPanel(place('panel'), {
    store,
    city,
    feeds,
    aloud: place('aloud'),
    resized: () => canvas?.resize(),
  });
  mountKeys(store, foldPanel);
  follow(store, feeds);
  if (!hasWebGL2()) {
    fill(root, withoutWebGL(boot, store));
    return;
  }
  const { mountCanvas } = await import('./canvas.js');
  canvas = mountCanvas(root, store, feeds, { raster: boot.basemap });
  store.does('fly', canvas.flyTo);
}

/** Whether this browser can draw the map. */
function hasWebGL2() {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/**
 * In English the names of places are spelled; without the dictionary they stay Chinese.
 *
 * @param {BootCity} town
 */
async function learnNames(town) {
  if (language() === 'zh') return;
  const { names } = await read('/api/names', { city: town.slug }).catch(() => ({ names: {} }));
  useNames(names);
}

const boot = readBoot();
const city = chosenCity(boot, location.search);
ENDED.addEventListener('ended', askToSignIn);
if (city) {
  await learnNames(city);
  await start(boot, spelled(city));
} else {
  const nothing = notice(
    t('还没有您的地图'),
    t('您的账号还没有岗位，或者还没有导入城市。请找管理员。'),
  );
  const store = createStore();
  mountTopbar(place('top'), store, boot, undefined, mountSearch(store));
  mountRail(place('rail'), store, boot);
  mountKeys(store, () => {});
  fill(place('canvas'), nothing);
  place('panel').hidden = true;
}

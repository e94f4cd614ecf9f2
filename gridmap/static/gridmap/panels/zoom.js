/** Nearer, farther, and "which cell am I in". */

/** @import { Feeds } from '../feeds.js' */
/** @import { TownMap } from '../map.js' */
/** @import { Store } from '../store.js' */

import { Failure } from '../api.js';
import { element, icon } from '../elements.js';
import { t } from '../words.js';

/** A look at the own place: near enough to see the houses around. */
const NEAR = 17.5;
const PATIENCE = 10_000;

/**
 * @param {TownMap} map
 * @param {Store} store
 * @param {Feeds} feeds
 */
export function zoomButtons(map, store, feeds) {
  const button = (
    /** @type {'plus' | 'minus' | 'locate'} */ name,
    /** @type {string} */ word,
    /** @type {() => void} */ act,
  ) =>
    element(
      'button',
      { type: 'button', title: word, 'aria-label': word, onclick: act },
      icon(name),
    );
  const here = button('locate', t('我在哪个网格'), () => locate(map, store, feeds, here));
  return element(
    'div',
    { class: 'float zoom' },
    button('plus', t('放大'), () => map.zoomBy(1)),
    button('minus', t('缩小'), () => map.zoomBy(-1)),
    here,
  );
}

/**
 * Ask the machine where it is, and the server which cell that is.
 *
 * @param {TownMap} map
 * @param {Store} store
 * @param {Feeds} feeds
 * @param {HTMLButtonElement} button busy meanwhile
 */
async function locate(map, store, feeds, button) {
  button.setAttribute('aria-busy', 'true');
  try {
    const { coords } = await position();
    const lng = Number(coords.longitude.toFixed(7));
    const lat = Number(coords.latitude.toFixed(7));
    const city = store.get('city')?.slug;
    const { cell } = await feeds.json('/feeds/where', { city, lng, lat });
    map.fly({ lng, lat, zoom: NEAR });
    store.set({ cell: cell.id, panel: 'card' }, { history: 'push' });
  } catch (error) {
    store.act('toast', { text: why(error) });
  } finally {
    button.removeAttribute('aria-busy');
  }
}

/** @returns {Promise<GeolocationPosition>} */
function position() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) reject(new Failure('NoLocation', t('这台设备不能定位。'), 0));
    else {
      const options = { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60_000 };
      navigator.geolocation.getCurrentPosition(resolve, reject, options);
    }
  });
}

/** @param {unknown} error */
function why(error) {
  if (error instanceof GeolocationPositionError) {
    return error.code === error.PERMISSION_DENIED
      ? t('没有得到定位许可。可以在地图上直接点您所在的地方。')
      : t('没有定到位置。可以在地图上直接点您所在的地方。');
  }
  if (error instanceof Failure && error.status === 404) return t('您所在的地方不在本市的网格里。');
  return error instanceof Failure && error.message ? error.message : t('网络断了');
}

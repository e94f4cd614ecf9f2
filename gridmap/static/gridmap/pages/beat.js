/** The beat's page: opens what the phone holds, asks the server for the rest, and puts it together. */

/** @import { BeatData } from '../beat/state.js' */

import { csrf, Failure, read } from '../api.js';
import { mountPage } from '../beat/page.js';
import { Queue } from '../beat/queue.js';
import { Replay } from '../beat/replay.js';
import { sending } from '../beat/sending.js';
import { openSheet } from '../beat/sheet.js';
import { Beat } from '../beat/state.js';
import { theme } from '../beat/theme.js';
import { canKeep, device, lastOwner, lock, setOwner, Vault } from '../beat/vault.js';
import { element, fill } from '../elements.js';
import { t } from '../words.js';

theme();
const boot = JSON.parse(
  /** @type {HTMLElement} */ (document.getElementById('boot')).textContent ?? '{}',
);
const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const RETRY = 20_000; // milliseconds between looks whether the server is there again
const RENEW = 300_000; // milliseconds after which what others did is asked for again

/** @type {Vault | null} */
let vault = null;
/** @type {Date | null} */
let synced = null;

/** Sign in again; what waits stays here, sealed. */
async function leave() {
  await lock();
  location.href = `${boot.sign_in}?next=${encodeURIComponent(boot.page)}`;
}

/** @returns {Promise<BeatData>} */
const ask = () => read(boot.data);

/** @param {string} owner */
async function vaultWithKey(owner) {
  const body = new URLSearchParams({ device: device() });
  const answer = await fetch(boot.key, {
    method: 'POST',
    body,
    headers: { 'X-CSRFToken': csrf() },
    credentials: 'same-origin',
  });
  if (!answer.ok) throw new Failure('NoKey', '', answer.status);
  const given = await answer.json();
  if (given.owner !== owner) throw new Failure('NoKey', '', 409);
  return Vault.openWith(
    owner,
    Uint8Array.from(atob(given.key), (c) => c.charCodeAt(0)),
  );
}

/** A browser that keeps nothing: the page works as long as it is open and there is a network. */
function memory() {
  const rows = new Map();
  const name = (/** @type {string} */ store, /** @type {string} */ id) => `${store} ${id}`;
  return {
    put: async (/** @type {string} */ store, /** @type {string} */ id, /** @type {any} */ value) =>
      rows.set(name(store, id), value),
    get: async (/** @type {string} */ store, /** @type {string} */ id) =>
      rows.get(name(store, id)) ?? null,
    drop: async (/** @type {string} */ store, /** @type {string} */ id) =>
      rows.delete(name(store, id)),
    all: async () => [],
    putBytes: async (/** @type {string} */ store, /** @type {string} */ id, /** @type {any} */ b) =>
      rows.set(name(store, id), b),
    bytes: async (/** @type {string} */ store, /** @type {string} */ id) =>
      rows.get(name(store, id)) ?? null,
  };
}

/** What this phone holds and may still show; null: ask the server first. */
async function held() {
  const last = lastOwner();
  if (!last || !canKeep()) return null;
  if (Date.parse(last.until) <= Date.now()) {
    await lock();
    return null;
  }
  vault = await Vault.open(last.owner);
  return vault && /** @type {Promise<BeatData | null>} */ (vault.get('data', 'beat'));
}

/** @param {BeatData} data */
async function keep(data) {
  synced = new Date();
  if (!canKeep()) return;
  if (vault?.owner !== data.owner) {
    // Somebody else has signed in here: the one before takes the readable part along.
    if (vault) {
      vault.close();
      await lock();
    }
    vault = (await Vault.open(data.owner)) ?? (await vaultWithKey(data.owner));
  }
  setOwner(data.owner, data.until);
  await vault.put('data', 'beat', data);
}

/** @param {...any} said */
function instead(...said) {
  fill(part('beat'), element('div', { class: 'instead' }, ...said));
}

/** Somebody without a beat, or nothing here and no network. @param {any} failure */
async function without(failure) {
  if (failure.status === 401) return leave();
  if (failure.code === 'OutOfScope') {
    return instead(
      element('h1', {}, t('您现在没有巡区')),
      element('p', {}, t('巡区由社区安排：队伍负责的网格，或您担任的街长、巷长、楼长。')),
      element('a', { class: 'button primary', href: boot.map }, t('去大地图')),
    );
  }
  const retry = () => location.reload();
  return instead(
    element('h1', {}, t('连不上服务器')),
    element(
      'p',
      {},
      t(
        '这台手机上还没有您的巡区，或登录已过期。连上网登录一次后，没有网也能打开。没传的都还在，加密存着。',
      ),
    ),
    element('button', { class: 'button primary', type: 'button', onclick: retry }, t('重试')),
  );
}

/** Keep the page itself, and look for a newer one. */
async function register() {
  if (!('serviceWorker' in navigator) || !globalThis.isSecureContext) return;
  const found = await navigator.serviceWorker.register(boot.worker, {
    scope: boot.page,
    updateViaCache: 'none',
  });
  await navigator.storage?.persist?.();
  return found;
}

/** @param {BeatData} data */
async function show(data) {
  const keeping = /** @type {any} */ (vault ?? memory());
  const queue = new Queue(keeping);
  await queue.load();
  const beat = new Beat(data, queue);
  const replay = new Replay(queue, sending(queue));
  replay.addEventListener('sent', () => {
    synced = new Date();
  });
  await mountPage(beat, queue, replay, {
    boot,
    speak,
    leave,
    synced: () => synced,
    signOut: () => signOut(queue),
  });
  return { beat, replay };
}

/** @param {string} language */
async function speak(language) {
  const body = new URLSearchParams({ language, csrfmiddlewaretoken: csrf() });
  await fetch('/i18n/', { method: 'POST', body, credentials: 'same-origin' });
  const found = await navigator.serviceWorker?.getRegistration(boot.page);
  if (found) {
    const taken = new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    });
    await found.update();
    await Promise.race([taken, new Promise((resolve) => setTimeout(resolve, 5000))]);
  }
  location.reload();
}

/** @param {Queue} queue */
async function signOut(queue) {
  if (queue.items.length > 0) {
    openSheet(t('还有没传的'), [
      element('p', {}, t('退出后，没传的会加密存在这台手机里，别人打不开；您再登录时接着传。')),
      element(
        'button',
        { class: 'button wide primary', type: 'button', onclick: out },
        t('退出登录'),
      ),
    ]);
    return;
  }
  await out();
}

async function out() {
  await lock();
  const form = element(
    'form',
    { method: 'post', action: '/sign-out', hidden: true },
    element('input', { type: 'hidden', name: 'csrfmiddlewaretoken', value: csrf() }),
  );
  document.body.append(form);
  form.submit();
}

/** @param {{beat: Beat, replay: Replay}} shown */
function goOn({ beat, replay }) {
  const renew = async () => {
    try {
      const data = await ask();
      if (data.owner !== beat.data.owner) return location.reload();
      await keep(data);
      beat.take(data);
      if (data.version !== boot.version) {
        const found = await navigator.serviceWorker?.getRegistration(boot.page);
        await found?.update();
      }
    } catch (failure) {
      if (failure instanceof Failure && failure.status === 401) return leave();
      replay.noLine();
    }
    return replay.wake();
  };
  let last = Date.now();
  const look = () => {
    if (document.visibilityState !== 'visible') return;
    replay.wake();
    if (Date.now() - last < RENEW) return;
    last = Date.now();
    renew();
  };
  globalThis.addEventListener('online', renew);
  document.addEventListener('visibilitychange', look);
  setInterval(look, RETRY);
  return renew;
}

async function start() {
  const early = await held().catch(() => null);
  if (early) {
    const shown = await show(early);
    await goOn(shown)();
  } else {
    try {
      const data = await ask();
      await keep(data);
      const shown = await show(data);
      goOn(shown);
      shown.replay.wake();
    } catch (failure) {
      return without(failure);
    }
  }
  return register();
}

start();

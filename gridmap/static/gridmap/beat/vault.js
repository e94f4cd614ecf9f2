/**
 * What the phone keeps: the beat, the queue and its photos, each sealed for one user.
 *
 * The key comes from the server when somebody signs in here and cannot be read back out of the
 * browser. `lock` throws it away together with the beat: what waits to be sent stays, sealed, until
 * the same user signs in on this phone again (docs/decisions/0058-the-beat-offline.md).
 */

const NAME = 'gridmap-beat';
const DEVICE = 'gridmap-beat-device';
const OWNER = 'gridmap-beat-owner';
/** Data: gone with the key. Queue and photos: kept, sealed. */
const STORES = /** @type {const} */ (['keys', 'data', 'queue', 'photos']);
/** What nobody has come back for in this time goes. */
const FORGOTTEN = 30 * 86_400_000;

/** @typedef {'data' | 'queue' | 'photos'} Store */
/** @typedef {{id: string, owner: string, at: number, iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}} Row */

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    for (const store of STORES) request.result.createObjectStore(store);
  };
  return done(request);
}

/** Whether this browser can keep anything here: an address with https, or this very machine. */
export function canKeep() {
  return globalThis.isSecureContext && 'indexedDB' in globalThis && crypto.subtle !== undefined;
}

/** The number this browser has given itself; without it a key of another phone would fit. */
export function device() {
  let known = localStorage.getItem(DEVICE);
  if (!known) {
    known = crypto.randomUUID();
    localStorage.setItem(DEVICE, known);
  }
  return known;
}

/**
 * Whose vault can be opened here, and until when without asking the server.
 *
 * @returns {{owner: string, until: string} | null}
 */
export function lastOwner() {
  try {
    return JSON.parse(localStorage.getItem(OWNER) ?? 'null');
  } catch {
    return null;
  }
}

/**
 * @param {string} owner
 * @param {string} until
 */
export function setOwner(owner, until) {
  localStorage.setItem(OWNER, JSON.stringify({ owner, until }));
}

/** One user's part of what the phone keeps. */
export class Vault {
  /**
   * @param {IDBDatabase} base
   * @param {string} owner
   * @param {CryptoKey} key
   */
  constructor(base, owner, key) {
    this.base = base;
    this.owner = owner;
    this.key = key;
  }

  /**
   * Open with the key that lies here; null: it was thrown away, or never given.
   *
   * @param {string} owner
   */
  static async open(owner) {
    const base = await database();
    const key = await done(base.transaction('keys').objectStore('keys').get(owner));
    if (key) return new Vault(base, owner, key);
    base.close();
    return null;
  }

  /**
   * Open with the key the server gave just now, and keep it.
   *
   * @param {string} owner
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  static async openWith(owner, bytes) {
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    const base = await database();
    await done(base.transaction('keys', 'readwrite').objectStore('keys').put(key, owner));
    return new Vault(base, owner, key);
  }

  /** @param {string} id */
  #name(id) {
    return `${this.owner} ${id}`;
  }

  /**
   * @param {Store} store
   * @param {string} id
   * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} bytes
   */
  async putBytes(store, id, bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.key, bytes);
    const row = { id, owner: this.owner, at: Date.now(), iv, sealed };
    const written = this.base.transaction(store, 'readwrite', { durability: 'strict' });
    written.objectStore(store).put(row, this.#name(id));
    // The transaction's end, not the request's: only then does it outlive the page.
    await new Promise((resolve, reject) => {
      written.oncomplete = () => resolve(null);
      written.onabort = () => reject(written.error);
    });
  }

  /**
   * @param {Store} store
   * @param {string} id
   * @returns {Promise<ArrayBuffer | null>}
   */
  async bytes(store, id) {
    const row = await done(this.base.transaction(store).objectStore(store).get(this.#name(id)));
    return row ? this.#unsealed(row) : null;
  }

  /** @param {Row} row */
  #unsealed({ iv, sealed }) {
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv }, this.key, sealed);
  }

  /**
   * @param {Store} store
   * @param {string} id
   * @param {unknown} value JSON
   */
  put(store, id, value) {
    return this.putBytes(store, id, new TextEncoder().encode(JSON.stringify(value)));
  }

  /**
   * @param {Store} store
   * @param {string} id
   * @returns {Promise<any>} null: there is none
   */
  async get(store, id) {
    const bytes = await this.bytes(store, id);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  }

  /**
   * Everything of this user in a store, in no order.
   *
   * @param {Store} store
   * @returns {Promise<any[]>}
   */
  async all(store) {
    const range = IDBKeyRange.bound(`${this.owner} `, `${this.owner} \uffff`);
    const found = await done(this.base.transaction(store).objectStore(store).getAll(range));
    return Promise.all(
      found.map(async (row) => JSON.parse(new TextDecoder().decode(await this.#unsealed(row)))),
    );
  }

  /**
   * @param {Store} store
   * @param {string} id
   */
  drop(store, id) {
    const rows = this.base.transaction(store, 'readwrite').objectStore(store);
    return done(rows.delete(this.#name(id)));
  }

  close() {
    this.base.close();
  }
}

/**
 * Throw away the keys and everything that can be read; forget what nobody came back for.
 *
 * @returns {Promise<number>} how many things wait here, sealed
 */
export async function lock() {
  localStorage.removeItem(OWNER);
  if (!canKeep()) return 0;
  const base = await database();
  const all = base.transaction([...STORES], 'readwrite');
  all.objectStore('keys').clear();
  all.objectStore('data').clear();
  const before = Date.now() - FORGOTTEN;
  for (const name of ['queue', 'photos']) {
    const walk = all.objectStore(name).openCursor();
    walk.onsuccess = () => {
      if (!walk.result) return;
      if (walk.result.value.at < before) walk.result.delete();
      walk.result.continue();
    };
  }
  const left = await done(all.objectStore('queue').count());
  base.close();
  return left;
}

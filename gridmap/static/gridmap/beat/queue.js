/** What was done here and is not yet on the server, in the order it was done. */

/**
 * @typedef {'visit' | 'report'} Kind
 * @typedef {{
 *   id: string, kind: Kind, made: number, hold: number, words: string, body: Record<string, any>,
 *   photos: {id: string, type: string}[], sent: string[], number: number | null, tries: number,
 *   refused: {code: string, reason: string} | null,
 * }} Item id: the key under which the server knows it, however often it comes; hold: not sent before
 *   this moment, so that a slip of the thumb can be undone; sent: ids of photos that have arrived;
 *   number: the server's id of a report that has arrived without all of its photos
 * @typedef {{
 *   put: (store: 'queue', id: string, value: unknown) => Promise<unknown>,
 *   drop: (store: 'queue' | 'photos', id: string) => Promise<unknown>,
 *   all: (store: 'queue') => Promise<any[]>,
 *   putBytes: (store: 'photos', id: string, bytes: ArrayBuffer) => Promise<unknown>,
 *   bytes: (store: 'photos', id: string) => Promise<ArrayBuffer | null>,
 * }} Keeping what a queue asks of the vault
 */

/** A tap can be taken back for this long. */
export const UNDO = 8000;

export class Queue extends EventTarget {
  /** @type {Item[]} */
  items = [];

  /** @param {Keeping} vault */
  constructor(vault) {
    super();
    this.vault = vault;
  }

  /** Read what lies here from before. */
  async load() {
    this.items = (await this.vault.all('queue')).sort((a, b) => a.made - b.made || order(a, b));
    this.#told();
  }

  #told() {
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Keep something to be sent; when this comes back it survives whatever happens to the page.
   *
   * @param {Kind} kind
   * @param {Record<string, any>} body as the server wants it, without its key
   * @param {{words: string, hold?: number, photos?: Blob[]}} about
   */
  async add(kind, body, { words, hold = 0, photos = [] }) {
    const id = crypto.randomUUID();
    const made = Math.max(Date.now(), (this.items.at(-1)?.made ?? 0) + 1);
    const pictures = await this.#keepPhotos(photos);
    /** @type {Item} */
    const item = {
      id,
      kind,
      made,
      hold: hold ? Date.now() + hold : 0,
      words,
      body,
      photos: pictures,
      sent: [],
      number: null,
      tries: 0,
      refused: null,
    };
    await this.vault.put('queue', id, item);
    this.items.push(item);
    this.#told();
    return item;
  }

  /** Photos first: what names them must find them. @param {Blob[]} photos */
  async #keepPhotos(photos) {
    const pictures = [];
    for (const photo of photos) {
      const picture = { id: crypto.randomUUID(), type: photo.type };
      await this.vault.putBytes('photos', picture.id, await photo.arrayBuffer());
      pictures.push(picture);
    }
    return pictures;
  }

  /**
   * @param {Item} item
   * @param {Blob[]} photos
   */
  async attach(item, photos) {
    item.photos.push(...(await this.#keepPhotos(photos)));
    await this.keep(item);
  }

  /** @param {Item} item changed in place */
  async keep(item) {
    if (!this.items.includes(item)) return;
    await this.vault.put('queue', item.id, item);
    this.#told();
  }

  /** @param {Item} item sent, taken back, or deleted by its maker */
  async remove(item) {
    this.items = this.items.filter((one) => one !== item);
    await this.vault.drop('queue', item.id);
    for (const photo of item.photos) await this.vault.drop('photos', photo.id);
    this.#told();
  }

  /**
   * Send it again as it is, or changed: what differs from what the server may have goes under a new
   * key, for the old one belongs to the old words.
   *
   * @param {Item} item
   * @param {Record<string, any> | null} [body]
   */
  async again(item, body = null) {
    // A report that has arrived is not told twice: only its photos are still on their way.
    if (item.number !== null || (body === null && item.refused?.code !== 'ClientIdReused')) {
      item.refused = null;
      item.tries = 0;
      return this.keep(item);
    }
    const old = item.id;
    item.id = crypto.randomUUID();
    item.body = body ?? item.body;
    item.refused = null;
    item.tries = 0;
    await this.vault.put('queue', item.id, item);
    await this.vault.drop('queue', old);
    return this.#told();
  }

  /** What is to be sent now, oldest first. */
  ready(now = Date.now()) {
    return this.items.filter((item) => item.refused === null && item.hold <= now);
  }

  /** When the next one that is held back may go; null: none is held. */
  next() {
    const held = this.items.filter((item) => item.refused === null && item.hold > Date.now());
    return held.length ? Math.min(...held.map((item) => item.hold)) : null;
  }

  get waiting() {
    return this.items.filter((item) => item.refused === null).length;
  }

  get refused() {
    return this.items.filter((item) => item.refused !== null).length;
  }
}

/**
 * @param {Item} a
 * @param {Item} b
 */
function order(a, b) {
  return a.id < b.id ? -1 : 1;
}

/** The beat as it stands on this phone: what the server told last, and what was done here since. */

/** @import { Item, Queue } from './queue.js' */
/** @import { Lane, Route } from './route.js' */

import { useZone } from '../words.js';
import { classOf, daysSince } from './freshness.js';
import { metresBetween, nextRoute } from './route.js';

/**
 * @typedef {[number, number]} Place longitude, latitude
 * @typedef {{id: number, code: string, name: string, start: string, end: string, side: string,
 *   interval: number, cell: number, lane: number | null, street: number | null,
 *   seen: string | null, metres: number, shape: Place[], anchor: Place}} Stretch
 * @typedef {{id: number, building: number, seq: number, interval: number, cell: number,
 *   seen: string | null, lng: number, lat: number}} Entrance
 * @typedef {{id: number, address: string, number: string, lane: number | null,
 *   street: number | null, cell: number | null, shape: Place[][][], sign: string}} Building
 * @typedef {{id: number, code: string, name: string, community: string, teams: string[],
 *   shape: Place[][][]}} Cell
 * @typedef {{id: number, number: string, title: string, address: string, category: string,
 *   category_en: string, light: string, due: string | null, cell: number, lng: number,
 *   lat: number}} Case
 * @typedef {{
 *   packs: string | null, version: string, owner: string, name: string, until: string, made: string,
 *   city: {slug: string, name: string, demo: boolean, zone: string, approval: string},
 *   bbox: [number, number, number, number], cells: Cell[], stretches: Stretch[],
 *   entrances: Entrance[], buildings: Building[],
 *   ways: {kind: string, id: number, name: string, width: number, shape: Place[][]}[],
 *   ground: {kind: string, shape: Place[][][]}[],
 *   chiefs: {office: string, of: number, name: string, standing: string}[], incidents: Case[],
 *   categories: {code: string, name: string, name_en: string}[],
 *   checklist: {id: number, text: string, category: string | null}[],
 * }} BeatData
 */

export class Beat extends EventTarget {
  /** @type {Queue} */
  queue;
  /** @type {Place | null} where the bearer is, as far as it was told */
  place = null;
  /** Metres the place may be off; null: shown on the map by hand. @type {number | null} */
  blur = null;
  /** Stretches that earlier routes began with. @type {Set<number>} */
  offered = new Set();
  /** @type {Route | null} */
  #route = null;

  /**
   * @param {BeatData} data
   * @param {Queue} queue
   */
  constructor(data, queue) {
    super();
    this.queue = queue;
    this.data = data;
    this.take(data);
  }

  /** @param {BeatData} data what the server tells now */
  take(data) {
    this.data = data;
    useZone(data.city.zone);
    this.changed();
  }

  changed() {
    this.#route = null;
    this.dispatchEvent(new Event('change'));
  }

  /**
   * When a place was seen last, here or by anybody.
   *
   * @param {'stretch' | 'entrance'} kind
   * @param {{id: number, seen: string | null}} thing
   */
  seen(kind, thing) {
    const here = this.queue.items.filter((i) => i.kind === 'visit' && i.body[kind] === thing.id);
    return here.at(-1)?.body.at ?? thing.seen;
  }

  /**
   * @template {{id: number, interval: number, seen: string | null}} T
   * @param {'stretch' | 'entrance'} kind
   * @param {T} thing
   */
  fresh(kind, thing) {
    const days = daysSince(this.seen(kind, thing), new Date(), this.data.city.zone);
    return { ...thing, days, klass: classOf(days, thing.interval) };
  }

  /** @returns {(Stretch & Lane)[]} */
  stretches() {
    return this.data.stretches.map((one) => this.fresh('stretch', one));
  }

  entrances() {
    return this.data.entrances.map((one) => this.fresh('entrance', one));
  }

  /** The walk of the next half hour; worked out again after every visit. */
  route() {
    this.#route ??= nextRoute(this.stretches(), { from: this.place, offered: this.offered });
    return this.#route;
  }

  /** Offer another walk: one that does not begin where this one does. */
  another() {
    const first = this.route().legs.slice(0, 3);
    for (const { stretch } of first) this.offered.add(stretch.id);
    this.changed();
  }

  /**
   * @param {Place | null} place
   * @param {number | null} [blur] metres; null: shown by hand
   */
  stand(place, blur = null) {
    this.place = place;
    this.blur = blur;
    this.changed();
  }

  /** Something was sent: what the server told before is changed by it. @param {Item} item */
  arrived(item) {
    for (const kind of /** @type {const} */ (['stretch', 'entrance'])) {
      const things = kind === 'stretch' ? this.data.stretches : this.data.entrances;
      const thing = things.find((one) => one.id === item.body[kind]);
      if (thing && (thing.seen === null || thing.seen < item.body.at)) thing.seen = item.body.at;
    }
  }

  /**
   * What lies at a place: its cell, the nearest house within 40 m and lane within 60 m, and who
   * answers there.
   *
   * @param {Place} place
   */
  at(place) {
    const cell = this.data.cells.find((one) => one.shape.some((part) => inside(part[0], place)));
    const building = nearest(
      this.data.buildings.map((one) => ({ one, far: farFrom(one.shape[0][0], place) })),
      40,
    );
    const stretch = nearest(
      this.data.stretches.map((one) => ({ one, far: farFrom(one.shape, place) })),
      60,
    );
    return { cell, building, stretch, ladder: this.ladder(cell, building, stretch) };
  }

  /**
   * @param {Cell | undefined} cell
   * @param {Building | undefined} building
   * @param {Stretch | undefined} stretch
   */
  ladder(cell, building, stretch) {
    const of = {
      building: building?.id,
      lane: building?.lane ?? stretch?.lane,
      street: building?.street ?? stretch?.street,
      cell_worker: cell?.id,
    };
    return Object.entries(of).map(([office, id]) => ({
      office,
      chief: this.data.chiefs.find((one) => one.office === office && one.of === id) ?? null,
    }));
  }
}

/**
 * @template T
 * @param {{one: T, far: number}[]} found
 * @param {number} most metres
 */
function nearest(found, most) {
  const near = found.filter(({ far }) => far <= most);
  return near.length ? near.reduce((a, b) => (b.far < a.far ? b : a)).one : undefined;
}

/** @param {Place[]} ring @param {Place} place */
export function inside(ring, [x, y]) {
  let is = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) is = !is;
  }
  return is;
}

/**
 * Metres from a place to a line.
 *
 * @param {Place[]} line
 * @param {Place} place
 */
export function farFrom(line, place) {
  let least = Infinity;
  for (let i = 1; i < line.length; i += 1) {
    least = Math.min(least, metresBetween(onto(line[i - 1], line[i], place), place));
  }
  return least;
}

/** @param {Place} a @param {Place} b @param {Place} p @returns {Place} the nearest place of a piece */
function onto(a, b, p) {
  const squeeze = Math.cos((a[1] * Math.PI) / 180) ** 2;
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx * squeeze + dy * dy;
  const along = length ? ((p[0] - a[0]) * dx * squeeze + (p[1] - a[1]) * dy) / length : 0;
  const part = Math.max(0, Math.min(1, along));
  return [a[0] + part * dx, a[1] + part * dy];
}

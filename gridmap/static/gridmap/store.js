/** What the map page knows: one observable state. Knows no DOM, no network and no map. */

import { observable } from './observable.js';

/**
 * @typedef {'incidents' | 'coverage' | 'chiefs' | 'party'} Overlay
 * @typedef {'ok' | 'soon' | 'late' | 'parked'} Light
 * @typedef {{slug: string, name: string, edition: string, bbox: [number, number, number, number],
 *   demo: boolean, approval: string, whole?: boolean, subdistricts?: {id: number, name: string,
 *   communities: {id: number, name: string, own: boolean}[]}[]}} City bbox is west, south, east,
 *   north in degrees; own: the caller's own ground
 * @typedef {{zoom: number, lat: number, lng: number}} View
 * @typedef {Record<string, number>} Values the overlay's columns of one cell
 * @typedef {{id: number, code: string, name: string, kind: string, community: number,
 *   communityName: string, subdistrict: number | null, lng: number, lat: number,
 *   values: Values | null}} Cell lng/lat: where its label stands (pole of inaccessibility)
 * @typedef {{id: number, lng: number, lat: number, light: Light, category: number | null,
 *   cell: number | null, title: string, filed: string, due: string | null}} Incident
 * @typedef {{id: number, name: string, kind: string, cell: number | null, lng: number, lat: number}}
 *   PartyUnit
 * @typedef {{id: number, lng: number, lat: number, class: number, days: number | null,
 *   interval: number}} Entrance class 0..6; days since it was seen, null: never
 * @typedef {{building: Map<number, number>, lane: Map<number, number>, street: Map<number, number>}}
 *   Standings 0 filled, 1 substitute, 2 expiring, 3 vacant, by object
 * @typedef {{
 *   city: City | null,
 *   overlay: Overlay,
 *   cell: number | null,
 *   building: number | null,
 *   incident: number | null,
 *   picked: number[],
 *   walked: {lng: number, lat: number} | null,
 *   filing: {spot: {lng: number, lat: number} | null} | null,
 *   hover: number | null,
 *   subdistrict: number | null,
 *   community: number | null,
 *   category: number | null,
 *   since: string | null,
 *   until: string | null,
 *   asof: string | null,
 *   unknown: string[],
 *   published: {week: string, open: Map<string, number>} | null,
 *   classes: string[],
 *   light: Light | null,
 *   view: View | null,
 *   box: [number, number, number, number] | null,
 *   duty: 'rulings' | null,
 *   ruling: number | null,
 *   border: string | null,
 *   rulings: import('geojson').Feature[],
 *   borders: import('geojson').Feature[],
 *   panel: 'card' | 'list' | null,
 *   lang: 'zh' | 'en',
 *   layers: Record<string, boolean>,
 *   cells: Map<number, Cell>,
 *   incidents: Map<number, Incident>,
 *   freshness: Map<number, number>,
 *   entrances: Entrance[],
 *   standings: Standings,
 *   many: Set<string>,
 *   units: PartyUnit[],
 *   days: {day: string, filed: number}[],
 *   waters: {name: string, line: [number, number][]}[],
 *   live: 'live' | 'stale' | 'offline',
 *   errors: Record<string, string>,
 * }} State
 * (duty: the layer of duties over the map; ruling and border: what of it is chosen; asof: the moment shown, a day or a day and an hour in the city's time; null: now; unknown: of what
 * no record reaches that moment: incidents, coverage, chiefs; published: the figures of the
 * week by `community 5`, `subdistrict 2` and `city`, for those who see sums only;
 * picked: cells chosen together, whose sums are shown when no single one is; walked: the sign the
 * keyboard points at; filing: the form of a report is open, and where it is, as far as that is chosen;
 * many: `building 12`, what is one of too many in one hand;
 * box: what the map shows, west, south, east, north; freshness: class 0..6 by stretch;
 * entrances: those in the box, near by only; days: incidents filed on each of the last days)
 * @typedef {keyof State} Key
 */

/** @type {State} */
const EMPTY = {
  city: null,
  overlay: 'incidents',
  cell: null,
  building: null,
  incident: null,
  picked: [],
  walked: null,
  filing: null,
  duty: null,
  ruling: null,
  border: null,
  rulings: [],
  borders: [],
  hover: null,
  subdistrict: null,
  community: null,
  category: null,
  since: null,
  until: null,
  asof: null,
  unknown: [],
  published: null,
  classes: [],
  light: null,
  view: null,
  box: null,
  panel: null,
  lang: 'zh',
  layers: {},
  cells: new Map(),
  incidents: new Map(),
  freshness: new Map(),
  entrances: [],
  standings: { building: new Map(), lane: new Map(), street: new Map() },
  many: new Set(),
  units: [],
  days: [],
  waters: [],
  live: 'live',
  errors: {},
};

/** Nothing selected, and the panel at its beginning. */
export const UNSELECTED = {
  cell: null,
  building: null,
  incident: null,
  ruling: null,
  border: null,
  picked: /** @type {number[]} */ ([]),
  panel: null,
};

/**
 * Make a store.
 *
 * @param {Partial<State>} [initial]
 */
export function createStore(initial = {}) {
  return observable(
    /** @type {State} */ ({ ...EMPTY, cells: new Map(), incidents: new Map(), ...initial }),
  );
}

/** @typedef {ReturnType<typeof createStore>} Store */

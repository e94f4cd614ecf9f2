/** Reads from the server what the map shows and puts it into the store; failures become words there. */

/** @import { Feature, MultiPolygon, Point } from 'geojson' */
/** @import { Feeds, OverlayAnswer } from './feeds.js' */
/** @import { Cell, Entrance, Overlay, PartyUnit, State, Store } from './store.js' */

import { Failure } from './api.js';
import { ENTRANCES_FROM } from './classes.js';
import { incidentsOf, valuesByCell, withValues } from './feeds.js';
import { middleLine } from './geo.js';
import { place } from './names.js';
import { asOf, t } from './words.js';

/** Incidents are read in pages; beyond these the shades of the cells must do. */
const PAGE = 1000;
const PAGES = 10;
/** The class of what no record reaches: it is not drawn. */
const NOT_KNOWN = -1;

/**
 * The loads of one city. Each puts its result into the store and never throws.
 *
 * @param {Store} store
 * @param {Feeds} feeds
 */
export function loads(store, feeds) {
  const city = store.get('city')?.slug ?? '';
  const put = (/** @type {Partial<State>} */ patch) => store.set(patch, { history: null });
  const tried = attempts(store);
  const details = detailsOf({
    city,
    feeds,
    put,
    tried,
    known: (what) => !store.get('unknown').includes(what),
  });
  const seen = { cursor: 0, columns: /** @type {string[]} */ ([]) };

  /** The published sums; there are none of a part or of the past. */
  const sums = async (/** @type {boolean} */ whole) => {
    if (!whole) return new Map();
    return publishedOf(await feeds.json('/api/figures', { city }));
  };
  /** @returns {Promise<OverlayAnswer>} */
  const overlay = async () => {
    const answer = await feeds.json('/feeds/overlay', { city, ...filters(store), as_of: asOf() });
    seen.cursor = answer.cursor;
    seen.columns = answer.columns;
    const { week } = answer;
    const published = week ? { week, open: await sums(asOf() === null && !filtered(store)) } : null;
    put({ unknown: unknownOf(answer.columns), published });
    return answer;
  };

  return {
    /** What the last reading of the values said: its cursor, and the names of the columns. */
    seen,
    /** Names and values of all cells. */
    cells: tried('cells', async () => {
      const [labels, values] = await Promise.all([
        feeds.json('/api/cells', { city, fields: 'labels', as_of: asOf() }),
        overlay(),
      ]);
      put({ cells: withValues(cellsOf(labels), valuesByCell(values)) });
    }),
    /** Values alone, for other filters. */
    values: tried('cells', async () => {
      const values = valuesByCell(await overlay());
      put({ cells: withValues(store.get('cells'), values) });
    }),
    incidents: tried('incidents', async () => {
      const query = { city, open: true, page_size: PAGE, ...filters(store), as_of: asOf() };
      let answer = await feeds.json('/api/incidents', query);
      const found = incidentsOf(answer);
      for (let page = 1; answer.next && page < PAGES; page += 1) {
        answer = await feeds.json(onOurHost(answer.next));
        for (const [id, one] of incidentsOf(answer)) found.set(id, one);
      }
      put({ incidents: found });
    }),
    /**
     * The words of one incident that came by the live stream, which tells none.
     *
     * @param {number} id
     */
    incident: (id) =>
      tried('incidents', async () => {
        const feature = await feeds.json(`/api/incidents/${id}`);
        const known = store.get('incidents');
        if (known.has(id)) {
          put({ incidents: new Map([...known, ...incidentsOf(collection([feature]))]) });
        }
      })(),
    days: tried('days', async () => {
      const area = {
        category: store.get('category'),
        community: store.get('community'),
        subdistrict: store.get('subdistrict'),
      };
      const { days } = await feeds.json('/api/histogram', { city, ...area, as_of: asOf() });
      put({ days: days.map((/** @type {[string, number]} */ [day, filed]) => ({ day, filed })) });
    }),
    /** Names of rivers and lakes; the tiles hold their shapes only. */
    waters: tried('waters', async () => {
      const query = { city, kind: 'water', page_size: PAGE };
      const { features } = await feeds.json('/api/ground', query);
      put({ waters: features.flatMap(watersOf) });
    }),
    /** Rulings, and the borders on which there is none; of the past the rulings alone. */
    duties: tried('duties', async () => {
      if (store.get('duty') === null) return;
      const query = { city, page_size: PAGE, as_of: asOf() };
      const [ruled, open] = await Promise.all([
        feeds.json('/api/rulings', query),
        asOf() === null ? feeds.json('/api/duty-borders', { city }) : { features: [] },
      ]);
      put({ rulings: ruled.features, borders: open.features });
    }),
    /** The entrances in view, when they are drawn at all. */
    entrances: entrancesOf({ store, feeds, tried }),
    /** What the present overlay shows beyond the values of cells. */
    details: () => details[store.get('overlay')](),
  };
}

/**
 * What each overlay shows beyond the values of cells.
 *
 * @param {{city: string, feeds: Feeds, put: (patch: Partial<State>) => void,
 *   tried: ReturnType<typeof attempts>, known: (what: string) => boolean}} tools
 * @returns {Record<Overlay, () => Promise<void>>}
 */
function detailsOf({ city, feeds, put, tried, known }) {
  return {
    incidents: async () => {},
    coverage: tried('coverage', async () => {
      const { stretches } = await feeds.json('/api/freshness', { city, as_of: asOf() });
      const of = (/** @type {number[]} */ [id, c]) => [id, known('coverage') ? c : NOT_KNOWN];
      put({ freshness: new Map(stretches.map(of)) });
    }),
    chiefs: tried('chiefs', async () => {
      const { buildings, lanes, streets, many } = await feeds.json('/api/standing', {
        city,
        as_of: asOf(),
      });
      // The server counts classes from 1.
      const of = (/** @type {number[][]} */ rows) =>
        new Map(rows.map(([id, c]) => [id, known('chiefs') ? c - 1 : NOT_KNOWN]));
      put({
        standings: { building: of(buildings), lane: of(lanes), street: of(streets) },
        many: new Set(many),
      });
    }),
    party: tried('party', async () => {
      const { features } = await feeds.json('/api/party-units', { city, page_size: PAGE });
      put({ units: features.map(unit) });
    }),
  };
}

/**
 * The entrances in view; the newest box wins, whichever answer comes last.
 *
 * @param {{store: Store, feeds: Feeds, tried: ReturnType<typeof attempts>}} tools
 * @returns {() => Promise<void>}
 */
function entrancesOf({ store, feeds, tried }) {
  let asked = 0;
  return tried('coverage', async () => {
    const { overlay, view, box, city } = store.all();
    asked += 1;
    if (overlay !== 'coverage' || !box || !view || view.zoom < ENTRANCES_FROM) return;
    const mine = asked;
    const bbox = box.map((degrees) => degrees.toFixed(6)).join(',');
    const query = { city: city?.slug, bbox, as_of: asOf() };
    const { entrances } = await feeds.json('/api/freshness', query);
    const known = !store.get('unknown').includes('coverage');
    if (mine === asked)
      store.set({ entrances: known ? entrances.map(entrance) : [] }, { history: null });
  });
}

/**
 * @param {Record<'communities' | 'subdistricts' | 'city', [number, number | null][]>} answer
 * @returns {Map<string, number>}
 */
function publishedOf({ communities, subdistricts, city }) {
  return new Map([
    ...named('community ', communities),
    ...named('subdistrict ', subdistricts),
    ...city.map(([, open]) => /** @type {[string, number]} */ (['city', open ?? Number.NaN])),
  ]);
}

/**
 * @param {string} level
 * @param {[number, number | null][]} rows
 * @returns {[string, number][]}
 */
function named(level, rows) {
  return rows.map(([id, open]) => [level + id, open ?? Number.NaN]);
}

/** Columns by which the answer shows that a subject is known. */
const TOLD = { incidents: 'open', coverage: 'l0', chiefs: 'b_vacant' };

/** @param {string[]} columns */
function unknownOf(columns) {
  return Object.entries(TOLD).flatMap(([what, column]) => (columns.includes(column) ? [] : [what]));
}

/** @param {Store} store */
function filters(store) {
  const { since, until, category } = store.all();
  return { since, until, category };
}

/**
 * Whether the values shown are those of a filter, which live changes do not tell.
 *
 * @param {Store} store
 */
export function filtered(store) {
  return Object.values(filters(store)).some((value) => value !== null);
}

/**
 * Make loads that keep the word of their failure in the store's `errors` until they succeed.
 *
 * @param {Store} store
 */
function attempts(store) {
  const word = (/** @type {string} */ name, /** @type {string | null} */ text) => {
    const { [name]: before, ...rest } = store.get('errors');
    if (before === undefined && text === null) return;
    store.set({ errors: text === null ? rest : { ...rest, [name]: text } }, { history: null });
  };
  return (/** @type {string} */ name, /** @type {() => Promise<void>} */ load) => async () => {
    try {
      await load();
      word(name, null);
    } catch (error) {
      word(name, error instanceof Failure && error.message ? error.message : t('网络断了'));
    }
  };
}

/** @param {Feature<Point, any>[]} features */
function collection(features) {
  return { type: /** @type {const} */ ('FeatureCollection'), features };
}

/** @param {string} address of the next page, which names the host the server believes it has */
function onOurHost(address) {
  const { pathname, search } = new URL(address, globalThis.location?.href);
  return pathname + search;
}

/**
 * @param {{cells: any[]}} answer
 * @returns {Map<number, Cell>}
 */
export function cellsOf({ cells }) {
  return new Map(
    cells.map((row) => [
      row.id,
      {
        id: row.id,
        code: row.code,
        name: place(row.name),
        kind: row.kind,
        community: row.community,
        communityName: place(row.community_name),
        subdistrict: row.subdistrict,
        lng: row.lng,
        lat: row.lat,
        values: null,
      },
    ]),
  );
}

/**
 * @param {Feature<MultiPolygon, any>} feature
 * @returns {State['waters']}
 */
function watersOf({ geometry, properties: { name } }) {
  if (!name) return [];
  return geometry.coordinates.map(([outer]) => ({
    name: place(name),
    line: middleLine(/** @type {[number, number][]} */ (outer)),
  }));
}

/**
 * @param {Feature<Point, any>} feature
 * @returns {PartyUnit}
 */
function unit({ id, geometry, properties: { name, kind, cell } }) {
  const [lng, lat] = geometry.coordinates;
  return { id: Number(id), name: place(name), kind, cell: cell ?? null, lng, lat };
}

/**
 * @param {number[]} row
 * @returns {Entrance}
 */
function entrance([id, lng, lat, fresh, days, interval]) {
  return { id, lng, lat, class: fresh, days, interval };
}

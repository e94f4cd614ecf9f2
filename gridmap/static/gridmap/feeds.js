/** What the map reads: the feeds behind the ticket, and their answers turned into the store's shapes. */

/** @import { Cell, Incident, Light, Values } from './store.js' */
/** @import { Feature, FeatureCollection, Point } from 'geojson' */

import { Failure, send } from './api.js';

/** Refusals a new ticket cures. */
const CURABLE = new Set(['TicketExpired', 'TicketRevoked', 'NoTicket', 'BadTicket']);

/**
 * @typedef {{edition: string, cursor: number, at: string, columns: string[], cells: number[][],
 *   week?: string}} OverlayAnswer each row of cells: id, then one number a column
 * @typedef {{id: number, lng: number, lat: number, light: Light, category: number | null,
 *   cell: number | null, open: boolean}} IncidentChange
 */

/**
 * Make a door to the feeds that renews the ticket once when it is refused.
 *
 * Two requests refused at the same moment share one renewal.
 *
 * @param {{fetch?: typeof fetch, renew?: () => Promise<{seconds: number}>}} [tools] for tests
 */
export function openFeeds({ fetch: get = fetch.bind(globalThis), renew = ticket } = {}) {
  /** @type {Promise<{seconds: number}> | null} */
  let renewing = null;
  const renewOnce = () => {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    return renewing;
  };

  /**
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {Promise<Response>}
   * @throws {Failure}
   */
  const ask = async (path, signal) => {
    let answer = await reach(get, path, signal);
    if (answer.status === 401 && CURABLE.has((await refusal(answer.clone())).code)) {
      await renewOnce();
      answer = await reach(get, path, signal);
    }
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };

  return {
    renew: renewOnce,
    /**
     * Read JSON.
     *
     * @param {string} path
     * @param {Record<string, string | number | boolean | null | undefined>} [query] null: left out
     * @param {AbortSignal} [signal]
     * @returns {Promise<any>}
     */
    async json(path, query = {}, signal) {
      return (await ask(withQuery(path, query), signal)).json();
    },
    /**
     * Read bytes, of a tile.
     *
     * @param {string} path
     * @param {AbortSignal} [signal]
     */
    async bytes(path, signal) {
      return (await ask(path, signal)).arrayBuffer();
    },
  };
}

/** @typedef {ReturnType<typeof openFeeds>} Feeds */

/**
 * Ask Django for a new ticket; it comes as a cookie.
 *
 * @returns {Promise<{seconds: number}>} how long it is good for
 */
function ticket() {
  return send('/ticket');
}

/** When a ticket of unknown age is renewed, seconds, and at which part of a known life. */
const FIRST_RENEWAL = 240;
const RENEWED_AT = 0.7;

/**
 * Renew the ticket before it ends, so that nothing is refused while somebody looks at the map.
 *
 * @param {Feeds} feeds
 * @returns {() => void} stops
 */
export function keepTicket(feeds) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const plan = (/** @type {number} */ seconds) => {
    timer = setTimeout(async () => {
      const answer = await feeds.renew().catch(() => null);
      plan(answer ? answer.seconds * RENEWED_AT : FIRST_RENEWAL);
    }, seconds * 1000);
  };
  plan(FIRST_RENEWAL);
  return () => clearTimeout(timer);
}

/**
 * @param {typeof fetch} get
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function reach(get, path, signal) {
  try {
    return await get(path, { credentials: 'same-origin', signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure('NoNetwork', '', 0);
  }
}

/** @param {Response} answer */
async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Failure(String(body.code ?? answer.status), body.message ?? '', answer.status, body);
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} query
 */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, v]) => v !== null && v !== undefined && v !== '');
  const text = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
  return text ? `${path}?${text}` : path;
}

/** What the feed writes for a figure that is not shown. */
const WITHHELD = -1;

/**
 * Rows of numbers to values by cell. A figure that is not shown is NaN: so is every sum with it.
 *
 * @param {{columns: string[], cells: number[][]}} answer
 * @returns {Map<number, Values>}
 */
export function valuesByCell({ columns, cells }) {
  return new Map(
    cells.map(([id, ...row]) => [
      id,
      Object.fromEntries(columns.map((c, i) => [c, row[i] === WITHHELD ? Number.NaN : row[i]])),
    ]),
  );
}

/**
 * Put new values on some cells; the others stay. Cells that are not on the map are passed over.
 *
 * @param {Map<number, Cell>} cells
 * @param {Map<number, Values>} values
 * @returns {Map<number, Cell>} a new map
 */
export function withValues(cells, values) {
  const next = new Map(cells);
  for (const [id, found] of values) {
    const cell = next.get(id);
    if (cell) next.set(id, { ...cell, values: found });
  }
  return next;
}

/**
 * Put incidents that changed into those known: a closed one leaves.
 *
 * @param {Map<number, Incident>} incidents
 * @param {IncidentChange[]} changes
 * @returns {Map<number, Incident>} a new map
 */
export function withChanges(incidents, changes) {
  const next = new Map(incidents);
  for (const { open, ...change } of changes) {
    const { id } = change;
    if (open) next.set(id, { title: '', filed: '', due: null, ...next.get(id), ...change });
    else next.delete(id);
  }
  return next;
}

/**
 * Incidents of the API's list.
 *
 * @param {FeatureCollection<Point, any>} answer
 * @returns {Map<number, Incident>}
 */
export function incidentsOf({ features }) {
  return new Map(features.map((feature) => [Number(feature.id), incident(feature)]));
}

/** @param {Feature<Point, any>} feature */
function incident({ id, geometry, properties: p }) {
  const [lng, lat] = geometry.coordinates;
  return {
    id: Number(id),
    lng,
    lat,
    light: p.light,
    category: p.category ?? null,
    cell: p.cell ?? null,
    title: p.title ?? '',
    filed: p.filed_at ?? p.reported_at ?? '',
    due: p.due ?? null,
  };
}

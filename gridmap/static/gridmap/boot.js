/** What the page starts from: read once from the JSON that came with it. */

/** @import { City, State } from './store.js' */

import { place } from './names.js';

/**
 * @typedef {{id: number, name: string, own: boolean}} Community
 * @typedef {{id: number, name: string, communities: Community[]}} Subdistrict
 * @typedef {{id: number, code: string, name: string}} Category
 * @typedef {City & {formerName: string, zone: string, whole: boolean, subdistricts: Subdistrict[],
 *   categories: Category[]}} BootCity
 * @typedef {{city?: string, community?: number | null, subdistrict?: number | null,
 *   cell?: number | null}} Home
 * @typedef {{
 *   user: {name: string, roles: string[]},
 *   cities: BootCity[],
 *   home: Home,
 *   now: string,
 *   basemap: boolean,
 *   bell: {href: string, count: string, unread: number | string, bell: string},
 *   rail: {name: string, href: string, icon: string, word: string}[],
 *   may: {report: boolean, appoint: boolean, incidents: boolean},
 *   light: string,
 * }} Boot
 */

/** @returns {Boot} */
export function readBoot() {
  return JSON.parse(document.getElementById('boot')?.textContent ?? '{}');
}

/**
 * Whether the rail leads the caller to a page; where it does not, nothing else may.
 *
 * @param {string} name of the stop
 */
export const leadsTo = (name) => readBoot().rail.some((stop) => stop.name === name);

/**
 * Whether the caller may do something anywhere: report an incident, see single ones.
 *
 * @param {keyof Boot['may']} what
 */
export const may = (what) => readBoot().may[what];

/**
 * A city with the names of its areas as the reader's language writes them.
 *
 * @param {BootCity} city
 * @returns {BootCity}
 */
export function spelled(city) {
  return {
    ...city,
    subdistricts: city.subdistricts.map((wide) => ({
      ...wide,
      name: place(wide.name),
      communities: wide.communities.map((narrow) => ({ ...narrow, name: place(narrow.name) })),
    })),
  };
}

/**
 * The city the address names, or the caller's own, or the first.
 *
 * @param {Boot} boot
 * @param {string} search
 * @returns {BootCity | undefined}
 */
export function chosenCity({ cities, home }, search) {
  const wanted = new URLSearchParams(search).get('city') ?? home.city;
  return cities.find((city) => city.slug === wanted) ?? cities[0];
}

/**
 * The names of the area a state is filtered to, from the widest to the narrowest.
 *
 * @param {BootCity | undefined} city
 * @param {Pick<State, 'subdistrict' | 'community'>} state
 * @returns {string[]}
 */
export function areaPath(city, { subdistrict, community }) {
  if (!city) return [];
  for (const wide of city.subdistricts) {
    const narrow = wide.communities.find(({ id }) => id === community);
    if (narrow) return [city.name, wide.name, narrow.name];
    if (wide.id === subdistrict && community === null) return [city.name, wide.name];
  }
  return [city.name];
}

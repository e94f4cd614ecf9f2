/** Codes and households of a draft's cells, where their ground is widest. */

/** @import { FeatureCollection } from 'geojson' */
/** @import { TownMap } from '../map.js' */
/** @import { Draft } from '../plan-draft.js' */

import { codeOf } from '../plan-words.js';
import { language, number, t, tn } from '../words.js';

/**
 * The unit of a cell nearest to the middle of its ground.
 *
 * @param {import('../partition.js').Partition} partition
 * @param {number} no
 */
export function middleUnit({ fabric, unitsOf }, no) {
  const units = unitsOf(no);
  let [area, lng, lat] = [0, 0, 0];
  for (const unit of units) {
    area += fabric.area[unit];
    lng += fabric.area[unit] * fabric.lng[unit];
    lat += fabric.area[unit] * fabric.lat[unit];
  }
  const squeeze = Math.cos(((lat / area) * Math.PI) / 180);
  const far = (/** @type {number} */ unit) =>
    Math.hypot((fabric.lng[unit] - lng / area) * squeeze, fabric.lat[unit] - lat / area);
  return units.reduce((best, unit) => (far(unit) < far(best) ? unit : best), units[0] ?? -1);
}

/**
 * @param {Draft} draft
 * @param {[number, number]} band
 * @returns {FeatureCollection}
 */
export function cellNames(draft, [least, most]) {
  const { partition } = draft;
  const features = [...draft.cells()].flatMap(([no, cell]) => {
    const unit = middleUnit(partition, no);
    if (unit < 0) return [];
    const households = partition.householdsOf(no);
    const special = cell.kind === 'special';
    const over = cell.kind === 'basic' && (households < least || households > most);
    return [
      {
        type: /** @type {const} */ ('Feature'),
        properties: {
          code: codeOf(cell, no),
          figure: special
            ? t('专属')
            : `${language() === 'zh' ? tn('%(n)s 户', households) : number(households)}${over ? ' ▲' : ''}`,
          bad: over,
          households,
        },
        geometry: {
          type: /** @type {const} */ ('Point'),
          coordinates: [partition.fabric.lng[unit], partition.fabric.lat[unit]],
        },
      },
    ];
  });
  return { type: 'FeatureCollection', features };
}

/**
 * @param {TownMap} map
 * @param {Draft} draft
 * @param {[number, number]} band
 */
export function showNames(map, draft, band) {
  map.setShapes('cell-names', cellNames(draft, band));
}

/** What must be mended in a draft, and what is only remarked: as the server judges it, on the spot. Pure. */

/** @import { Figures, Partition } from './partition.js' */

/** Below this roundness a cell is remarked upon. */
export const SLENDER = 0.25;

/**
 * @typedef {{cell: number | null, uid: string, code: string, name: string, kind: string, use: string,
 *   locked: boolean, reason: string, made_by?: string | null}} CellFields
 * @typedef {{code: 'unassigned' | 'empty' | 'apart' | 'under' | 'over' | 'tower' | 'slender' |
 *   'lane', must: boolean, no: number, figures: Figures, units: number[], name?: string,
 *   cells?: number[], headed?: boolean}} Fault units: those it is about, to go to; the rest: of a lane
 *   cut
 * @typedef {{name: string, units: number[], headed: boolean}} Lane units along it; headed: it has
 *   a chief
 */

/**
 * @param {Partition} partition
 * @param {Map<number, CellFields>} cells by number
 * @param {[number, number]} band households of a cell
 * @param {Lane[]} [lanes]
 * @returns {Fault[]} what must be mended first
 */
export function faultsOf(partition, cells, band, lanes = []) {
  /** @type {Fault[]} */
  const found = [];
  const loose = partition.figures(0);
  if (loose.units > 0) {
    found.push({
      code: 'unassigned',
      must: true,
      no: 0,
      figures: loose,
      units: partition.unitsOf(0),
    });
  }
  for (const [no, cell] of cells) found.push(...judged(partition, no, cell, band));
  found.push(...lanesCut(partition, lanes));
  return found.sort((one, two) => Number(two.must) - Number(one.must) || one.no - two.no);
}

/**
 * @param {Partition} partition
 * @param {number} no
 * @param {CellFields} cell
 * @param {[number, number]} band
 * @returns {Fault[]}
 */
function judged(partition, no, cell, [least, most]) {
  const figures = partition.figures(no);
  const fault = (
    /** @type {Fault['code']} */ code,
    /** @type {boolean} */ must,
    /** @type {number[]} */ units,
  ) => ({ code, must, no, figures, units });
  if (figures.units === 0) return cell.cell === null ? [fault('empty', false, [])] : [];
  /** @type {Fault[]} */
  const found = [];
  if (figures.parts > 1) found.push(fault('apart', true, partition.pieces(no).slice(1).flat()));
  if (cell.kind === 'basic') {
    const unexcused = cell.reason.trim() === '';
    if (figures.households < least) found.push(fault('under', unexcused, partition.unitsOf(no)));
    if (figures.households > most) {
      const towers = partition
        .unitsOf(no)
        .filter((unit) => partition.fabric.households[unit] > most);
      if (towers.length) found.push(fault('tower', unexcused, towers));
      else found.push(fault('over', unexcused, partition.unitsOf(no)));
    }
  }
  if (figures.pp < SLENDER) found.push(fault('slender', false, partition.unitsOf(no)));
  return found;
}

/**
 * The cells that a lane lies in.
 *
 * @param {Partition} partition
 * @param {Lane} lane
 */
function cellsOf({ labels }, { units }) {
  return [...new Set(units.map((unit) => labels[unit]))].filter((no) => no > 0);
}

/**
 * How many lanes a cell shares with others, and how many of these have a chief, who then answers to
 * several cells.
 *
 * @param {Partition} partition
 * @param {Lane[]} lanes
 * @param {number} no
 * @returns {{lanes: number, chiefs: number}}
 */
export function splitIn(partition, lanes, no) {
  const split = lanes.filter((lane) => {
    const cells = cellsOf(partition, lane);
    return cells.length > 1 && cells.includes(no);
  });
  return { lanes: split.length, chiefs: split.filter(({ headed }) => headed).length };
}

/**
 * @param {Partition} partition
 * @param {Lane[]} lanes
 * @returns {Fault[]}
 */
function lanesCut(partition, lanes) {
  return lanes.flatMap((lane) => {
    const cells = cellsOf(partition, lane);
    if (cells.length < 2) return [];
    const no = Math.min(...cells);
    const { name, units, headed } = lane;
    const code = /** @type {const} */ ('lane');
    return [{ code, must: false, no, figures: partition.figures(no), units, name, cells, headed }];
  });
}

/**
 * A repair at hand: units without a cell and pieces that lie apart go to the neighbour they share
 * most border with.
 *
 * @param {Partition} partition
 * @param {Fault} fault
 * @param {(no: number) => boolean} open whether units may be given to a cell
 * @returns {{units: number[], to: number}[]} empty where none is known
 */
export function repairOf(partition, fault, open) {
  if (fault.code !== 'unassigned' && fault.code !== 'apart') return [];
  const pieces = partition.pieces(fault.no);
  return (fault.code === 'apart' ? pieces.slice(1) : pieces).flatMap((units) => {
    const to = mostBorder(partition, units, (no) => no > 0 && no !== fault.no && open(no));
    return to === null ? [] : [{ units, to }];
  });
}

/**
 * @param {Partition} partition
 * @param {number[]} units
 * @param {(no: number) => boolean} good
 */
function mostBorder({ fabric, labels }, units, good) {
  /** @type {Map<number, number>} */
  const shared = new Map();
  for (const unit of units) {
    for (let p = fabric.start[unit]; p < fabric.start[unit + 1]; p += 1) {
      const no = labels[fabric.neighbour[p]];
      if (!good(no) || fabric.edge_crossable[fabric.edge[p]] === 0) continue;
      shared.set(no, (shared.get(no) ?? 0) + fabric.edge_length[fabric.edge[p]]);
    }
  }
  const [best] = [...shared].sort((one, two) => two[1] - one[1]);
  return best ? best[0] : null;
}

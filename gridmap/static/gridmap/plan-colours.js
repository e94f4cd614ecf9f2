/** Which of the nine quiet fills each cell of a plan has: neighbours never the same. Pure. */

/** @import { Partition } from './partition.js' */

export const FILLS = 9;

/**
 * Give every cell a fill; cells keep what they have unless a neighbour has it too.
 *
 * @param {Partition} partition
 * @param {Iterable<number>} numbers
 * @param {ReadonlyMap<number, number>} [before] fills by number, 1 to 9
 * @returns {Map<number, number>}
 */
export function fillsOf(partition, numbers, before = new Map()) {
  /** @type {Map<number, number>} */
  const fills = new Map();
  const used = new Array(FILLS + 1).fill(0);
  for (const no of numbers) {
    const taken = new Set([...partition.neighbours(no).keys()].map((other) => fills.get(other)));
    const kept = before.get(no);
    const free = Array.from({ length: FILLS }, (_, i) => i + 1).filter((fill) => !taken.has(fill));
    const least = free.reduce(
      (best, fill) => (used[fill] < used[best] ? fill : best),
      free[0] ?? 1,
    );
    const fill = kept !== undefined && !taken.has(kept) ? kept : least;
    fills.set(no, fill);
    used[fill] += 1;
  }
  return fills;
}

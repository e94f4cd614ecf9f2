/** How the planner's page asks the server. */

/** @import { Net, Opened } from './plan-draft.js' */

import { Failure, read, send } from './api.js';
import { readBundle } from './fabric.js';

/**
 * A 409 with what was done is an answer: the rest met what others did.
 *
 * @param {Promise<any>} asked
 */
async function merged(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Failure && error.status === 409 && error.detail.applied) {
      return error.detail;
    }
    throw error;
  }
}

/**
 * @param {number} plan
 * @returns {Net}
 */
export function netOf(plan) {
  const at = `/api/plans/${plan}`;
  return {
    ops: (base, ops) => merged(send(`${at}/ops`, { base_seq: base, ops })),
    turn: (way, id) => merged(send(`${at}/${way}`, { id })),
    log: (after) => read(`${at}/ops`, { after }),
    reserved: async () => (await read(`${at}/reservations`)).reserved,
  };
}

/**
 * @typedef {Opened & {id: number, title: string, band: [number, number], community_name: string,
 *   fabric: number}} PlanAnswer
 * @typedef {{
 *   in_force: {labels: number[], cells: {no: number, uid: string, code: string, name: string,
 *     households: number}[]},
 *   names: string[],
 *   lanes: {name: string, units: number[], headed: boolean}[],
 *   turns: {undo: boolean, redo: boolean},
 * }} Ground
 */

/**
 * Everything a plan is drawn with.
 *
 * @param {{plan: number, fabric: number}} boot
 */
export async function openPlan({ plan, fabric }) {
  const [opened, ground, bundle] = await Promise.all([
    /** @type {Promise<PlanAnswer>} */ (read(`/api/plans/${plan}`)),
    /** @type {Promise<Ground>} */ (read(`/api/plans/${plan}/ground`)),
    bundleOf(fabric),
  ]);
  return { opened, ground, fabric: bundle };
}

/** @param {number} fabric */
async function bundleOf(fabric) {
  let answer;
  try {
    answer = await fetch(`/api/fabrics/${fabric}/bundle`, { credentials: 'same-origin' });
  } catch {
    throw new Failure('NoNetwork', '', 0);
  }
  if (!answer.ok) throw new Failure(String(answer.status), '', answer.status);
  return readBundle(await answer.arrayBuffer());
}

/** How what waits reaches the server: the API's own addresses, each thing under its own key. */

/** @import { Item } from './queue.js' */
/** @import { Result } from './replay.js' */

import { Failure, send } from '../api.js';

/** @param {any} failure */
function told(failure) {
  // Refused without a word of ours: the form's token is old. The page fetches another.
  if (failure.status === 403 && failure.code === '403') throw new Failure('NoToken', '', 0);
  throw failure;
}

export function sending() {
  return {
    /**
     * @param {Item[]} items
     * @returns {Promise<Result[]>}
     */
    async visits(items) {
      const visits = items.map((item) => ({ ...item.body, client_id: item.id }));
      const answer = await send('/api/visits', { visits }).catch(told);
      return answer.results.map((/** @type {any} */ one) => ({
        id: one.client_id,
        ok: one.code === undefined,
        code: one.code,
        reason: one.message,
      }));
    },
    /** @param {Item} item */
    async report(item) {
      await send('/api/incidents', { ...item.body, client_id: item.id }).catch(told);
    },
  };
}

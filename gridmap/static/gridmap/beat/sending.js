/** How what waits reaches the server: the API's own addresses, each thing under its own key. */

/** @import { Item, Queue } from './queue.js' */
/** @import { Result } from './replay.js' */

import { Failure, send, sendForm } from '../api.js';

/** @param {any} failure */
function told(failure) {
  // Refused without a word of ours: the form's token is old. The page fetches another.
  if (failure.status === 403 && failure.code === '403') throw new Failure('NoToken', '', 0);
  throw failure;
}

/** @param {Queue} queue */
export function sending(queue) {
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
    /**
     * First the report, then its photos one by one; what has arrived is remembered, so that a cut
     * line costs one photo and not all. The server knows a picture it has.
     *
     * @param {Item} item
     */
    async report(item) {
      if (item.number === null) {
        const made = await send('/api/incidents', { ...item.body, client_id: item.id }).catch(told);
        item.number = Number(made.id);
        await queue.keep(item);
      }
      for (const photo of item.photos.filter(({ id }) => !item.sent.includes(id))) {
        const bytes = await queue.vault.bytes('photos', photo.id);
        if (bytes !== null) {
          const form = new FormData();
          form.set('photo', new Blob([bytes], { type: photo.type }), `${photo.id}.jpg`);
          await sendForm(`/api/incidents/${item.number}/photos`, form).catch(told);
        }
        item.sent.push(photo.id);
        await queue.keep(item);
      }
    },
  };
}

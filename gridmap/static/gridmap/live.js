/** Listens for changes made elsewhere, and says when what is shown may be old. */

/**
 * @typedef {'live' | 'stale' | 'offline'} Liveness
 * @typedef {{
 *   address: (cursor: number) => string,
 *   renew: () => Promise<unknown>,
 *   onChange: (data: {cells: number[][], incidents: any[] | null}) => void,
 *   onEdition: (edition: string) => void,
 *   onReset: () => void,
 *   onLiveness: (liveness: Liveness) => void,
 * }} Wires
 */

/** The first wait before a lost stream is opened anew, and the longest, milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** A break shorter than this is not worth a word. */
const PATIENCE = 3_000;

/**
 * Open the stream of changes and keep it open.
 *
 * The browser resumes a broken stream by itself (Last-Event-ID); a refused one (the ticket has
 * ended) it gives up: then the ticket is renewed and a new stream starts behind the last cursor.
 *
 * @param {Wires} wires
 * @param {number} cursor of the values shown
 * @param {typeof EventSource} [Source] for tests
 */
export function listen(wires, cursor, Source = EventSource) {
  let last = cursor;
  let wait = FIRST_WAIT;
  let closed = false;
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let doubt;

  const heard = (/** @type {Event} */ event) => {
    const { data, lastEventId } = /** @type {MessageEvent} */ (event);
    if (lastEventId) last = Number(lastEventId);
    return data ? JSON.parse(data) : {};
  };
  const settle = () => {
    clearTimeout(doubt);
    doubt = undefined;
    wait = FIRST_WAIT;
    wires.onLiveness('live');
  };
  const lost = () => {
    doubt ??= setTimeout(() => wires.onLiveness(offline() ? 'offline' : 'stale'), PATIENCE);
    if (source?.readyState !== Source.CLOSED || closed) return;
    clearTimeout(timer);
    timer = setTimeout(again, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
  const again = async () => {
    await wires.renew().catch(() => null);
    if (!closed) open();
  };
  const open = () => {
    source?.close();
    source = new Source(wires.address(last));
    source.addEventListener('open', settle);
    source.addEventListener('error', lost);
    source.addEventListener('change', (event) => wires.onChange(heard(event)));
    source.addEventListener('edition', (event) => wires.onEdition(heard(event).edition));
    source.addEventListener('reset', (event) => {
      heard(event);
      wires.onReset();
    });
  };

  open();
  return {
    /** The last change heard of. */
    get cursor() {
      return last;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(doubt);
      source?.close();
    },
  };
}

function offline() {
  return globalThis.navigator?.onLine === false;
}

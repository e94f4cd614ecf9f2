/** How the page asks the server: one place for CSRF, language, failures and an ended session. */

/** Something the server refused, or that never reached it. `code` is the refusal's name. */
export class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message in the reader's language
   * @param {number} status 0: the network
   * @param {Record<string, any>} [detail]
   */
  constructor(code, message, status, detail = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** Said when the session has ended; the page then asks to sign in again. */
export const ENDED = new EventTarget();

/** The token that a form or request of ours must carry. */
export function csrf() {
  return /(?:^|; )(?:__Host-)?csrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

/** @param {Response} answer */
async function failure(answer) {
  let body;
  try {
    body = await answer.json();
  } catch {
    body = {};
  }
  const code = String(body.code ?? answer.status);
  if (answer.status === 401 || code === 'NotSignedIn' || code === 'not_authenticated') {
    ENDED.dispatchEvent(new Event('ended'));
  }
  return new Failure(code, String(body.message ?? body.detail ?? ''), answer.status, body);
}

/** Whether somebody has moved, typed or touched here since the last request. One that nobody did says
 * so: the page asking by itself must not keep a session alive that nobody uses. */
let touched = true;
if (typeof document !== 'undefined') {
  for (const sign of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) {
    const note = () => {
      touched = true;
    };
    document.addEventListener(sign, note, { passive: true, capture: true });
  }
}

/** @returns {Record<string, string>} */
function untouched() {
  const alone = !touched;
  touched = false;
  return alone ? { 'X-Untouched': '1' } : {};
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<any>}
 * @throws {Failure}
 */
async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure('NoNetwork', '', 0);
  }
  if (!answer.ok) throw await failure(answer);
  return answer.status === 204 ? null : answer.json();
}

/**
 * Read JSON.
 *
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} [query] null: left out
 * @param {AbortSignal} [signal]
 */
export function read(path, query = {}, signal) {
  const given = Object.entries(query).filter(([, v]) => v !== null && v !== undefined && v !== '');
  const text = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
  const headers = { Accept: 'application/json, application/geo+json', ...untouched() };
  return ask(text ? `${path}?${text}` : path, { headers, signal });
}

/**
 * Send a form with files.
 *
 * @param {string} path
 * @param {FormData} form
 */
export function sendForm(path, form) {
  const headers = { Accept: 'application/json', 'X-CSRFToken': csrf(), ...untouched() };
  return ask(path, { method: 'POST', headers, body: form });
}

/**
 * Send JSON.
 *
 * @param {string} path
 * @param {unknown} [body]
 */
export function send(path, body) {
  return ask(path, {
    method: 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-CSRFToken': csrf(),
      ...untouched(),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** The sign-in page: fills in a demo account, and keeps the place to come back to. */

import { lock } from '../beat/vault.js';
import { forget } from '../drafts.js';

// Nobody is signed in here: what a phone kept of a beat is no longer read by anybody.
lock().catch(() => {});
// Whoever signed out leaves nothing begun; whose session ended comes back to it.
const asked = new URLSearchParams(location.search);
if (!asked.has('next') && !asked.has('ended')) forget();

const form = /** @type {HTMLFormElement} */ (document.getElementById('sign-in'));
const next = /** @type {HTMLInputElement} */ (form.elements.namedItem('next'));

// The view of the map stands behind the # and never reaches the server by itself.
if (location.hash && !next.value.includes('#')) next.value += location.hash;

for (const button of document.querySelectorAll('[data-account]')) {
  button.addEventListener('click', () => {
    const name = /** @type {HTMLElement} */ (button).dataset.account ?? '';
    for (const field of ['name', 'password']) {
      /** @type {HTMLInputElement} */ (form.elements.namedItem(field)).value = name;
    }
    /** @type {HTMLElement | null} */ (form.querySelector('.primary'))?.focus();
  });
}

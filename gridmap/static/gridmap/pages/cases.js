/** The desk by keyboard, several at once, and the word that something has changed. */

import './case.js';

/** @param {string} id */
const byId = (id) => document.getElementById(id);
/** Rows of the list, as links. @returns {HTMLAnchorElement[]} */
const links = () =>
  [...document.querySelectorAll('.rows a[data-page]')].map((a) => /** @type {any} */ (a));

/** Whether a key belongs to what has the focus. @param {KeyboardEvent} event */
function typing({ target }) {
  const own = 'input:not([type=checkbox]), select, textarea, summary';
  return target instanceof HTMLElement && target.matches(own);
}

/** One step back: out of a field of the list, then out of the case beside it. @param {Event} event */
function back(event) {
  const field = document.activeElement;
  if (field instanceof HTMLElement && field.matches('#narrow *, .together *')) {
    event.preventDefault(); // what was typed stays
    (links().find((row) => row.parentElement?.classList.contains('on')) ?? links()[0])?.focus();
  } else {
    /** @type {HTMLAnchorElement | null} */ (document.querySelector('.beside > .row a'))?.click();
  }
}

/** @param {number} step */
function walk(step) {
  const rows = links();
  const here = document.activeElement?.closest('.rows li');
  const now = rows.findIndex((row) => row.parentElement === here);
  const chosen = rows.findIndex((row) => row.parentElement?.classList.contains('on'));
  const from = now >= 0 ? now : chosen;
  const next = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === 'Escape') {
    back(event);
  } else if (typing(event)) {
    return;
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    walk(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === '/') {
    event.preventDefault();
    /** @type {HTMLInputElement | null} */ (document.querySelector('input[type=search]'))?.focus();
  }
});

const all = /** @type {HTMLInputElement | null} */ (byId('all'));
all?.addEventListener('change', () => {
  for (const box of document.querySelectorAll('.rows input')) {
    /** @type {HTMLInputElement} */ (box).checked = all.checked;
  }
});

/** A choice narrows at once; by keyboard, which passes through the others, it does with Enter. */
const narrow = () => /** @type {any} */ (byId('narrow'))?.requestSubmit();
for (const select of document.querySelectorAll('#narrow select')) {
  let passing = false;
  select.addEventListener('pointerdown', () => {
    passing = false;
  });
  select.addEventListener('keydown', (event) => {
    passing = true;
    if (/** @type {KeyboardEvent} */ (event).key === 'Enter') narrow();
  });
  select.addEventListener('change', () => passing || narrow());
}

/** A sign on the map that is pointed at, or has the focus, shows its row. */
for (const mark of document.querySelectorAll('[data-number]')) {
  const { number } = /** @type {HTMLElement} */ (/** @type {unknown} */ (mark)).dataset;
  const box = document.querySelector(`.rows input[value="${CSS.escape(number ?? '')}"]`);
  const row = box?.closest('li');
  for (const come of ['pointerenter', 'focus']) {
    mark.addEventListener(come, () => row?.classList.add('on'));
  }
  for (const go of ['pointerleave', 'blur']) {
    mark.addEventListener(go, () => row?.classList.remove('on'));
  }
}

/** What stands in the list now, asked again every few seconds: a list never jumps by itself. */
const EVERY = 5_000;
const news = byId('news');
const shape = (/** @type {ParentNode} */ page) =>
  [...page.querySelectorAll('.rows a, .lights b')]
    .map((part) => part.querySelector('.number')?.textContent ?? part.textContent)
    .join('|');
const first = shape(document);
let known = '';
async function look() {
  if (document.hidden || !news?.hidden) return;
  const headers = { 'X-Untouched': '1', 'If-None-Match': known };
  const answer = await fetch(location.href, { headers, credentials: 'same-origin' });
  if (!answer.ok || answer.redirected) return;
  known = answer.headers.get('ETag') ?? '';
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (shape(page) !== first) news.hidden = false;
}
if (news) setInterval(() => look().catch(() => {}), EVERY);

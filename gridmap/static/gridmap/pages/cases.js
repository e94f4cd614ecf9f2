/** The desk by keyboard, several at once, and the word that something has changed. */

import { found, keep } from '../kept-place.js';
import './case.js';
import './printing.js';

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
    byId('closed')?.click();
  }
}

/** @param {number} step */
function walk(step) {
  const rows = links();
  const here = document.activeElement?.closest('.rows li');
  const now = rows.findIndex((row) => row.parentElement === here);
  const from = now >= 0 ? now : rows.findIndex((row) => row.parentElement === chosen);
  const next = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** The case beside the list stands above it on a narrow screen. */
const BESIDE = matchMedia('(min-width: 1280px)');
/** @param {string} number @returns {HTMLElement | null} */
const rowOf = (number) =>
  document.querySelector(`.rows li[data-number="${CSS.escape(number)}"] a[data-page]`);
const chosen = /** @type {HTMLElement | null} */ (document.querySelector('.rows li.on'));

/** Choosing a row and going back from it keeps the row where it stands, with the focus. */
for (const link of links()) {
  link.addEventListener('click', (event) => keep(event, link, link.parentElement?.dataset.number));
}
byId('closed')?.addEventListener('click', (event) => {
  const number = chosen?.dataset.number;
  if (number) keep(event, rowOf(number), number);
});
if (!chosen || BESIDE.matches) {
  if (!found(document.querySelector('main'), rowOf, { middle: !BESIDE.matches })) {
    chosen?.scrollIntoView({ block: 'nearest' });
  }
} else if (found(null, rowOf, { middle: false })) {
  /** @type {HTMLElement | null} */ (document.querySelector('.beside'))?.focus();
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

/** Several at once: all that can be done are chosen, and how many can is said beforehand. */
const verb = /** @type {HTMLSelectElement | null} */ (document.querySelector('select[name=verb]'));
const all = /** @type {HTMLInputElement | null} */ (byId('all'));
/** @returns {HTMLInputElement[]} */
const boxes = () => [.../** @type {any} */ (document.querySelectorAll('.rows input'))];
/** @param {HTMLInputElement} box */
const able = (box) => (box.dataset.able ?? '').split(' ').includes(verb?.value ?? '');
function count() {
  const picked = boxes().filter((box) => box.checked);
  const said = byId('picked');
  if (!said) return;
  said.textContent = picked.length
    ? (said.dataset.say ?? '')
        .replace('{n}', String(picked.length))
        .replace('{able}', String(picked.filter(able).length))
    : '';
}
function pick() {
  for (const box of boxes()) box.checked = Boolean(all?.checked) && able(box);
  count();
}
all?.addEventListener('change', pick);
verb?.addEventListener('change', () => (all?.checked ? pick() : count()));
byId('list')?.addEventListener('change', count);

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
for (const mark of document.querySelectorAll('.beside [data-number]')) {
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

/** What the city says now, asked every few seconds: counts change where they stand, rows stay. */
const EVERY = 5_000;
const news = byId('news');
const shape = (/** @type {ParentNode} */ page) =>
  [...page.querySelectorAll('.rows li[data-now]')]
    .map((row) => /** @type {HTMLElement} */ (row).dataset.now)
    .join('|');
const first = shape(document);
let known = /** @type {HTMLElement | null} */ (news)?.dataset.tag ?? '';
async function look() {
  if (document.hidden || !news) return;
  const headers = { 'X-Untouched': '1', 'If-None-Match': known };
  const answer = await fetch(location.href, { headers, credentials: 'same-origin' });
  if (!answer.ok || answer.redirected) return; // 304: nothing is new
  known = answer.headers.get('ETag') ?? '';
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const count of document.querySelectorAll('[data-count-of]')) {
    const { countOf } = /** @type {HTMLElement} */ (count).dataset;
    const now = page.querySelector(`[data-count-of="${countOf}"]`)?.textContent;
    if (now && count.textContent !== now) count.textContent = now;
  }
  news.hidden = shape(page) === first;
}
if (news) setInterval(() => look().catch(() => {}), EVERY);

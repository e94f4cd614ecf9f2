/** The desk by keyboard, several at once, and the word that something has changed. */

/** @param {string} id */
const byId = (id) => document.getElementById(id);
/** Rows of the list, as links. @returns {HTMLAnchorElement[]} */
const links = () => [...document.querySelectorAll('.rows a')].map((a) => /** @type {any} */ (a));

/** @param {KeyboardEvent} event */
function typing({ target }) {
  return target instanceof HTMLElement && target.matches('input, select, textarea, summary');
}

/** @param {number} step */
function walk(step) {
  const rows = links();
  const now = rows.indexOf(/** @type {any} */ (document.activeElement));
  const chosen = rows.findIndex((row) => row.parentElement?.classList.contains('on'));
  const from = now >= 0 ? now : chosen;
  const next = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    walk(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === '/') {
    event.preventDefault();
    /** @type {HTMLInputElement | null} */ (document.querySelector('input[type=search]'))?.focus();
  } else if (event.key === 'Escape') {
    /** @type {HTMLAnchorElement | null} */ (document.querySelector('.beside > .row a'))?.click();
  }
});

const all = /** @type {HTMLInputElement | null} */ (byId('all'));
all?.addEventListener('change', () => {
  for (const box of document.querySelectorAll('.rows input')) {
    /** @type {HTMLInputElement} */ (box).checked = all.checked;
  }
});

for (const select of document.querySelectorAll('#narrow select')) {
  select.addEventListener('change', () => /** @type {any} */ (byId('narrow'))?.requestSubmit());
}

/** Pointing at a row shows its sign on the map, and the other way round. */
for (const mark of document.querySelectorAll('[data-number]')) {
  const { number } = /** @type {HTMLElement} */ (/** @type {unknown} */ (mark)).dataset;
  const box = document.querySelector(`.rows input[value="${CSS.escape(number ?? '')}"]`);
  const row = box?.closest('li');
  mark.addEventListener('pointerenter', () => row?.classList.add('on'));
  mark.addEventListener('pointerleave', () => row?.classList.remove('on'));
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

export {}; // a module: its names are its own

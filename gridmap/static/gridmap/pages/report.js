/** What the residents' pages gain by a script; without it everything works all the same. */

const MINE = 'gridmap.my-reports'; // in localStorage: [{href, number, title}], newest first
const DRAFT = 'gridmap.report-text'; // in sessionStorage
const KEPT = 10;
const EDGE = 1600; // pixels: what the server would make of it anyway
const QUALITY = 0.85;
const SMALL_FILE = 900_000; // bytes: sent as it is

/** @param {string} id */
const byId = (id) => document.getElementById(id);
const words = byId('report-words')?.dataset ?? {};

/**
 * @template T
 * @param {() => T} act
 * @param {T} otherwise where the browser keeps nothing
 */
function kept(act, otherwise) {
  try {
    return act();
  } catch {
    return otherwise;
  }
}

/** @returns {{href: string, number: string, title: string}[]} */
function mine() {
  return kept(() => JSON.parse(localStorage.getItem(MINE) ?? '[]'), []);
}

/** The map as wide as the page: clicks are told in the pixels shown. */
function widen() {
  const map = byId('map');
  const width = /** @type {HTMLInputElement | null} */ (byId('shown-width'));
  if (!map || !width) return;
  map.classList.add('full');
  const note = () => {
    width.value = String(Math.round(map.getBoundingClientRect().width));
  };
  note();
  addEventListener('resize', note);
}

/** The telephone's own place, only when asked for. */
function locate() {
  const button = /** @type {HTMLButtonElement | null} */ (byId('here'));
  const said = byId('here-said');
  if (!button || !said || !('geolocation' in navigator)) return;
  button.hidden = false;
  button.addEventListener('click', () => {
    said.textContent = words.locating ?? '';
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const query = new URLSearchParams(location.search);
        for (const name of ['x', 'y', 'm', 'q', 'code']) query.delete(name);
        query.set('lng', coords.longitude.toFixed(7));
        query.set('lat', coords.latitude.toFixed(7));
        location.assign(`?${query}`);
      },
      () => {
        said.textContent = words.denied ?? '';
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  });
}

/**
 * A photo no larger than it is kept: a slow line need not carry more.
 *
 * @param {File} file
 */
async function shrunk(file) {
  if (file.size <= SMALL_FILE || !('createImageBitmap' in globalThis)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
    return blob ? new File([blob], 'photo.jpg', { type: 'image/jpeg' }) : file;
  } catch {
    return file; // the server says what is wrong with it
  }
}

/** @param {HTMLFormElement} form */
function filling(form) {
  const text = /** @type {HTMLTextAreaElement | null} */ (form.querySelector('textarea'));
  if (text && !text.value) text.value = kept(() => sessionStorage.getItem(DRAFT), null) ?? '';
  text?.addEventListener('input', () =>
    kept(() => sessionStorage.setItem(DRAFT, text.value), null),
  );
  const files = /** @type {HTMLInputElement | null} */ (form.querySelector('input[type=file]'));
  const said = byId('photo-said');
  files?.addEventListener('change', async () => {
    if (!said || !files.files?.length) return;
    said.textContent = words.shrinking ?? '';
    const chosen = new DataTransfer();
    const most = Number(files.dataset.most);
    for (const file of [...files.files].slice(0, most)) chosen.items.add(await shrunk(file));
    files.files = chosen.files;
    said.textContent = (words.photos ?? '').replace('%(n)s', String(chosen.files.length));
  });
  form.addEventListener('submit', () => {
    const button = /** @type {HTMLButtonElement | null} */ (
      form.querySelector('button[type=submit]')
    );
    if (button && words.sending) button.textContent = words.sending;
  });
}

/** Remember the page of this report on this telephone, and list those remembered. */
function remember() {
  const number = byId('number');
  if (number) {
    const href = location.pathname;
    const entry = { href, number: number.textContent ?? '', title: number.dataset.title ?? '' };
    const others = mine().filter((one) => one.href !== href);
    kept(() => localStorage.setItem(MINE, JSON.stringify([entry, ...others].slice(0, KEPT))), null);
    kept(() => sessionStorage.removeItem(DRAFT), null);
  }
  const list = byId('mine');
  if (!list || mine().length === 0) return;
  list.hidden = false;
  for (const { href, number, title } of mine()) {
    if (!/^\/report\/[0-9a-f]{32}$/.test(href)) continue;
    const link = document.createElement('a');
    const bold = document.createElement('b');
    const under = document.createElement('span');
    link.href = href;
    bold.textContent = title;
    under.textContent = number;
    under.className = 'under';
    link.append(bold, under);
    const item = document.createElement('li');
    item.append(link);
    list.querySelector('ul')?.append(item);
  }
}

widen();
locate();
remember();
const report = byId('report');
if (report instanceof HTMLFormElement) filling(report);

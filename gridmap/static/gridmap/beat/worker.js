/**
 * The beat's own worker: keeps the page and its files, and nothing that belongs to anybody.
 *
 * The server puts `self.KEPT` in front: the version, the page's address and the list of files. Any
 * other list is another worker; browsers look for one at every visit, and the page asks for one when
 * the server tells of another version.
 */

const here = /** @type {any} */ (self);
/** @type {{version: string, page: string, files: string[]}} */
const OWN = here.KEPT;
const PREFIX = 'gridmap-beat-';
const NAME = `${PREFIX}${OWN.version}`;

/** All files or none: half a page is worse than the one before it. */
async function keep() {
  const cache = await caches.open(NAME);
  await Promise.all(
    OWN.files.map(async (file) => {
      const answer = await fetch(file, { cache: 'no-cache', credentials: 'same-origin' });
      // Of somebody who is not signed in the page is another one.
      if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${file}`);
      await cache.put(file, answer);
    }),
  );
  await here.skipWaiting();
}

async function sweep() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await here.clients.claim();
}

/**
 * What is kept, else what the network has.
 *
 * @param {Request} request
 * @param {string} file
 */
async function answer(request, file) {
  const cache = await caches.open(NAME);
  return (await cache.match(file)) ?? fetch(request);
}

here.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(keep()));
here.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(sweep()));
here.addEventListener('fetch', (/** @type {any} */ event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin) return;
  // Data, pictures of others, the API: never kept here, always asked anew.
  if (OWN.files.includes(pathname)) event.respondWith(answer(event.request, pathname));
});

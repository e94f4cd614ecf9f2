/** What was begun in a form and not sent: kept in this window until it is sent, or one signs out. */

const HEAD = 'gridmap.begun '; // in sessionStorage, then who and which form: {name: [values]}
const OWN = ['hidden', 'file', 'submit', 'password'];

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

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

/** Forget what was begun: all of it, or what a test of the name picks. */
export function forget(picked = (/** @type {string} */ _name) => true) {
  kept(() => {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(HEAD) && picked(key.slice(HEAD.length))) sessionStorage.removeItem(key);
    }
  }, undefined);
}

/** What people fill in. @param {HTMLFormElement} form */
function controls(form) {
  return [...form.elements]
    .map((one) => /** @type {Control} */ (one))
    .filter((one) => one.name && !OWN.includes(one.type));
}

/** @param {Control} one */
const ticks = (one) => one.type === 'radio' || one.type === 'checkbox';

/** @param {HTMLFormElement} form @returns {Record<string, string[]>} */
function filled(form) {
  /** @type {Record<string, string[]>} */
  const values = {};
  for (const one of controls(form)) {
    values[one.name] ??= [];
    if (!ticks(one) || /** @type {HTMLInputElement} */ (one).checked) {
      values[one.name]?.push(one.value);
    }
  }
  return values;
}

/** @param {HTMLFormElement} form @param {Record<string, string[]>} values */
function putBack(form, values) {
  for (const one of controls(form)) {
    const sent = values[one.name];
    if (!sent) continue;
    if (ticks(one)) /** @type {HTMLInputElement} */ (one).checked = sent.includes(one.value);
    else if (
      !(one instanceof HTMLSelectElement) ||
      [...one.options].some((o) => o.value === sent[0])
    )
      one.value = sent[0] ?? '';
  }
}

/** What differs when something was filled in. @param {Record<string, string[]>} values */
const bare = (values) =>
  JSON.stringify(
    Object.entries(values).map(([name, sent]) => [name, sent.map((one) => one.trim())]),
  );

/**
 * Keep what is typed in a form, and put back what was begun in it.
 *
 * @param {HTMLFormElement} form its `data-kept` says whose and which; `data-sent`: it stands as sent
 * @returns {boolean} whether something was put back
 */
export function keep(form) {
  const key = HEAD + (form.dataset.kept ?? '');
  const save = () =>
    kept(() => sessionStorage.setItem(key, JSON.stringify(filled(form))), undefined);
  form.addEventListener('input', save);
  form.addEventListener('change', save);
  const values = kept(() => JSON.parse(sessionStorage.getItem(key) ?? 'null'), null);
  if (!values || form.dataset.sent !== undefined) return false;
  if (bare(values) === bare(filled(form))) return false; // nothing but blanks was begun
  putBack(form, values);
  return true;
}

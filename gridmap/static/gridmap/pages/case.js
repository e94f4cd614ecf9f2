/** The forms of a case: what of them follows from what was chosen, and what was begun before. */

import { forget, keep } from '../drafts.js';

/** What was done is no longer begun: the page's message names it, as its form is named. */
for (const said of document.querySelectorAll('.hint.done')) {
  for (const name of said.classList) {
    if (name.includes('/')) forget((kept) => kept.endsWith(` ${name}`));
  }
}

for (const one of document.querySelectorAll('form[data-kept]')) {
  const form = /** @type {HTMLFormElement} */ (one);
  const whose = `${(form.dataset.kept ?? '').split(' ')[0]} `;
  forget((kept) => !kept.startsWith(whose)); // somebody else's, in the same window
  if (!keep(form)) continue;
  const fold = form.closest('details');
  if (fold) fold.open = true;
  form.querySelector('[data-put-back]')?.removeAttribute('hidden');
}

/** Who leads does not help as well: the box of the one chosen cannot be ticked. */
for (const lead of document.querySelectorAll('select[name=department]')) {
  const chosen = /** @type {HTMLSelectElement} */ (lead);
  const show = () => {
    for (const one of chosen.form?.querySelectorAll('input[name=helpers]') ?? []) {
      const box = /** @type {HTMLInputElement} */ (one);
      box.disabled = box.value === chosen.value;
      box.checked &&= !box.disabled;
    }
  };
  chosen.addEventListener('change', show);
  show();
}

/** A finding that says no says why. */
for (const one of document.querySelectorAll('input[name=finding]')) {
  const radio = /** @type {HTMLInputElement} */ (one);
  const why = /** @type {HTMLTextAreaElement | null} */ (radio.form?.querySelector('[name=why]'));
  const show = () => {
    if (!why || !radio.checked) return;
    why.required = radio.value === '0';
    const free = why.closest('label')?.querySelector('.quiet');
    if (free instanceof HTMLElement) free.hidden = why.required;
  };
  radio.addEventListener('change', show);
  show();
}

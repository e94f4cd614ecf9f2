/** The forms of a case: what of them follows from what was chosen. */

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

export {}; // a module: its names are its own

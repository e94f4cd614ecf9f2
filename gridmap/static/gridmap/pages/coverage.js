/** The slider of the coverage page: shows its day while it moves, looks up when it is let go. */

const form = /** @type {HTMLFormElement | null} */ (document.querySelector('#look-up'));
const slider = /** @type {HTMLInputElement | null} */ (form?.querySelector('[name="ago"]') ?? null);
const shown = /** @type {HTMLOutputElement | null} */ (document.querySelector('#day-shown'));

/**
 * @param {string} today as YYYY-MM-DD
 * @param {number} ago days before it
 * @returns {string} the day, as YYYY-MM-DD
 */
export function dayBefore(today, ago) {
  return new Date(Date.parse(`${today}T00:00:00Z`) - ago * 86_400_000).toISOString().slice(0, 10);
}

if (form && slider && shown) {
  slider.addEventListener('input', () => {
    shown.value = dayBefore(shown.dataset.today ?? '', Number(slider.value));
  });
  slider.addEventListener('change', () => form.requestSubmit());
}

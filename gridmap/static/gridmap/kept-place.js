/** The place in a list, kept from one page to the next: the row stays at its height, with the focus. */

const KEY = 'kept-place';

/**
 * Remember where a row stands, for the page that a click on a link opens here.
 *
 * @param {MouseEvent} event of the click
 * @param {HTMLElement | null} row
 * @param {string | undefined} number by which the row is found again
 */
export function keep(event, row, number) {
  const link = event.currentTarget;
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
  if (elsewhere || !row || !number || !(link instanceof HTMLAnchorElement)) return;
  const kept = { number, top: row.getBoundingClientRect().top };
  sessionStorage.setItem(KEY, JSON.stringify({ ...kept, href: link.href }));
  history.replaceState({ ...history.state, kept }, ''); // the way back finds it too
}

/** What was kept for this page, once. @returns {{number: string, top: number} | null} */
function taken() {
  const told = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const kept = told ? JSON.parse(told) : null;
  if (kept?.href === location.href) return kept;
  const [come] = performance.getEntriesByType('navigation');
  const back = /** @type {PerformanceNavigationTiming | undefined} */ (come)?.type;
  return back === 'back_forward' ? (history.state?.kept ?? null) : null;
}

/**
 * Put the row that was kept where it was, and the focus on it.
 *
 * @param {HTMLElement | null} frame that scrolls; none: the row stays where it is, without focus
 * @param {(number: string) => HTMLElement | null} rowOf
 * @param {{middle: boolean}} how middle: the page has changed too much for the same height
 * @returns {boolean} whether something was kept for this page
 */
export function found(frame, rowOf, { middle }) {
  const kept = taken();
  const row = kept && rowOf(kept.number);
  if (!kept || !row) return false;
  if (!frame) return true;
  row.focus({ preventScroll: true });
  if (middle) row.scrollIntoView({ block: 'center' });
  else frame.scrollTop += row.getBoundingClientRect().top - kept.top;
  return true;
}

/** The bell: how many notices are unread, asked again while somebody looks. */

const EVERY = 60_000; // milliseconds

/**
 * Keep a bell up to date; its ``data-count`` says where to ask.
 *
 * @param {HTMLElement} bell
 */
export function followBell(bell) {
  const number = bell.querySelector('b');
  const ask = async () => {
    if (document.hidden || !number) return;
    // A page that is only left open does not keep its session alive.
    const headers = { 'X-Untouched': '1' };
    const answer = await fetch(bell.dataset.count ?? '', { headers, credentials: 'same-origin' });
    if (!answer.ok || answer.redirected) return;
    const { unread, words } = await answer.json();
    number.textContent = unread > 99 ? '99+' : String(unread);
    number.hidden = unread === 0;
    bell.setAttribute('aria-label', words);
    bell.title = words;
  };
  const quietly = () => ask().catch(() => {}); // without network the number stays as it was
  setInterval(quietly, EVERY);
  document.addEventListener('visibilitychange', quietly);
}

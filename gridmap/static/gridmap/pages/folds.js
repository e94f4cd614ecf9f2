/** Esc goes one step back: out of what is unfolded, with the focus on what unfolds it. */

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented) return;
  const open = document.activeElement?.closest('details[open]:has(> summary)');
  if (!(open instanceof HTMLDetailsElement)) return;
  event.preventDefault();
  open.open = false;
  open.querySelector('summary')?.focus();
});

export {}; // a module: its names are its own

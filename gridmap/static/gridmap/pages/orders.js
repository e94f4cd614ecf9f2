/** Long work says that it goes on: a sheet is read for some seconds, and is sent once. */
for (const form of document.querySelectorAll('form[data-busy]')) {
  form.addEventListener('submit', (event) => {
    if (form.getAttribute('aria-busy')) {
      event.preventDefault();
      return;
    }
    form.setAttribute('aria-busy', 'true');
    const button = form.querySelector('button');
    if (button) button.textContent = form.getAttribute('data-busy');
  });
}

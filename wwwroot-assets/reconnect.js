// The dialog over a page whose server does not answer. The framework tries by itself and says how it stands; a server
// that answers but no longer knows the page (it was started anew) gets the page loaded again.
const dialog = document.getElementById('components-reconnect-modal');

async function retry() {
  try {
    if (!await Blazor.reconnect()) location.reload();
  } catch {
    dialog.classList.add('components-reconnect-failed'); // not reached: the button stays
  }
}

dialog.addEventListener('components-reconnect-state-changed', ({ detail: { state } }) => {
  if (state === 'show' && !dialog.open) dialog.showModal();
  if (state === 'hide') dialog.close();
  if (state === 'rejected') location.reload();
});
dialog.addEventListener('cancel', event => event.preventDefault()); // Escape does not lead to a page that is dead
dialog.querySelector('[data-action=retry]').addEventListener('click', retry);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && dialog.matches('.components-reconnect-failed')) retry();
});

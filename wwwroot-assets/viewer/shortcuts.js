// Page-wide single keys (WCAG 2.1.4: they can be switched off). A key clicks the visible element that names it in
// data-key, else it goes to the viewer. Text fields keep their keys. Of keys that elements name, only those in the
// panel's data-key-only are taken where it has one.
import { nameOf, press, presses, readShortcuts, types } from './keys.js';

// The longest that keys wait for the server's answer to the one before.
const patience = 2000;

// active: answers with the viewer that takes the keys which no element names.
export function listenToKeys(active) {
  // After a key that changes the form (data-key-holds) the next ones wait until the form has changed: none is lost,
  // none goes to the form that was.
  let held = null;
  const end = () => {
    const { keys, stop } = held;
    stop();
    held = null;
    return keys;
  };
  const release = () => { for (const event of end()) act(event); };
  // They were typed for a form that has not come.
  const drop = () => {
    if (end().length) active()?.tell('The server has not answered: keys typed meanwhile were not taken.');
  };
  const hold = () => {
    const panel = document.querySelector('[data-key-panel]');
    if (!panel) return;
    const observer = new MutationObserver(release), timer = setTimeout(drop, patience);
    observer.observe(panel, { childList: true, characterData: true, attributes: true, subtree: true });
    held = { keys: [], stop() { observer.disconnect(); clearTimeout(timer); } };
  };

  function act(event) {
    if (held) { held.keys.push(event); return true; }
    const name = nameOf(event);
    const element = [...document.querySelectorAll('[data-key]')].find(e =>
      e.dataset.key.split(' ').includes(name) && !e.matches(':disabled') && e.getClientRects().length);
    if (!element) return Boolean(active() && press(active(), event));
    const only = document.querySelector('[data-key-panel]')?.dataset.keyOnly;
    if (only && !only.split(' ').includes(name)) return true;
    // A chosen answer is said again: the server may be taking it back just now, and the click would tell nobody.
    if (element.type === 'radio' && element.checked) element.dispatchEvent(new Event('change', { bubbles: true }));
    else element.click();
    if (only || 'keyHolds' in element.dataset) hold();
    return true;
  }

  const onKey = event => {
    if (event.defaultPrevented || event.repeat && event.key === 'Enter' || event.metaKey) return;
    if (document.querySelector('dialog[open], .mud-overlay-dialog')) return;
    const altGraph = event.getModifierState('AltGraph'), target = event.target;
    if (types(target)) {
      if (event.key === 'Escape') target.blur();
      if (!(event.key === 'Enter' && event.ctrlKey)) return;
      target.blur(); // the field's change goes out before the click does
    } else if ((event.ctrlKey || event.altKey) && !altGraph) {
      return;
    } else {
      if (presses(event, target)) return;
      if (event.key.startsWith('Arrow') && target.matches('input')) return;
      if (!readShortcuts() && !(event.key === 'Enter' && target.matches('input'))) return;
    }
    if (act(event)) event.preventDefault();
  };
  // A button that the mouse has pressed keeps the focus, and Enter would press it again instead of handing in.
  const onClick = event => { if (event.detail > 0) event.target.closest('[data-key-panel] button')?.blur(); };
  // A note is kept while it is typed, not only when its field is left.
  let typed = 0;
  const onInput = event => {
    if (!event.target.matches('[data-key-panel] textarea')) return;
    clearTimeout(typed);
    typed = setTimeout(() => event.target.dispatchEvent(new Event('change', { bubbles: true })), 800);
  };
  document.addEventListener('input', onInput);
  document.addEventListener('keydown', onKey);
  document.addEventListener('click', onClick);
  return {
    act,
    dispose() {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('click', onClick);
      document.removeEventListener('input', onInput);
      clearTimeout(typed);
      held?.stop();
      held = null;
    },
  };
}

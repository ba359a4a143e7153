// Page-wide single keys (WCAG 2.1.4: they can be switched off). A key clicks the visible element that names it in
// data-key, else it goes to the viewer. Text fields keep their keys.
import { press, readShortcuts } from './keys.js';

// "Digit1" and "Shift+Digit1" by position, so that they work on layouts that need Shift for a digit; others by
// character.
export function nameOf(event) {
  const digit = /^(Digit|Numpad)([0-9])$/.exec(event.code);
  if (digit && (digit[1] === 'Digit' || !event.shiftKey)) return (event.shiftKey ? 'Shift+' : '') + digit[2];
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

const types = element => element.matches(
  'textarea, select, [contenteditable=true], input:not([type=radio], [type=checkbox], [type=range], [type=button])');

// The longest that keys wait for the server's answer to the one before.
const patience = 2000;

// active: answers with the viewer that takes the keys which no element names.
export function listenToKeys(active) {
  // After a key that changes the form (data-key-holds) the next ones wait until the form has changed: none is lost,
  // none goes to the form that was.
  let held = null;
  const release = () => {
    const keys = held.keys;
    held.stop();
    held = null;
    for (const event of keys) act(event);
  };
  const hold = () => {
    const panel = document.querySelector('[data-key-panel]');
    if (!panel) return;
    const observer = new MutationObserver(release), timer = setTimeout(release, patience);
    observer.observe(panel, { childList: true, characterData: true, attributes: true, subtree: true });
    held = { keys: [], stop() { observer.disconnect(); clearTimeout(timer); } };
  };

  function act(event) {
    if (held) { held.keys.push(event); return true; }
    const name = nameOf(event);
    const element = [...document.querySelectorAll('[data-key]')].find(e =>
      e.dataset.key.split(' ').includes(name) && !e.matches(':disabled') && e.getClientRects().length);
    if (!element) return Boolean(active() && press(active(), event));
    element.click();
    if ('keyHolds' in element.dataset) hold();
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
      if (event.key === 'Enter' && target.matches('a, button, summary, [role=button]')) return;
      if (event.key.startsWith('Arrow') && target.matches('input')) return;
      if (!readShortcuts() && !(event.key === 'Enter' && target.matches('input'))) return;
    }
    if (act(event)) event.preventDefault();
  };
  document.addEventListener('keydown', onKey);
  return { dispose: () => { document.removeEventListener('keydown', onKey); held?.stop(); held = null; } };
}

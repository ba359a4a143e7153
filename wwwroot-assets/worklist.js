import { readShortcuts } from './viewer/keys.js';

// Keys of the worklist: arrows move between rows, Enter is the link's own, x chooses a row, a assigns or marks, n opens
// the next unread film, / searches, u uploads, ? shows the keys.
export function listen() {
  const rows = () => [...document.querySelectorAll('.worklist a.row')];
  const showKeys = () => document.getElementById('worklist-keys')?.showModal();
  const typing = target => target.matches('input:not([data-choose]), select, textarea');
  const press = selector => document.querySelector(selector)?.click();
  const onKey = event => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
    if (typing(event.target)) {
      // Leaves the field and keeps the search: the browser's own Escape would empty it.
      if (event.key === 'Escape') { event.preventDefault(); event.target.blur(); }
      return;
    }
    // A held key is one key; letters can be switched off, as on a film's page.
    if (event.repeat && !event.key.startsWith('Arrow')) return;
    if (/^[a-z]$/.test(event.key) && !readShortcuts()) return;
    const all = rows(), row = document.activeElement.closest('.worklist tbody tr');
    const at = all.indexOf(row?.querySelector('a.row'));
    const act = {
      ArrowDown: () => all[Math.min(at + 1, all.length - 1)]?.focus(),
      ArrowUp: () => all[Math.max(at - 1, 0)]?.focus(),
      Home: () => all[0]?.focus(),
      End: () => all.at(-1)?.focus(),
      '/': () => document.querySelector('input[type=search]')?.focus(),
      x: () => row?.querySelector('[data-choose]').click(),
      a: () => press('[data-work]'),
      n: () => press('[data-next]'),
      u: () => press('[data-upload-picker]'),
      '?': showKeys,
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  const onClick = event => {
    if (event.target.closest('[data-keys-help]')) showKeys();
    const row = event.target.closest('.worklist tbody tr');
    if (row && !event.target.closest('a, button, .choose')) row.querySelector('a.row')?.click();
  };
  document.addEventListener('keydown', onKey);
  document.addEventListener('click', onClick);
  return {
    dispose: () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('click', onClick);
    },
  };
}

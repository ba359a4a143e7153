// "?" opens the help where the page has no list of keys of its own; the worklist and a study have one.
import { readShortcuts, types } from './viewer/keys.js';

document.addEventListener('keydown', event => {
  if (event.key !== '?' || event.ctrlKey || event.altKey || event.metaKey || !readShortcuts()) return;
  if (types(event.target) || document.querySelector('dialog[open], .worklist, .study')) return;
  const help = document.querySelector('.rail [href="help"]');
  if (help) { event.preventDefault(); help.click(); }
});

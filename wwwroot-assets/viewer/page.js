// The viewers of this page: which one takes the keys, and which move together.
import { askWhoShows, takeWaiting } from './early.js';
import { listenToKeys } from './shortcuts.js';

const viewers = new Set();
let touched = null;
let pageKeys = null;

// The viewer that page-wide keys go to: the one last touched, else the first on the page, whenever it came.
export const active = () => viewers.has(touched) ? touched : [...viewers].reduce((first, other) =>
  first && first.host.compareDocumentPosition(other.host) & Node.DOCUMENT_POSITION_FOLLOWING ? first : other,
undefined);

export function touch(viewer) { touched = viewer; }

askWhoShows(study => [...viewers].some(({ host }) => host.isConnected && /ready|failed/.test(host.dataset.state)
  && host.closest('[data-study]')?.dataset.study === study));

// Keys that were typed while this image opened.
export function shown() { for (const event of takeWaiting()) pageKeys.act(event); }

// Keys work as soon as there is an image to read, and as long.
export function enter(viewer) {
  if (viewers.size === 0) pageKeys = listenToKeys(active);
  viewers.add(viewer);
}

export function leave(viewer) {
  viewers.delete(viewer);
  if (viewers.size === 0) pageKeys.dispose();
  for (const other of viewers) other.peers.delete(viewer);
}

// Links a viewer with every other one on the page, or lets go of them.
export function link(viewer, on) {
  const change = on ? 'add' : 'delete';
  for (const other of viewers) {
    if (other === viewer) continue;
    viewer.peers[change](other);
    other.peers[change](viewer);
  }
}

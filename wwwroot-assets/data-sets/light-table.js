// Arrows move between the pictures; the space bar keeps one and neither presses it nor scrolls.
export function attach(grid) {
  // Who leaves at once is gone before the server's call arrives.
  if (!grid) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 };
  grid.addEventListener('keydown', event => {
    const all = [...grid.querySelectorAll('[data-child]')], at = all.indexOf(document.activeElement);
    if (at < 0) return;
    if (event.key === ' ') event.preventDefault();
    const row = all[at].closest('.light-row'), wide = row.querySelectorAll('[data-child]').length;
    const by = step[event.key] ?? { ArrowDown: wide, ArrowUp: -wide }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    all[Math.min(all.length - 1, Math.max(0, at + by))].focus();
  });
  // Firefox presses a button when the space bar comes up.
  grid.addEventListener('keyup', event => { if (event.key === ' ') event.preventDefault(); });
  grid.dataset.ready = '';
}

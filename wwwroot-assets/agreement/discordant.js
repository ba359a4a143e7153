// Keys of the discordant list: arrows move between studies, space is the checkbox's own, a assigns. Pictures that do
// not exist are left out.
export function listen() {
  const boxes = () => [...document.querySelectorAll('.discordant input[type=checkbox]')];
  const onKey = event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches('select, textarea, input:not([type=checkbox])')) return;
    const all = boxes(), at = all.indexOf(document.activeElement);
    const act = {
      ArrowDown: () => all[Math.min(at + 1, all.length - 1)]?.focus(),
      ArrowRight: () => all[Math.min(at + 1, all.length - 1)]?.focus(),
      ArrowUp: () => all[Math.max(at - 1, 0)]?.focus(),
      ArrowLeft: () => all[Math.max(at - 1, 0)]?.focus(),
      a: () => document.querySelector('[data-assign]')?.click(),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  document.addEventListener('keydown', onKey);
  return { dispose: () => document.removeEventListener('keydown', onKey) };
}

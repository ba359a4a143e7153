// What the keys of a viewer do, and whether single keys work anywhere on the page.

export const keys = [
  ['i', 'invert', 'Invert'],
  ['r', 'reset', 'Reset window, zoom and inversion'],
  ['f', 'fit', 'Fit to the window'],
  ['o', 'actual', 'One to one: a sample is a pixel'],
  ['h', 'heat', 'Heat map on or off'],
  ['c', 'contour', 'Heat map as colours or contour lines'],
  ['?', 'help', 'This list'],
];
const commands = new Map([
  ...keys.map(([key, action]) => [key, [action]]),
  ['[', ['opacity', -0.1]], [']', ['opacity', 0.1]],
  ['+', ['zoom', 1.25]], ['=', ['zoom', 1.25]], ['-', ['zoom', 0.8]],
  ['ArrowLeft', ['pan', 60, 0]], ['ArrowRight', ['pan', -60, 0]],
  ['ArrowUp', ['pan', 0, 60]], ['ArrowDown', ['pan', 0, -60]],
]);

export function press(viewer, event) {
  const command = commands.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  return Boolean(command && viewer.act(...command));
}

const setting = 'covidcxr.single-keys';
export const readShortcuts = () => { try { return localStorage.getItem(setting) !== 'off'; } catch { return true; } };
export const writeShortcuts = on => {
  try { localStorage.setItem(setting, on ? 'on' : 'off'); } catch { /* private window: holds for nothing */ }
};

// What the keys of a viewer do, and whether single keys work anywhere on the page.

export const keys = [
  ['i', 'invert', 'Invert'],
  ['w', 'preset', 'Next window: film, lungs, bone and heart, all values'],
  ['r', 'reset', 'Reset window, zoom, inversion, turns and lines'],
  ['f', 'fit', 'Fit to the window'],
  ['o', 'actual', 'One to one: a sample is a pixel'],
  ['t', 'turn', 'Turn by a quarter, clockwise'],
  ['x', 'mirror', 'Mirror left and right'],
  ['m', 'measure', 'Measure: draw a line, and a second one to compare'],
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

// "Digit1" and "Shift+Digit1" by position, so that they work on layouts that need Shift for a digit; others by
// character.
export function nameOf(event) {
  const digit = /^(Digit|Numpad)([0-9])$/.exec(event.code);
  if (digit && (digit[1] === 'Digit' || !event.shiftKey)) return (event.shiftKey ? 'Shift+' : '') + digit[2];
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

export const types = element => element.matches(
  'textarea, select, [contenteditable=true], input:not([type=radio], [type=checkbox], [type=range], [type=button])');

// Enter on what has the focus and can be pressed is its own.
export const presses = (event, element) =>
  event.key === 'Enter' && element.matches('a, button, summary, [role=button]');

const setting = 'covidcxr.single-keys';
export const readShortcuts = () => { try { return localStorage.getItem(setting) !== 'off'; } catch { return true; } };
export const writeShortcuts = on => {
  try { localStorage.setItem(setting, on ? 'on' : 'off'); } catch { /* private window: holds for nothing */ }
};

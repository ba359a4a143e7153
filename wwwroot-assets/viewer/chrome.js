// What stands around the picture: stage, readouts, buttons, legend and the list of keys. Built here once, so that
// the server never renders over what the script wrote.
import { colours, contours } from './colours.js';
import { origin } from './geometry.js';
import { keys, readShortcuts, writeShortcuts } from './keys.js';
import { presets } from './state.js';

const svg = 'http://www.w3.org/2000/svg';

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const button = (action, text, key, pressed) => make('button', {
  type: 'button', 'data-action': action, 'aria-keyshortcuts': key,
  title: `${keys.find(k => k[1] === action)[2]} (${key})`,
  ...(pressed === undefined ? {} : { 'aria-pressed': pressed }),
}, text);

export function buildChrome(host, options) {
  const cursor = make('span', { class: 'viewer-cursor', 'aria-hidden': 'true' });
  const message = make('div', { class: 'viewer-message', role: 'status' });
  const notice = make('div', { class: 'viewer-notice', role: 'status' });
  const legend = make('figure', { class: 'viewer-legend', hidden: '' });
  const help = buildHelp(options.keys ?? []);
  const lines = document.createElementNS(svg, 'svg');
  lines.classList.add('viewer-lines');
  const turned = make('div', { class: 'viewer-turned', role: 'status' });
  const stage = make('div', {
    class: 'viewer-stage', tabindex: '0', role: 'application', 'aria-roledescription': 'image viewer',
    'aria-label': `${options.label ?? 'X-ray'}. Press question mark for the keys.`,
  }, lines, message, turned, notice, legend, cursor);

  const [width, level, zoom] = ['W', 'L', 'zoom'].map(name => make('b', { 'data-value': name }, '–'));
  const slider = make('input', {
    type: 'range', min: '0', max: '100', step: '5',
    'aria-label': 'Heat map opacity', 'aria-keyshortcuts': '[ ]', title: 'Opacity ([ and ])',
  });
  const overlay = make('span', { class: 'viewer-overlay' },
    button('heat', 'heat map', 'h', 'true'), slider, button('contour', 'contour', 'c', 'false'));
  overlay.inert = true;
  const invert = button('invert', 'invert', 'i', 'false');
  const preset = button('preset', '', 'w');
  const measure = button('measure', 'measure', 'm', 'false');
  const bar = make('div', { class: 'viewer-bar', role: 'toolbar', 'aria-label': `${options.label ?? 'X-ray'}: tools` },
    make('span', { class: 'viewer-numbers', title: 'Window width W and centre L, in stored values' },
      'W ', width, ' L ', level),
    make('span', { class: 'viewer-numbers', title: 'Device pixels per sample' }, 'zoom ', zoom),
    preset, invert, button('reset', 'reset', 'r'), button('fit', 'fit', 'f'), button('actual', '1:1', 'o'),
    button('turn', 'turn', 't'), button('mirror', 'mirror', 'x'), measure, overlay, button('help', '?', '?'));
  const preview = host.querySelector('.viewer-preview');
  if (preview) stage.prepend(preview);
  host.classList.add('viewer');
  host.replaceChildren(stage, bar, help);

  return {
    stage, bar, slider, cursor, legend, help,
    say(text, retry) {
      message.replaceChildren(text);
      if (!retry) return;
      const again = make('button', { type: 'button' }, 'Try again');
      again.addEventListener('click', retry);
      message.append(again);
    },
    // The small picture gives way to the image, and to the news that there is none.
    endPreview() { if (preview) preview.hidden = true; },
    note(text) { notice.textContent = text; },
    show(state) {
      const { view, heat } = state;
      width.textContent = Math.round(state.window.width);
      level.textContent = Math.round(state.window.centre);
      zoom.textContent = `${view.scale < 0.1 ? (view.scale * 100).toFixed(1) : Math.round(view.scale * 100)}%`;
      invert.setAttribute('aria-pressed', state.invert);
      preset.textContent = `window: ${presets[state.named]?.name ?? 'own'}`;
      measure.setAttribute('aria-pressed', state.measuring);
      turned.textContent = wordsOf(state.orientation);
      drawLines(lines, state, stage.clientWidth / state.canvas.width);
      overlay.inert = !heat;
      overlay.querySelector('[data-action=heat]').setAttribute('aria-pressed', Boolean(heat && state.visible));
      overlay.querySelector('[data-action=contour]').setAttribute('aria-pressed', state.overlay === 'contour');
      slider.value = Math.round(state.opacity * 100);
      legend.hidden = !heat || !state.visible;
    },
  };
}

// Colours from 0 to 1 with the levels of the contour lines marked.
export function drawLegend(legend, heat) {
  if (!heat) { legend.replaceChildren(); return; }
  const strip = make('canvas', { width: '256', height: '1', 'aria-hidden': 'true' });
  const context = strip.getContext('2d'), row = context.createImageData(256, 1);
  for (let i = 0; i < 256; i++) row.data.set([colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255], 4 * i);
  context.putImageData(row, 0, 0);
  const ticks = make('div', { class: 'viewer-ticks', 'aria-hidden': 'true' });
  for (const value of [0, ...contours.map(c => c[0]), 1]) {
    const tick = make('span', {}, String(value));
    tick.style.left = `${value * 100}%`;
    ticks.append(tick);
  }
  legend.replaceChildren(
    make('figcaption', {}, heat.label ?? 'Heat map',
      make('small', {}, `Relative, within this film, and coarse: no outline of a finding. ${strongest(heat)}`)),
    strip, ticks);
}

// In words, for who cannot see it. The patient's right is on the left of the film.
export function strongest({ width, height, values }) {
  const at = values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
  if (!(values[at] > 0)) return 'Nothing stands out.';
  const [x, y] = [(at % width + 0.5) / width, (Math.floor(at / width) + 0.5) / height];
  const side = Math.abs(x - 0.5) < 1e-6 ? 'in the midline' : x < 0.5 ? 'patient’s right' : 'patient’s left';
  return `Strongest: ${side}, ${y < 1 / 3 ? 'upper' : y < 2 / 3 ? 'middle' : 'lower'} third of the film.`;
}

// Whoever looks at a turned film must know that it is one: sides are told apart by where they lie.
const wordsOf = ({ turns, mirrored }) => [
  ...(mirrored ? ['MIRRORED'] : []), ...(turns ? [`TURNED ${90 * turns}°`] : []),
].join(' · ');

const lengthOf = ({ from, to }) => Math.hypot(to.x - from.x, to.y - from.y);

// Lengths in pixels: a film from a file does not say how large it is, and the share of another line needs no scale.
function drawLines(layer, { lines, view, canvas }, ratio) {
  const corner = origin(view, canvas);
  const place = ({ x, y }) => [corner.x + x * view.scale, corner.y + y * view.scale].map(v => v * ratio);
  layer.replaceChildren(...lines.flatMap((line, i) => {
    const [[x1, y1], [x2, y2]] = [place(line.from), place(line.to)], length = lengthOf(line);
    const first = i > 0 ? lengthOf(lines[0]) : 0;
    const drawn = document.createElementNS(svg, 'line'), words = document.createElementNS(svg, 'text');
    Object.entries({ x1, y1, x2, y2 }).forEach(([name, value]) => drawn.setAttribute(name, value));
    words.setAttribute('x', x2 + 6);
    words.setAttribute('y', y2 - 6);
    words.textContent = `${Math.round(length)} px${first > 0 ? `, ${(length / first).toFixed(2)} of the other` : ''}`;
    return [drawn, words];
  }));
}

function buildHelp(groups) {
  const rows = list => list.flatMap(([key, words]) => [make('dt', {}, make('kbd', {}, key)), make('dd', {}, words)]);
  const own = [
    ...keys.map(([key, , words]) => [key, words]),
    ['[ ]', 'Opacity of the heat map'],
    ['+ −', 'Zoom'],
    ['arrows', 'Move the image'],
    ['left drag', 'Window: sideways width, up and down centre'],
    ['right drag', 'Move the image (also middle, or space and drag)'],
    ['wheel', 'Zoom at the pointer'],
    ['two fingers', 'Zoom and move the image'],
    ['two taps', 'Single pixels there, and back to the whole image'],
    ['resting finger', 'Magnifier'],
    ['z held', 'Magnify at the pointer'],
  ];
  const shortcuts = make('input', { type: 'checkbox' });
  shortcuts.checked = readShortcuts();
  shortcuts.addEventListener('change', () => writeShortcuts(shortcuts.checked));
  const close = make('button', { type: 'button' }, 'Close');
  const dialog = make('dialog', { class: 'viewer-help', 'aria-label': 'Keys' },
    make('div', { class: 'viewer-help-lists' }, ...[...groups, ['Image', own]].map(([name, list]) =>
      make('section', {}, make('h2', {}, name), make('dl', {}, ...rows(list))))),
    make('footer', {},
      make('label', {}, shortcuts, ' single keys work anywhere on the page (off: only while the image has the focus)'),
      close));
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('keydown', event => { event.stopPropagation(); if (event.key === '?') dialog.close(); });
  return dialog;
}

// What a key, a button or the mouse can do to the picture. Each action changes the state and nothing else.
import { limit, toImage, zoomAt } from './geometry.js';
import { fitImage, orient, presets, windowOfPreset } from './state.js';

const between = (value, least, most) => Math.min(Math.max(value, least), most);

const actions = {
  fit: fitImage,
  actual(state) {
    state.fitted = false;
    state.view.scale = 1;
    limit(state.view, state.image, state.canvas);
  },
  invert(state) { state.invert = !state.invert; },
  reset(state) {
    Object.assign(state, { window: { ...state.preset }, named: 0, invert: false, measuring: false });
    orient(state, 0, false);
  },
  turn(state) { orient(state, (state.orientation.turns + 1) % 4, state.orientation.mirrored); },
  // Left and right as they are shown: a turn is then one the other way round.
  mirror(state) { orient(state, (4 - state.orientation.turns) % 4, !state.orientation.mirrored); },
  preset(state) {
    state.named = ((state.named ?? -1) + 1) % presets.length;
    state.window = windowOfPreset(state.stored.image, state.named);
  },
  measure(state) {
    state.measuring = !state.measuring;
    if (!state.measuring) state.lines = [];
  },
  // Two lines, such as heart and chest, are compared; a third one takes the place of the first.
  lineFrom(state, px, py) {
    const from = pointAt(state, px, py);
    state.lines = [...state.lines.slice(-1), { from, to: from }];
  },
  lineTo(state, px, py) {
    if (state.lines.length === 0) return;
    const { from } = state.lines.at(-1);
    state.lines = [...state.lines.slice(0, -1), { from, to: pointAt(state, px, py) }];
  },
  // A click, or the first finger of two, has drawn none.
  linesBack(state, lines) { if (state.measuring) state.lines = lines; },
  // As long as the key is held.
  magnify(state, px, py) {
    if (state.before) return;
    state.before = { view: { ...state.view }, fitted: state.fitted };
    state.fitted = false;
    zoomAt(state.view, state.image, state.canvas, px, py, 3);
  },
  unmagnify(state) {
    if (state.before) Object.assign(state, { view: state.before.view, fitted: state.before.fitted, before: null });
  },
  heat(state) { state.visible = !state.visible; },
  contour(state) {
    state.visible = true;
    state.overlay = state.overlay === 'fill' ? 'contour' : 'fill';
  },
  opacity(state, step) {
    state.visible = true;
    state.opacity = Math.round(between(state.opacity + step, 0, 1) * 20) / 20;
  },
  opacityAt(state, value) {
    state.visible = true;
    state.opacity = value;
  },
  zoom(state, factor, px = state.canvas.width / 2, py = state.canvas.height / 2) {
    state.fitted = false;
    zoomAt(state.view, state.image, state.canvas, px, py, factor);
  },
  pan(state, dx, dy) {
    const { view } = state;
    state.fitted = false;
    view.x -= dx / view.scale;
    view.y -= dy / view.scale;
    limit(view, state.image, state.canvas);
  },
  // A drag over 600 pixels goes through the default window once: right widens, down darkens.
  window(state, dx, dy) {
    const step = Math.max(state.preset.width / 600, 0.05), most = 2 ** state.image.bits;
    state.named = null;
    state.window = {
      width: between(state.window.width + dx * step, 2, 2 * most),
      centre: between(state.window.centre + dy * step, 0, most),
    };
  },
};

// Within the image.
function pointAt({ view, canvas, image }, px, py) {
  const { x, y } = toImage(view, canvas, px, py);
  return { x: between(x, 0, image.width), y: between(y, 0, image.height) };
}

const needHeat = ['heat', 'contour', 'opacity', 'opacityAt'];

// Answers whether there was something to do it to.
export function perform(state, name, ...args) {
  if (!state.image || state.disposed || !actions[name]) return false;
  if (needHeat.includes(name) && !state.heat) return false;
  actions[name](state, ...args);
  return true;
}

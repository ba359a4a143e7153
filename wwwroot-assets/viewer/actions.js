// What a key, a button or the mouse can do to the picture. Each action changes the state and nothing else.
import { limit, zoomAt } from './geometry.js';
import { fitImage } from './state.js';

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
    state.window = { ...state.preset };
    state.invert = false;
    fitImage(state);
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
    state.window = {
      width: between(state.window.width + dx * step, 2, 2 * most),
      centre: between(state.window.centre + dy * step, 0, most),
    };
  },
};
const needHeat = ['heat', 'contour', 'opacity', 'opacityAt'];

// Answers whether there was something to do it to.
export function perform(state, name, ...args) {
  if (!state.image || state.disposed || !actions[name]) return false;
  if (needHeat.includes(name) && !state.heat) return false;
  actions[name](state, ...args);
  return true;
}

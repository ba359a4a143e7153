// What one viewer shows: image and heat map, where they lie, and through which window. Of the page it knows only how
// large the canvas is.
import { fit, fitScale, limit, oriented, percentileWindow, storedPoint, toImage } from './geometry.js';

// Percentiles of the stored values that are shown black and white. On a film lungs are dark, and bone and heart bright.
export const presets = [
  { name: 'film', low: 0.01, high: 0.99 },
  { name: 'lungs', low: 0.005, high: 0.65 },
  { name: 'bone, heart', low: 0.35, high: 0.998 },
  { name: 'all values', low: 0, high: 1 },
];

export const createState = () => ({
  // As they came, and as they are shown: turned and mirrored.
  stored: { image: null, heat: null },
  orientation: { turns: 0, mirrored: false },
  image: null,
  heat: null,
  canvas: null,
  view: { scale: 1, x: 0, y: 0 },
  fitted: true,
  // The window that the image opens with, and the one that it is shown through.
  preset: null,
  window: { centre: 128, width: 256 },
  // Which of the presets the window is; null once it was moved.
  named: 0,
  invert: false,
  // Lines that were drawn to measure by, in points of the shown image; a drag draws one while this is on.
  measuring: false,
  lines: [],
  // The view that the magnifier goes back to; null where it is not held.
  before: null,
  // As in Imaging's overlay, the heat map's opacity falls with its value: what the network ignored stays plain.
  overlay: 'fill',
  visible: true,
  opacity: 0.5,
  disposed: false,
});

export function openImage(state, image) {
  state.stored.image = image;
  state.preset = windowOfPreset(image, 0);
  Object.assign(state, { window: { ...state.preset }, named: 0 });
  orient(state, 0, false);
}

// Counted once for each film: linked films ask for theirs at every move.
const windows = new WeakMap();

export function windowOfPreset(image, index) {
  if (!windows.has(image)) windows.set(image, []);
  const known = windows.get(image), { low, high } = presets[index];
  return { ...(known[index] ??= percentileWindow(image.samples, image.bits, low, high)) };
}

export function orient(state, turns, mirrored) {
  const { image, heat } = state.stored, orientation = { turns, mirrored };
  Object.assign(state, {
    orientation,
    image: oriented(image, 'samples', orientation),
    heat: heat && oriented(heat, 'values', orientation),
    lines: [],
    before: null,
  });
  fitImage(state);
}

export function takeHeat(state, heat) {
  state.stored.heat = heat;
  state.heat = heat && oriented(heat, 'values', state.orientation);
}

export function fitImage(state) {
  state.fitted = true;
  fit(state.view, state.image, state.canvas);
}

// The pixel under a point of the canvas, in stored values.
export function sampleAt({ image, stored, orientation, view, canvas }, px, py) {
  if (!image) return null;
  const point = toImage(view, canvas, px, py), x = Math.floor(point.x), y = Math.floor(point.y);
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return null;
  return { ...storedPoint(stored.image, orientation, x, y), value: image.samples[y * image.width + x] };
}

// What linked viewers are told: shares of image and window, so that two differing scans move alike.
export function sharesOf({ image, canvas, view, fitted, invert, window, preset, named, orientation }) {
  return {
    zoom: view.scale / fitScale(image, canvas),
    x: view.x / image.width,
    y: view.y / image.height,
    fitted,
    invert,
    named,
    orientation,
    centre: (window.centre - preset.centre) / preset.width,
    width: window.width / preset.width,
  };
}

export function takeShares(state, { zoom, x, y, fitted, invert, named, orientation, centre, width }) {
  const { turns, mirrored } = orientation;
  if (turns !== state.orientation.turns || mirrored !== state.orientation.mirrored) orient(state, turns, mirrored);
  const { image, canvas, view, preset } = state;
  Object.assign(view, { scale: zoom * fitScale(image, canvas), x: x * image.width, y: y * image.height });
  limit(view, image, canvas);
  const window = named === null
    ? { centre: preset.centre + centre * preset.width, width: preset.width * width }
    : windowOfPreset(state.stored.image, named);
  Object.assign(state, { fitted, invert, window, named });
}

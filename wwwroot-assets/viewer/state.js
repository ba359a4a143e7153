// What one viewer shows: image and heat map, where they lie, and through which window. Of the page it knows only how
// large the canvas is.
import { fit, fitScale, limit, percentileWindow, toImage } from './geometry.js';

export const createState = () => ({
  image: null,
  heat: null,
  canvas: null,
  view: { scale: 1, x: 0, y: 0 },
  fitted: true,
  // The window that the image opens with, and the one that it is shown through.
  preset: null,
  window: { centre: 128, width: 256 },
  invert: false,
  // As in Imaging's overlay, the heat map's opacity falls with its value: what the network ignored stays plain.
  overlay: 'fill',
  visible: true,
  opacity: 0.5,
  disposed: false,
});

export function openImage(state, image) {
  state.image = image;
  state.preset = percentileWindow(image.samples, image.bits);
  state.window = { ...state.preset };
  fitImage(state);
}

export function fitImage(state) {
  state.fitted = true;
  fit(state.view, state.image, state.canvas);
}

// The pixel under a point of the canvas, in stored values.
export function sampleAt({ image, view, canvas }, px, py) {
  if (!image) return null;
  const point = toImage(view, canvas, px, py), x = Math.floor(point.x), y = Math.floor(point.y);
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return null;
  return { x, y, value: image.samples[y * image.width + x] };
}

// What linked viewers are told: shares of image and window, so that two differing scans move alike.
export function sharesOf({ image, canvas, view, fitted, invert, window, preset }) {
  return {
    zoom: view.scale / fitScale(image, canvas),
    x: view.x / image.width,
    y: view.y / image.height,
    fitted,
    invert,
    centre: (window.centre - preset.centre) / preset.width,
    width: window.width / preset.width,
  };
}

export function takeShares(state, { zoom, x, y, fitted, invert, centre, width }) {
  const { image, canvas, view, preset } = state;
  Object.assign(view, { scale: zoom * fitScale(image, canvas), x: x * image.width, y: y * image.height });
  limit(view, image, canvas);
  const window = { centre: preset.centre + centre * preset.width, width: preset.width * width };
  Object.assign(state, { fitted, invert, window });
}

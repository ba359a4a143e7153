// Where the image lies on the canvas, and which window shows it. Plain numbers, no DOM.
// `view` = { scale: device pixels per image pixel, x, y: image point at the canvas centre }.

export const fitScale = (image, canvas) =>
  Math.min(canvas.width / image.width, canvas.height / image.height);

export function limit(view, image, canvas) {
  const fit = fitScale(image, canvas);
  view.scale = Math.min(Math.max(view.scale, Math.min(fit, 1) / 2), Math.max(32, 4 * fit));
  view.x = Math.min(Math.max(view.x, 0), image.width);
  view.y = Math.min(Math.max(view.y, 0), image.height);
}

export function fit(view, image, canvas) {
  Object.assign(view, { scale: fitScale(image, canvas), x: image.width / 2, y: image.height / 2 });
}

// The image's corner on whole device pixels: at 1:1 every sample is then exactly one pixel, never a blend of two.
export const origin = (view, canvas) => ({
  x: Math.round(canvas.width / 2 - view.x * view.scale),
  y: Math.round(canvas.height / 2 - view.y * view.scale),
});

export const toImage = (view, canvas, px, py) => {
  const corner = origin(view, canvas);
  return { x: (px - corner.x) / view.scale, y: (py - corner.y) / view.scale };
};

// Zooms so that the image point under (px, py) stays there.
export function zoomAt(view, image, canvas, px, py, factor) {
  const point = toImage(view, canvas, px, py);
  view.scale *= factor;
  limit(view, image, canvas);
  view.x = point.x - (px - canvas.width / 2) / view.scale;
  view.y = point.y - (py - canvas.height / 2) / view.scale;
  limit(view, image, canvas);
}

// Where a value of a grid lies that is mirrored left and right, where asked for, and then turned by quarter turns
// clockwise: its place among the stored values is start + x * across + y * down.
function layout({ width, height }, { turns, mirrored }) {
  const at = (x, y) => {
    const [sx, sy] = [
      [x, y], [y, height - 1 - x], [width - 1 - x, height - 1 - y], [width - 1 - y, x],
    ][turns];
    return sy * width + (mirrored ? width - 1 - sx : sx);
  };
  const start = at(0, 0);
  return { start, across: at(1, 0) - start, down: at(0, 1) - start };
}

// The grid as it is shown: its values, called `name`, in the order of their rows.
export function oriented(grid, name, orientation) {
  if (!orientation.turns && !orientation.mirrored) return grid;
  const { start, across, down } = layout(grid, orientation), stored = grid[name];
  const [width, height] = orientation.turns % 2 ? [grid.height, grid.width] : [grid.width, grid.height];
  const values = new stored.constructor(stored.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = start + y * down; x < width; x++, at += across) values[i++] = stored[at];
  }
  return { ...grid, width, height, [name]: values };
}

// The stored point of a point that is shown.
export function storedPoint(grid, orientation, x, y) {
  const { start, across, down } = layout(grid, orientation), at = start + x * across + y * down;
  return { x: at % grid.width, y: Math.floor(at / grid.width) };
}

// DICOM's linear window (PS3.3 C.11.2.1.2.1): `low` is shown black and `high` white.
export const windowOf = (low, high) => {
  const top = Math.max(high, low + 1);
  return { centre: (low + top) / 2 + 0.5, width: top - low + 1 };
};

export const shade = (value, { centre, width }) =>
  Math.min(Math.max((value - (centre - 0.5)) / Math.max(width - 1, 1e-3) + 0.5, 0), 1);

// Window between two percentiles of the samples: one pass over them, one over the counts.
export function percentileWindow(samples, bits, low = 0.01, high = 0.99) {
  const counts = new Uint32Array(1 << bits);
  for (let i = 0; i < samples.length; i++) counts[samples[i]]++;
  const at = share => {
    let seen = 0;
    for (let value = 0; value < counts.length; value++) {
      seen += counts[value];
      if (seen > share * (samples.length - 1)) return value;
    }
    return counts.length - 1;
  };
  return windowOf(at(low), at(high));
}

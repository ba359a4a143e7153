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

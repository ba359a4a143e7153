// The same picture without a GPU: the same sampling, window and colours as webgl.js, on the processor.
// The sampled values are kept, so that dragging the window only maps them again.
import { colours, contours, contourColour } from './colours.js';
import { shade } from './geometry.js';

// For each device pixel of one axis: the first image sample it averages, how many, and their weights.
function taps(count, corner, scale, size) {
  const half = Math.max(1, 1 / scale) / 2;
  const first = new Int32Array(count).fill(-1), weights = new Array(count);
  for (let i = 0; i < count; i++) {
    const point = (i + 0.5 - corner) / scale;
    if (point < 0 || point >= size) continue;
    if (scale >= 2) { first[i] = Math.floor(point); weights[i] = [1]; continue; }
    const low = Math.max(point - half, 0), high = Math.min(point + half, size);
    first[i] = Math.floor(low);
    const last = Math.min(Math.floor(high), size - 1);
    const own = [];
    for (let s = first[i]; s <= last; s++) own.push((Math.min(s + 1, high) - Math.max(s, low)) / (high - low));
    weights[i] = own;
  }
  return { first, weights };
}

function resample({ width: size, height, samples }, width, rows, corner, scale) {
  const across = taps(width, corner.x, scale, size), down = taps(rows, corner.y, scale, height);
  const result = new Float32Array(width * rows).fill(NaN), line = new Float32Array(size);
  const left = across.first.findIndex(f => f >= 0);
  const right = across.first.findLastIndex(f => f >= 0);
  if (left < 0) return result;
  const from = across.first[left], to = across.first[right] + across.weights[right].length;
  for (let y = 0; y < rows; y++) {
    if (down.first[y] < 0) continue;
    line.fill(0, from, to);
    down.weights[y].forEach((weight, i) => {
      const row = (down.first[y] + i) * size;
      for (let x = from; x < to; x++) line[x] += weight * samples[row + x];
    });
    for (let x = left; x <= right; x++) {
      const own = across.weights[x], start = across.first[x];
      let sum = 0;
      for (let i = 0; i < own.length; i++) sum += own[i] * line[start + i];
      result[y * width + x] = sum;
    }
  }
  return result;
}

export function createCanvas2d(canvas) {
  const context = canvas.getContext('2d', { alpha: false });
  let image = null, map = null, key = '', values = null, heats = null;

  // Bilinear between texel centres, as align_corners=false.
  const heatAt = (px, py) => {
    const { width, height, values: heat } = map;
    const x = px / image.width * width - 0.5, y = py / image.height * height - 0.5;
    const left = Math.floor(x), top = Math.floor(y);
    const x0 = Math.min(Math.max(left, 0), width - 1), x1 = Math.min(Math.max(left + 1, 0), width - 1);
    const y0 = Math.min(Math.max(top, 0), height - 1) * width, y1 = Math.min(Math.max(top + 1, 0), height - 1) * width;
    const u = x - left, v = y - top;
    return (heat[y0 + x0] * (1 - u) + heat[y0 + x1] * u) * (1 - v) + (heat[y1 + x0] * (1 - u) + heat[y1 + x1] * u) * v;
  };
  // One device pixel wider than the canvas each way: the contour's slope looks at the next pixel.
  const resampleHeat = (columns, rows, corner, scale) => {
    const result = new Float32Array(columns * rows);
    for (let y = 0, i = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, i++) {
        result[i] = heatAt((x + 0.5 - corner.x) / scale, (y + 0.5 - corner.y) / scale);
      }
    }
    return result;
  };

  function paintHeat(pixels, width, height, overlay, opacity) {
    const wide = width + 1;
    const mix = (i, colour, from, amount) => {
      for (let c = 0; c < 3; c++) pixels[i + c] += (colour[from + c] - pixels[i + c]) * amount;
    };
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (values[i] !== values[i]) continue;
        const at = y * wide + x, heat = heats[at];
        if (overlay === 'fill') {
          const value = Math.min(Math.max(heat, 0), 1);
          mix(4 * i, colours, 3 * Math.floor(value * 255 + 0.5), opacity * value);
          continue;
        }
        const slope = Math.max(Math.hypot(heats[at + 1] - heat, heats[at + wide] - heat), 1e-6);
        for (const [level, strength] of contours) {
          const cover = Math.min(1.5 - Math.abs(heat - level) / slope, 1);
          if (cover > 0) mix(4 * i, contourColour, 0, strength * cover);
        }
      }
    }
  }

  return {
    name: 'Canvas2D',
    canvas,
    maxSize: Infinity,
    setImage(next) { image = next; key = ''; },
    setHeat(next) { map = next; heats = null; },
    draw({ corner, scale, window, invert, overlay, opacity }) {
      if (!image || !canvas.width || !canvas.height) return;
      const { width, height } = canvas, now = [corner.x, corner.y, scale, width, height].join();
      if (now !== key) { values = resample(image, width, height, corner, scale); heats = null; key = now; }
      const frame = context.createImageData(width, height), pixels = frame.data;
      for (let i = 0, at = 0; i < values.length; i++, at += 4) {
        const value = values[i];
        if (value === value) {
          const grey = shade(value, window) * 255;
          pixels[at] = pixels[at + 1] = pixels[at + 2] = invert ? 255 - grey : grey;
        }
        pixels[at + 3] = 255;
      }
      if (map && overlay !== 'none') {
        heats ??= resampleHeat(width + 1, height + 1, corner, scale);
        paintHeat(pixels, width, height, overlay, opacity);
      }
      context.putImageData(frame, 0, 0);
    },
    dispose() { image = map = values = heats = null; },
  };
}

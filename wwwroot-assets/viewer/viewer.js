// The X-ray viewer: fetches stored samples and a heat map, shows them, and answers to mouse, touch and keys.
import { createCanvas2d } from './canvas2d.js';
import { buildChrome, drawLegend } from './chrome.js';
import { fit, fitScale, limit, origin, percentileWindow, toImage, zoomAt } from './geometry.js';
import { listen } from './input.js';
import { listenToKeys } from './shortcuts.js';
import { createWebGl } from './webgl.js';

const viewers = new Set();
// The viewer that page-wide keys go to: the one last touched, else the first.
let touched = null;
let pageKeys = null;
export const active = () => viewers.has(touched) ? touched : [...viewers][0];

export function mount(host, options = {}) {
  // Who leaves at once is gone before the server's call arrives.
  if (!host) return { loadHeat() {}, showHeat() {}, link() {}, dispose() {} };
  const chrome = buildChrome(host, options);
  const view = { scale: 1, x: 0, y: 0 };
  // As in Imaging's overlay, the heat map's opacity falls with its value: what the network ignored stays plain.
  const state = { fitted: true, window: { centre: 128, width: 256 }, invert: false, overlay: 'fill', visible: true, opacity: 0.5 };
  const aborts = {};
  let image = null, heat = null, preset = null, renderer = null, frame = 0, disposed = false, restoring = 0, following = false;
  const peers = new Set();

  const canvas = () => renderer.canvas;
  const forced = options.renderer ?? new URLSearchParams(location.search).get('viewer');

  function start(kind) {
    const made = document.createElement('canvas');
    made.setAttribute('aria-hidden', 'true');
    const next = (kind !== '2d' && createWebGl(made)) || createCanvas2d(made);
    chrome.stage.querySelector('canvas')?.remove();
    chrome.stage.prepend(next.canvas);
    next.canvas.addEventListener('webglcontextlost', event => {
      event.preventDefault();
      restoring = setTimeout(() => !disposed && start('2d'), options.restoreWithin ?? 3000);
    });
    next.canvas.addEventListener('webglcontextrestored', () => { clearTimeout(restoring); next.restore(); draw(); });
    renderer = next;
    host.dataset.renderer = next.name;
    measure();
    if (image) next.setImage(image);
    if (heat) next.setHeat(heat);
    draw();
  }

  function measure(entry) {
    const ratio = window.devicePixelRatio || 1, exact = entry?.devicePixelContentBoxSize?.[0];
    // The browser's own count of device pixels, where it speaks of the same pixels (an emulated ratio may not).
    const count = (size, own) => Math.max(1, Math.abs(own - size * ratio) <= 1 ? own : Math.round(size * ratio));
    const width = count(chrome.stage.clientWidth, exact?.inlineSize), height = count(chrome.stage.clientHeight, exact?.blockSize);
    if (canvas().width !== width) canvas().width = width;
    if (canvas().height !== height) canvas().height = height;
    if (image && state.fitted) fit(view, image, canvas());
    render();
  }

  function render() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!image || disposed) return;
    renderer.draw({
      corner: origin(view, canvas()), scale: view.scale, window: state.window, invert: state.invert,
      overlay: heat && state.visible ? state.overlay : 'none', opacity: state.opacity,
    });
    chrome.show(state, view, image, heat);
  }
  const draw = () => { frame ||= requestAnimationFrame(render); };

  // Told to linked viewers in shares of image and window, so that two differing scans move alike.
  function changed() {
    draw();
    if (following || !image) return;
    const told = {
      zoom: view.scale / fitScale(image, canvas()), x: view.x / image.width, y: view.y / image.height, fitted: state.fitted, invert: state.invert,
      centre: (state.window.centre - preset.centre) / preset.width, width: state.window.width / preset.width,
    };
    for (const peer of peers) peer.follow(told);
  }

  const actions = {
    fit() { state.fitted = true; fit(view, image, canvas()); },
    actual() { state.fitted = false; view.scale = 1; limit(view, image, canvas()); },
    invert() { state.invert = !state.invert; },
    reset() { state.window = { ...preset }; state.invert = false; actions.fit(); },
    heat() { state.visible = !state.visible; },
    contour() { state.visible = true; state.overlay = state.overlay === 'fill' ? 'contour' : 'fill'; },
    opacity(step) { state.visible = true; state.opacity = Math.round(Math.min(Math.max(state.opacity + step, 0), 1) * 20) / 20; },
    opacityAt(value) { state.visible = true; state.opacity = value; },
    zoom(factor, px = canvas().width / 2, py = canvas().height / 2) { state.fitted = false; zoomAt(view, image, canvas(), px, py, factor); },
    pan(dx, dy) { state.fitted = false; view.x -= dx / view.scale; view.y -= dy / view.scale; limit(view, image, canvas()); },
    // A drag over 600 pixels goes through the default window once: right widens, down darkens.
    window(dx, dy) {
      const step = Math.max(preset.width / 600, 0.05), most = 2 ** image.bits;
      state.window = {
        width: Math.min(Math.max(state.window.width + dx * step, 2), 2 * most),
        centre: Math.min(Math.max(state.window.centre + dy * step, 0), most),
      };
    },
  };
  const act = (name, ...args) => {
    if (name === 'help') { chrome.help.showModal(); return true; }
    if (!image || disposed || !actions[name]) return false;
    if (['heat', 'contour', 'opacity', 'opacityAt'].includes(name) && !heat) return false;
    actions[name](...args);
    changed();
    return true;
  };

  async function get(slot, url, words) {
    aborts[slot]?.abort();
    const abort = aborts[slot] = new AbortController();
    const response = await fetch(url, { signal: abort.signal, credentials: 'same-origin' });
    if (!response.ok) throw new Error(words[response.status] ?? `The server answered ${response.status}.`);
    return { headers: response.headers, bytes: await response.arrayBuffer() };
  }

  const handle = {
    host, state, view, peers, act, render,
    get image() { return image; },
    get heat() { return heat; },
    get renderer() { return renderer; },

    async load(url) {
      const began = performance.now();
      host.dataset.state = 'loading';
      chrome.say('Loading the image…');
      try {
        const { headers, bytes } = await get('image', url, {
          401: 'You have been signed out. Sign in again to see the image.', 403: 'You may not see this image.', 404: 'The image is not there.',
        });
        const [width, height, bits] = ['Width', 'Height', 'Bits'].map(name => Number(headers.get(`X-Image-${name}`)));
        if (!(width > 0 && height > 0) || bytes.byteLength !== width * height * (bits > 8 ? 2 : 1)) throw new Error('The image arrived incomplete.');
        handle.show({ width, height, bits, samples: bits > 8 ? new Uint16Array(bytes) : new Uint8Array(bytes) });
        host.dataset.readyMs = Math.round(performance.now() - began);
        return true;
      } catch (error) {
        if (error.name === 'AbortError' || disposed) return false;
        host.dataset.state = 'failed';
        chrome.say(error instanceof TypeError ? 'The image could not be fetched: no connection to the server.' : error.message, () => handle.load(url));
        return false;
      }
    },

    show(next) {
      image = next;
      if (Math.max(image.width, image.height) > renderer.maxSize) start('2d');
      preset = percentileWindow(image.samples, image.bits);
      state.window = { ...preset };
      renderer.setImage(image);
      fit(view, image, canvas());
      state.fitted = true;
      host.dataset.state = 'ready';
      chrome.say('');
      render();
    },

    async loadHeat(url, label) {
      try {
        const { headers, bytes } = await get('heat', url, { 401: 'You have been signed out.', 403: 'The heat map is not open to you yet.', 404: 'There is no heat map.' });
        const [width, height] = ['Width', 'Height'].map(name => Number(headers.get(`X-Map-${name}`)));
        if (!(width > 0 && height > 0) || bytes.byteLength !== 4 * width * height) throw new Error('The heat map arrived incomplete.');
        handle.showHeat({ width, height, values: new Float32Array(bytes), label });
        return true;
      } catch (error) {
        if (error.name === 'AbortError' || disposed) return false;
        chrome.note(error instanceof TypeError ? 'The heat map could not be fetched.' : error.message);
        return false;
      }
    },

    showHeat(map) {
      aborts.heat?.abort();
      heat = map;
      renderer.setHeat(map);
      chrome.note('');
      drawLegend(chrome.legend, map);
      host.dataset.heat = map ? 'ready' : '';
      render();
    },

    // The pixel under a point of the stage, in stored values.
    read(px, py) {
      if (!image) return null;
      const point = toImage(view, canvas(), px, py), x = Math.floor(point.x), y = Math.floor(point.y);
      return x < 0 || y < 0 || x >= image.width || y >= image.height ? null : { x, y, value: image.samples[y * image.width + x] };
    },

    follow(told) {
      if (!image) return;
      following = true;
      Object.assign(view, { scale: told.zoom * fitScale(image, canvas()), x: told.x * image.width, y: told.y * image.height });
      limit(view, image, canvas());
      state.fitted = told.fitted;
      state.invert = told.invert;
      state.window = { centre: preset.centre + told.centre * preset.width, width: preset.width * told.width };
      following = false;
      draw();
    },

    // Links this viewer with every other one on the page, or lets go of them.
    link(on) {
      for (const other of viewers) if (other !== handle) for (const [a, b] of [[handle, other], [other, handle]]) on ? a.peers.add(b) : a.peers.delete(b);
      if (on && image) changed();
    },

    touch() { touched = handle; },

    dispose() {
      if (disposed) return;
      disposed = true;
      Object.values(aborts).forEach(abort => abort.abort());
      cancelAnimationFrame(frame);
      clearTimeout(restoring);
      observer.disconnect();
      input.dispose();
      viewers.delete(handle);
      if (viewers.size === 0) pageKeys.dispose();
      document.removeEventListener('change', onLink);
      for (const other of viewers) other.peers.delete(handle);
      renderer.dispose();
      image = heat = null;
      host.replaceChildren();
    },
  };

  // Keys work as soon as there is an image to read, and as long.
  if (viewers.size === 0) pageKeys = listenToKeys(active);
  viewers.add(handle);
  start(forced);
  const observer = new ResizeObserver(entries => measure(entries[0]));
  try { observer.observe(chrome.stage, { box: 'device-pixel-content-box' }); } catch { observer.observe(chrome.stage); }
  const input = listen(handle, chrome);
  // At once, not by way of the server: the next key may come before its answer.
  const onLink = event => { if (event.target.matches('[data-viewer-link]')) handle.link(event.target.checked); };
  document.addEventListener('change', onLink);
  if (options.pixels) handle.load(options.pixels);
  return handle;
}

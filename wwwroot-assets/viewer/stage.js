// The canvas that shows a viewer's state: with the GPU where that works, as large as the stage, drawn once a frame.
import { createCanvas2d } from './canvas2d.js';
import { origin } from './geometry.js';
import { fitImage } from './state.js';
import { createWebGl } from './webgl.js';

export function createStage(host, chrome, state, options) {
  let renderer = null, frame = 0, restoring = 0;

  function render() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!state.image || state.disposed) return;
    const { view, canvas, window, invert, opacity } = state;
    const overlay = state.heat && state.visible ? state.overlay : 'none';
    renderer.draw({ corner: origin(view, canvas), scale: view.scale, window, invert, overlay, opacity });
    chrome.show(state);
  }
  const draw = () => { frame ||= requestAnimationFrame(render); };

  function measure(entry) {
    const { canvas } = state;
    const size = deviceSize(chrome.stage, entry?.devicePixelContentBoxSize?.[0]);
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    if (state.image && state.fitted) fitImage(state);
    render();
  }

  function start(kind) {
    renderer = createRenderer(kind);
    state.canvas = renderer.canvas;
    chrome.stage.querySelector('canvas')?.remove();
    chrome.stage.prepend(state.canvas);
    watchContext(renderer);
    host.dataset.renderer = renderer.name;
    measure();
    if (state.image) renderer.setImage(state.image);
    if (state.heat) renderer.setHeat(state.heat);
    draw();
  }

  function watchContext(watched) {
    watched.canvas.addEventListener('webglcontextlost', event => {
      event.preventDefault();
      restoring = setTimeout(() => !state.disposed && start('2d'), options.restoreWithin ?? 3000);
    });
    watched.canvas.addEventListener('webglcontextrestored', () => {
      clearTimeout(restoring);
      watched.restore();
      draw();
    });
  }

  start(options.renderer ?? new URLSearchParams(location.search).get('viewer'));
  const observer = new ResizeObserver(entries => measure(entries[0]));
  try {
    observer.observe(chrome.stage, { box: 'device-pixel-content-box' });
  } catch {
    observer.observe(chrome.stage);
  }

  return {
    get renderer() { return renderer; },
    draw,
    render,
    setImage(image) {
      if (Math.max(image.width, image.height) > renderer.maxSize) start('2d');
      renderer.setImage(image);
    },
    setHeat(map) { renderer.setHeat(map); },
    dispose() {
      cancelAnimationFrame(frame);
      clearTimeout(restoring);
      observer.disconnect();
      renderer.dispose();
    },
  };
}

function createRenderer(kind) {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  return (kind !== '2d' && createWebGl(canvas)) || createCanvas2d(canvas);
}

// The browser's own count of device pixels, where it speaks of the same pixels (an emulated ratio may not).
function deviceSize(element, exact) {
  const ratio = window.devicePixelRatio || 1;
  const count = (size, own) => Math.max(1, Math.abs(own - size * ratio) <= 1 ? own : Math.round(size * ratio));
  return {
    width: count(element.clientWidth, exact?.inlineSize),
    height: count(element.clientHeight, exact?.blockSize),
  };
}

// Mouse, touch and keys of one viewer. Left drag (or one finger) sets the window; right, middle or space drag pans;
// the wheel zooms at the pointer; two fingers zoom and pan, two taps go to single pixels and back, and a finger that
// rests is a magnifier.
import { press, readShortcuts, types } from './keys.js';

const restsAfter = 450, tapsWithin = 300, tapReach = 12;

export function listen(viewer, { stage, bar, slider, cursor }) {
  const pointers = new Map();
  let space = false, over = null, tapped = null, resting = 0;
  const removals = [];
  const on = (target, type, handler, options) => {
    target.addEventListener(type, handler, options);
    removals.push(() => target.removeEventListener(type, handler, options));
  };
  const ratio = () => viewer.renderer.canvas.width / Math.max(stage.clientWidth, 1);
  const place = event => {
    const box = stage.getBoundingClientRect();
    return { x: (event.clientX - box.left) * ratio(), y: (event.clientY - box.top) * ratio() };
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1) };
  };

  // Whoever ends it, the finger that rests is none any more.
  const unmagnify = () => {
    for (const pointer of pointers.values()) {
      if (pointer.magnifies) Object.assign(pointer, { magnifies: false, from: null, ended: true });
    }
    if (viewer.state.before) viewer.act('unmagnify');
  };
  const undraw = pointer => {
    if (pointer.draws) viewer.act('linesBack', pointer.draws.lines);
    pointer.draws = null;
  };

  // A finger: what it does is known only once it moves, rests or lifts.
  const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) > tapReach * ratio();
  const rest = (pointer, at) => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      pointer.magnifies = true;
      viewer.act('magnify', at.x, at.y);
    }, restsAfter);
  };
  const tap = (at, now) => {
    const isSecond = tapped && now - tapped.now < tapsWithin && !far(at, tapped.at);
    tapped = isSecond ? null : { at, now };
    if (!isSecond) return;
    if (viewer.state.fitted) viewer.act('zoom', 1 / viewer.state.view.scale, at.x, at.y);
    else viewer.act('fit');
  };
  removals.push(() => clearTimeout(resting));

  on(stage, 'pointerdown', event => {
    stage.setPointerCapture(event.pointerId);
    stage.focus({ preventScroll: true });
    viewer.touch();
    const at = place(event), pan = event.button !== 0 || space;
    for (const other of pointers.values()) undraw(other);
    const draws = !pan && viewer.state.measuring && pointers.size === 0 ? { at, lines: viewer.state.lines } : null;
    const pointer = { ...at, pan, draws, from: event.pointerType === 'touch' && !draws ? at : null };
    pointers.set(event.pointerId, pointer);
    if (draws) viewer.act('lineFrom', at.x, at.y);
    clearTimeout(resting);
    if (pointers.size > 1) {
      unmagnify();
      for (const other of pointers.values()) Object.assign(other, { from: null, ended: false });
    } else if (pointer.from) rest(pointer, at);
    event.preventDefault();
  });
  on(stage, 'pointermove', event => {
    const here = place(event), before = pointers.get(event.pointerId);
    over = here;
    const sample = viewer.read(here.x, here.y);
    cursor.textContent = sample ? `x ${sample.x}  y ${sample.y}  value ${sample.value}` : '';
    if (!before || before.ended) return;
    if (before.from && !before.magnifies) {
      if (!far(here, before.from)) return;
      clearTimeout(resting);
      before.from = null;
    }
    if (pointers.size === 2) {
      const from = spread();
      Object.assign(before, here);
      const to = spread();
      viewer.act('zoom', to.size / from.size, from.x, from.y);
      viewer.act('pan', to.x - from.x, to.y - from.y);
      return;
    }
    const dx = here.x - before.x, dy = here.y - before.y;
    Object.assign(before, here);
    if (before.draws) viewer.act('lineTo', here.x, here.y);
    else if (before.pan || before.magnifies) viewer.act('pan', dx, dy);
    else viewer.act('window', dx / ratio(), dy / ratio());
  });
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    on(stage, type, event => {
      const ended = pointers.get(event.pointerId);
      pointers.delete(event.pointerId);
      clearTimeout(resting);
      if (ended?.magnifies) unmagnify();
      else if (ended?.from && type === 'pointerup') tap(ended.from, event.timeStamp);
      if (ended?.draws && Math.hypot(ended.x - ended.draws.at.x, ended.y - ended.draws.at.y) < 3) undraw(ended);
    });
  }
  on(stage, 'pointerleave', () => { cursor.textContent = ''; over = null; });
  on(stage, 'contextmenu', event => event.preventDefault());
  on(stage, 'wheel', event => {
    event.preventDefault();
    const { x, y } = place(event), lines = event.deltaMode === 1 ? 33 : 1;
    viewer.act('zoom', Math.exp(-Math.max(-300, Math.min(300, event.deltaY * lines)) / 500), x, y);
  }, { passive: false });

  // The magnifier works where the pointer is, wherever the focus is.
  const isMagnifier = event => event.key === 'z' && !event.ctrlKey && !event.metaKey && !event.altKey;
  on(document, 'keydown', event => {
    if (!over || !isMagnifier(event) || event.repeat || types(event.target)) return;
    if (readShortcuts() || stage.contains(event.target)) viewer.act('magnify', over.x, over.y);
  });
  on(document, 'keyup', event => { if (event.key.toLowerCase() === 'z') unmagnify(); });
  on(window, 'blur', unmagnify);

  on(stage, 'keydown', event => {
    if (event.ctrlKey !== event.altKey || event.metaKey) return;
    if (event.key === ' ') { space = true; event.preventDefault(); return; }
    if (press(viewer, event)) event.preventDefault();
  });
  on(stage, 'keyup', event => { if (event.key === ' ') space = false; });
  on(stage, 'blur', () => { space = false; });
  on(stage, 'focus', () => viewer.touch());

  on(bar, 'click', event => {
    const action = event.target.closest('[data-action]')?.dataset.action;
    if (!action) return;
    viewer.touch();
    viewer.act(action);
    // A mouse click leaves the focus with the image, so that Enter does not press the button again.
    if (event.detail > 0 && action !== 'help') stage.focus({ preventScroll: true });
  });
  on(slider, 'input', () => viewer.act('opacityAt', Number(slider.value) / 100));
  return { dispose: () => removals.forEach(remove => remove()) };
}

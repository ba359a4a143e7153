// The X-ray viewer: fetches stored samples and a heat map, shows them, and answers to mouse, touch and keys.
import { perform } from './actions.js';
import { buildChrome, drawLegend } from './chrome.js';
import { listen } from './input.js';
import { active, enter, leave, link, shown, touch } from './page.js';
import { createStage } from './stage.js';
import { createState, openImage, sampleAt, sharesOf, takeHeat, takeShares } from './state.js';
import { createTransport, explain } from './transport.js';

export { active };

export function mount(host, options = {}) {
  // Who leaves at once is gone before the server's call arrives.
  return host ? new Viewer(host, options) : { loadHeat() {}, showHeat() {}, link() {}, dispose() {} };
}

class Viewer {
  #chrome;
  #stage;
  #transport = createTransport();
  #input;
  // At once, not by way of the server: the next key may come before its answer.
  #onLink = event => { if (event.target.matches('[data-viewer-link]')) this.link(event.target.checked); };

  constructor(host, options) {
    this.host = host;
    this.state = createState();
    this.peers = new Set();
    this.#chrome = buildChrome(host, options);
    enter(this);
    this.#stage = createStage(host, this.#chrome, this.state, options);
    this.#input = listen(this, this.#chrome);
    document.addEventListener('change', this.#onLink);
    if (options.pixels) this.load(options.pixels);
  }

  get image() { return this.state.image; }
  get heat() { return this.state.heat; }
  get view() { return this.state.view; }
  get renderer() { return this.#stage.renderer; }

  async load(url) {
    const began = performance.now(), { dataset } = this.host;
    dataset.state = 'loading';
    this.#chrome.say('Loading the image…');
    try {
      this.show(await this.#transport.image(url));
      dataset.readyMs = Math.round(performance.now() - began);
      return true;
    } catch (error) {
      const words = explain('image', error);
      if (words === null || this.state.disposed) return false;
      dataset.state = 'failed';
      this.#chrome.endPreview();
      this.#chrome.say(words, () => this.load(url));
      return false;
    }
  }

  show(image) {
    openImage(this.state, image);
    this.#stage.setImage(this.image);
    this.host.dataset.state = 'ready';
    this.#chrome.say('');
    this.render();
    this.#chrome.endPreview();
    shown();
  }

  // isOn: false where nothing on the film asks to be looked at; the key and the button still switch it on.
  async loadHeat(url, label, isOn = true) {
    try {
      const map = await this.#transport.heat(url);
      this.state.visible = isOn;
      this.showHeat({ ...map, label });
      return true;
    } catch (error) {
      const words = explain('heat', error);
      if (words !== null && !this.state.disposed) this.#chrome.note(words);
      return false;
    }
  }

  showHeat(map) {
    this.#transport.stop('heat');
    takeHeat(this.state, map);
    this.#stage.setHeat(this.heat);
    this.#chrome.note('');
    drawLegend(this.#chrome.legend, map);
    this.host.dataset.heat = map ? 'ready' : '';
    this.render();
  }

  tell(words) { this.#chrome.note(words); }

  // Does what a key or a button is called, and answers whether it could.
  act(name, ...args) {
    if (name === 'help') {
      this.#chrome.help.showModal();
      return true;
    }
    const { image } = this;
    if (!perform(this.state, name, ...args)) return false;
    this.#takeTurned(image);
    this.#changed();
    return true;
  }

  #changed() {
    this.#stage.draw();
    const shares = sharesOf(this.state);
    for (const peer of this.peers) peer.follow(shares);
  }

  #takeTurned(before) {
    if (this.image === before) return;
    this.#stage.setImage(this.image);
    this.#stage.setHeat(this.heat);
  }

  follow(shares) {
    const { image } = this;
    if (!image) return;
    takeShares(this.state, shares);
    this.#takeTurned(image);
    this.#stage.draw();
  }

  link(on) {
    link(this, on);
    if (on && this.image) this.#changed();
  }

  read(px, py) { return sampleAt(this.state, px, py); }
  render() { this.#stage.render(); }
  touch() { touch(this); }

  dispose() {
    if (this.state.disposed) return;
    this.state.disposed = true;
    this.#transport.dispose();
    this.#input.dispose();
    document.removeEventListener('change', this.#onLink);
    leave(this);
    this.#stage.dispose();
    Object.assign(this.state, { image: null, heat: null, stored: { image: null, heat: null } });
    this.host.replaceChildren();
  }
}

// Keys typed while a study opens wait for its image: none is lost, and none meets the study before. Every page loads
// this.
import { nameOf, presses, readShortcuts, types } from './keys.js';

const patience = 5000, most = 20;
let waiting = [], shows = () => false;

const asked = () => /\/studies\/([0-9a-f-]{36})$/i.exec(location.pathname)?.[1].toLowerCase();

const isSingle = event => !event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat
  && /^((Shift\+)?[0-9]|[a-z]|Enter)$/.test(nameOf(event)) && !types(event.target) && !presses(event, event.target)
  && readShortcuts();

window.addEventListener('keydown', event => {
  const study = asked();
  if (!study || shows(study) || !isSingle(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = [...waiting.filter(k => k.study === study), { study, event }].slice(0, most);
}, true);

// answer: whether the image of a study is on the page.
export function askWhoShows(answer) { shows = answer; }

// The keys of the study that the address names, each once.
export function takeWaiting() {
  const study = asked(), keys = waiting;
  waiting = [];
  return keys.filter(k => k.study === study && performance.now() - k.event.timeStamp < patience).map(k => k.event);
}

// The upload tray: files dropped anywhere on the page or chosen, at most two under way, one request each.
// Files and their fates outlive the page: whoever opens a study meanwhile finds them in the tray again.
import { divide, drawLost, drawMedium, entriesDropped, entriesOf } from './medium.js';

const inFlight = 2;
const waiting = [], rows = [], state = { running: 0, done: 0, total: 0 };
let tray = null;

export function openTray(root) {
  // Who leaves at once is gone before the server's call arrives.
  if (!root) return { dispose() {} };
  const list = root.querySelector('ol'), title = root.querySelector('strong');
  const picker = document.querySelector('[data-upload-picker]');
  const pickers = [picker, document.querySelector('[data-upload-folder]')];
  const on = (target, kind, action) => {
    target.addEventListener(kind, action);
    return () => target.removeEventListener(kind, action);
  };
  let depth = 0;
  const hasFiles = event => event.dataTransfer?.types.includes('Files');
  const undo = [
    on(document, 'dragenter', e => { if (hasFiles(e)) { depth++; document.body.classList.add('dropping'); } }),
    on(document, 'dragleave', e => { if (hasFiles(e) && --depth <= 0) leave(); }),
    on(document, 'dragover', e => { if (hasFiles(e)) e.preventDefault(); }),
    on(document, 'drop', e => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      leave();
      // Before anything is waited for: what is typed meanwhile is of another film.
      const details = readDetails();
      entriesDropped(e.dataTransfer).then(dropped => take(dropped, details));
    }),
    ...pickers.map(p => on(p, 'change', () => pick(p))),
    on(root.querySelector('[data-tray-close]'), 'click', close),
  ];
  tray = { root, list, title };
  show();

  // What is still under way comes back with the next file or visit.
  function close() {
    for (const row of rows.filter(r => !r.querySelector('progress, [data-answer]'))) {
      row.remove();
      rows.splice(rows.indexOf(row), 1);
    }
    Object.assign(state, { done: 0, total: rows.filter(r => !r.matches('.medium')).length });
    root.hidden = true;
  }

  // Chosen before the page was ready for it.
  for (const p of pickers.filter(p => p.files.length)) pick(p);

  function pick(from) { take({ entries: entriesOf(from.files) }, readDetails()); from.value = ''; }

  function leave() { depth = 0; document.body.classList.remove('dropping'); }

  function take({ entries, lost }, details) {
    const { media, others } = divide(entries, lost);
    if (lost) rows.push(drawLost(lost));
    rows.push(...media.map(medium => drawMedium(medium, files => add(files, details))));
    add(others, details);
  }

  function add(files, details) {
    for (const file of files) {
      const row = draw(file, details);
      rows.push(row);
      if (file.size > picker.dataset.maxMegabytes * 1048576) {
        settled(row, `✕ The file is larger than ${picker.dataset.maxMegabytes} MB.`);
        continue;
      }
      waiting.push({ file, details, row, alone: files.length === 1 });
    }
    state.total += files.length;
    show();
    next();
  }

  return { dispose: () => { undo.forEach(u => u()); leave(); if (tray?.root === root) tray = null; } };
}

function show() {
  tray.list.replaceChildren(...rows);
  tray.root.hidden = rows.length === 0;
  count();
}

function count() {
  if (tray) tray.title.textContent = state.total ? `Uploads: ${state.done} of ${state.total} done` : 'Uploads';
}

function sizeOf({ size }) {
  return size < 1048576 ? `${Math.ceil(size / 1024)} kB` : `${(size / 1048576).toFixed(1)} MB`;
}

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

// Read once for the whole drop, and emptied: what was typed for one patient must not reach the next one's files.
function readDetails() {
  const fields = [...document.querySelectorAll('[data-upload-detail]')];
  const details = Object.fromEntries(fields.map(f => [f.dataset.uploadDetail, f.value]));
  for (const field of fields) field.value = '';
  return details;
}

function draw(file, details) {
  const row = document.createElement('li');
  const facts = [details.patientNumber, sizeOf(file)].filter(Boolean).join(' · ');
  row.append(
    make('span', { className: 'name', textContent: file.name, title: file.name }),
    make('span', { className: 'num dim', textContent: facts }),
    progressOf(file),
    make('span', { className: 'fate', textContent: 'waiting' }));
  return row;
}

function progressOf(file) {
  const progress = make('progress', { max: 1, value: 0 });
  progress.setAttribute('aria-label', `Upload of ${file.name}`);
  return progress;
}

function next() {
  count();
  while (state.running < inFlight && waiting.length) send(waiting.shift());
}

function send(item) {
  state.running++;
  const request = new XMLHttpRequest(), form = new FormData();
  form.append('file', item.file);
  for (const [name, value] of Object.entries(item.details)) form.append(name, value);
  request.open('POST', 'studies/upload');
  request.setRequestHeader('RequestVerificationToken', document.querySelector('meta[name=antiforgery]').content);
  request.responseType = 'json';
  request.upload.onprogress = e => {
    item.row.querySelector('progress').value = e.loaded / e.total;
    fate(item, e.loaded < e.total ? 'sending' : 'checking');
  };
  request.onload = () => settle(item, request);
  request.onerror = () => { finish(item, '✕ The connection broke; nothing is stored twice.'); offer(item); };
  fate(item, 'sending');
  request.send(form);
}

function settle(item, request) {
  if (request.status === 429) {
    const seconds = Number(request.getResponseHeader('Retry-After')) || 5;
    fate(item, `the server is busy, again in ${seconds} s`);
    setTimeout(() => { state.running--; waiting.unshift(item); next(); }, seconds * 1000);
    return;
  }
  const answer = request.response ?? {};
  if (answer.outcome === 'asked') {
    state.running--;
    ask(item, answer);
    next();
    return;
  }
  if (answer.outcome === 'doubted') {
    state.running--;
    doubt(item, answer);
    next();
    return;
  }
  const words = {
    imported: answer.message ? `✓ ${answer.message}` : '✓ stored',
    duplicate: '= known already', refused: `✕ ${answer.message}`,
  }[answer.outcome] ?? {
    413: '✕ The file is too large.', 401: '✕ The session has ended. Sign in again.',
  }[request.status] ?? '✕ The server could not take the file.';
  finish(item, words, answer.studyId, answer.outcome === 'duplicate');
  if (!answer.outcome && request.status !== 413) offer(item);
}

// A DICOM file says itself whose it is: nothing is stored before a person has seen that, and has answered where it was
// typed otherwise.
function ask(item, { message, conflict }) {
  item.row.querySelector('progress')?.remove();
  fate(item, conflict ? `The file says: ${message}. Typed otherwise: ${conflict}. ` : `The file says: ${message}. `);
  const answers = conflict ? { File: 'Keep the file’s', Typed: 'Keep what was typed' } : { File: 'Store' };
  for (const [value, words] of Object.entries(answers)) {
    addAnswer(item, words, () => {
      item.details = { ...item.details, answer: value };
      again(item);
    });
  }
}

// The film may be another patient's: a new one is stored only once a person says that it is not, a known one stays
// where it is until somebody moves it.
function doubt(item, { message, studyId, patientNumber, copyOf }) {
  item.row.querySelector('progress')?.remove();
  fate(item, studyId || copyOf ? `${message} ` : `This patient number may be another’s. ${message} `);
  const place = item.row.querySelector('.fate');
  if (studyId) {
    const query = patientNumber ? `?number=${encodeURIComponent(patientNumber)}` : '';
    place.append(make('a', { href: `studies/${studyId}${query}`, textContent: 'open or correct it' }), ' ');
  }
  if (copyOf) place.append(make('a', { href: `studies/${copyOf}`, textContent: 'open that one' }), ' ');
  addAnswer(item, studyId ? 'Leave it as it is' : copyOf ? 'Store it all the same' : 'Same patient: store',
    () => { item.details = { ...item.details, confirmed: 'true' }; again(item); });
  if (!studyId) addAnswer(item, 'Do not store', () => { settled(item.row, '✕ not stored'); count(); });
}

function addAnswer(item, words, action) {
  const button = make('button', { type: 'button', className: 'plain', textContent: words });
  button.dataset.answer = words;
  button.setAttribute('aria-label', `${words}: ${item.file.name}`);
  button.addEventListener('click', action);
  item.row.querySelector('.fate').append(button, ' ');
}

function again(item) {
  item.row.insertBefore(progressOf(item.file), item.row.querySelector('.fate'));
  fate(item, 'waiting');
  waiting.push(item);
  next();
}

// Its details were typed for this file and are in no field any more: they go with it again.
function offer(item) {
  const button = make('button', { type: 'button', className: 'plain', textContent: 'Send again' });
  button.setAttribute('aria-label', `Send again: ${item.file.name}`);
  button.addEventListener('click', () => { state.done--; again(item); });
  item.row.querySelector('.fate').append(' ', button);
}

function settled(row, words) {
  state.done++;
  row.querySelector('progress')?.remove();
  row.querySelector('.fate').textContent = words;
}

function finish(item, words, studyId, known = false) {
  state.running--;
  settled(item.row, words);
  if (studyId) {
    item.row.querySelector('.fate').append(' · ', make('a', { href: `studies/${studyId}`, textContent: 'open' }));
  }
  next();
  // A single film that is known already is what the person wants to see.
  if (known && item.alone && state.done === state.total && tray) item.row.querySelector('a').click();
}

function fate(item, words) { item.row.querySelector('.fate').textContent = words; }

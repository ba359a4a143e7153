// A CD or folder with a DICOMDIR: the films that its directory names are offered for choosing, and what is chosen goes
// to the tray like any film. No path leaves the browser: the names are looked up among the chosen files.
const beginning = 262144, described = 100, mostFiles = 20000, manyFiles = 50, longestWait = 60;

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// As the server normalises the places that a directory names.
const partOf = part => part.trim().replace(/;\d+$/, '').replace(/\.+$/, '').toUpperCase();
const placeOf = path => path.split('/').map(partOf).filter(Boolean).join('/');

export const entriesOf = files => [...files].map(file => ({ file, path: file.webkitRelativePath || file.name }));

/**
 * What was dropped, with what lies in dropped folders; lost says in words what is not among it. To be called while the
 * event is handled.
 */
export async function entriesDropped(data) {
  const dropped = [...data.items ?? []].map(item => item.webkitGetAsEntry?.());
  if (!dropped.some(entry => entry?.isDirectory)) return { entries: entriesOf(data.files) };
  const found = [], open = dropped.filter(Boolean);
  let unread = 0;
  while (open.length && found.length < mostFiles) {
    const entry = open.shift();
    try {
      if (entry.isFile) {
        const file = await new Promise((done, failed) => entry.file(done, failed));
        found.push({ file, path: entry.fullPath.replace(/^\//, '') });
        continue;
      }
      const reader = entry.createReader(), read = () => new Promise((done, failed) => reader.readEntries(done, failed));
      for (let some = await read(); some.length; some = await read()) open.push(...some);
    } catch {
      // As on a scratched disc.
      unread++;
    }
  }
  const lost = [
    unread && `${unread} of the files and folders could not be read`,
    open.length && `${open.length} files and folders beyond the first ${mostFiles} files were left out`];
  return { entries: found, lost: lost.filter(Boolean).join('; ') };
}

/**
 * Divides what was chosen into media, each a directory with the files below its folder, and the other files. A large
 * folder without a directory is a medium too, and any of which something is lost, which may be the directory: whoever
 * chose it is asked before anything is sent.
 */
export function divide(entries, lost) {
  const media = entries.filter(e => placeOf(e.path).split('/').at(-1) === 'DICOMDIR')
    .map(e => ({ directory: e.file, folder: e.path.split('/').slice(0, -1).join('/'), files: new Map() }))
    .sort((a, b) => b.folder.length - a.folder.length);
  const others = [];
  for (const entry of entries) {
    const { file, path } = entry;
    if (media.some(m => m.directory === file)) continue;
    const medium = media.find(m => !m.folder || path.startsWith(`${m.folder}/`));
    if (medium) add(medium, placeOf(path.slice(medium.folder ? medium.folder.length + 1 : 0)), file);
    else others.push(entry);
  }
  const inFolder = others.find(e => e.path.includes('/'));
  if (!inFolder || (!lost && (media.length || others.length <= manyFiles))) {
    return { media, others: others.map(e => e.file) };
  }
  const folder = { folder: inFolder.path.split('/')[0], files: new Map(), lost };
  for (const { file, path } of others) add(folder, placeOf(path), file);
  return { media: [...media, folder], others: [] };
}

// Names that differ in capitals alone are two files.
function add({ files }, place, file) {
  let key = place;
  while (files.has(key)) key += '?';
  files.set(key, file);
}

async function post(address, body) {
  for (;;) {
    const answer = await fetch(address, {
      method: 'POST', body,
      headers: { RequestVerificationToken: document.querySelector('meta[name=antiforgery]').content },
    });
    if (answer.status !== 429) {
      if (!answer.ok) throw new Error(`Answered ${answer.status}.`);
      return await answer.json();
    }
    const seconds = Number(answer.headers.get('Retry-After')) || 5;
    if (seconds > longestWait) return { message: await answer.text() };
    await new Promise(done => setTimeout(done, 1000 * seconds));
  }
}

const filesOf = ({ files }) => `${files.size} ${files.size === 1 ? 'file' : 'files'}`;

/** The row that says what of a drop is missing. */
export const drawLost = lost => make('li', { className: 'medium' },
  make('span', { className: 'name', textContent: 'Not everything is here' }), make('span'),
  make('div', { className: 'fate', textContent: `✕ ${lost}.` }));

/** The row of a medium in the tray; send gets the files that were chosen. */
export function drawMedium(medium, send) {
  const fate = make('div', { className: 'fate', textContent: 'reading the directory' });
  const name = [medium.folder, medium.directory?.name].filter(Boolean).join('/');
  const row = make('li', { className: 'medium' },
    make('span', { className: 'name', textContent: name, title: name }),
    make('span', { className: 'num dim', textContent: filesOf(medium) }),
    make('progress', { ariaLabel: `Directory of ${name}` }), fate);
  const show = (...content) => { row.querySelector('progress')?.remove(); fate.replaceChildren(...content); };
  const end = files => {
    show(files.length ? `${files.length} of ${filesOf(medium)} sent.` : 'None of its files was sent.');
    if (files.length) send(files);
  };
  if (!medium.directory) {
    show(...offerAll(medium, medium.lost
      ? 'No directory of a medium (DICOMDIR) was found here, and it may be among what is missing.'
      : 'This folder has no directory of a medium (DICOMDIR).', end));
    return row;
  }
  post('studies/medium', medium.directory)
    .catch(() => ({ message: 'The directory could not be read on the server. The files beside it can be sent.' }))
    .then(answer => answer.message
      ? show(...offerAll(medium, answer.message, end)) : offerFilms(medium, answer, show, end));
  return row;
}

const button = (words, action, properties = {}) => {
  const element = make(
    'button', { type: 'button', className: 'plain', textContent: words, onclick: action, ...properties });
  element.dataset.answer = words;
  return element;
};

function offerAll(medium, message, end) {
  const all = [...medium.files.values()];
  return [
    make('p', { textContent: `✕ ${message}` }),
    button(`Send all ${all.length}`, () => end(all), { disabled: !all.length }), ' ',
    button('Send none', () => end([])),
  ];
}

function offerFilms(medium, { films, others }, show, end) {
  const find = ({ path }) => medium.files.get(path) ?? medium.files.get(`${path}.DCM`);
  const choices = [], missing = [];
  for (const film of films) {
    const file = film.path && find(film);
    if (file) choices.push(draw(film, film.words, film.path, film.isOffered, [file]));
    else missing.push(`${film.words}: ${film.path ? `${film.path} is not here` : 'the directory names no place'}`);
  }
  const named = new Set(choices.flatMap(c => c.files));
  const unnamed = [...medium.files.values()].filter(f => !named.has(f));
  const also = unnamed.length ? draw({}, `also the ${unnamed.length} other files`, '', false, unnamed) : null;
  const all = also ? [...choices, also] : choices;
  const chosen = () => all.filter(c => c.box.checked).flatMap(c => c.files);
  const go = button('', () => end(chosen()));
  const count = () => Object.assign(go, { textContent: `Send ${chosen().length}`, disabled: !chosen().length });
  const list = make('fieldset', { onchange: count },
    make('legend', {
      textContent: choices.length ? 'Films that the directory names' : 'The directory names no film that is here',
    }),
    ...all.map(c => c.label));
  const left = [...missing, ...others.map(o => `${o.count} × ${o.what}`)];
  const words = make('ul', {}, ...left.map(l => make('li', { textContent: l })));
  show(
    list, ...left.length ? [make('p', { textContent: 'Not taken:' }), words] : [], go, ' ',
    button('Send none', () => end([])));
  count();
  describe(choices, count);
}

function draw(film, words, place, isChosen, files) {
  const box = make('input', { type: 'checkbox', checked: isChosen, onchange: () => { choice.isTouched = true; } });
  const text = make('span', { textContent: words });
  const label = make('label', {}, box, text, make('span', { className: 'dim', textContent: place }));
  const choice = { film, box, text, files, label };
  return choice;
}

// What a film itself says, which counts, and seldom stands in the directory: its view.
async function describe(choices, count) {
  for (const choice of choices.slice(0, described)) {
    const { film, box, text, files: [file] } = choice;
    // Answered meanwhile.
    if (!box.closest('li')) return;
    const said = await post('studies/medium/film', file.slice(0, beginning)).catch(() => ({}));
    if (!said.words) continue;
    const isAnother = (said.patientNumber ?? '').toUpperCase() !== (film.patientNumber ?? '').toUpperCase();
    text.textContent = [
      said.words, isAnother && 'the directory names another patient', said.objection].filter(Boolean).join(' · ');
    if ((isAnother || said.objection) && !choice.isTouched) box.checked = false;
    count();
  }
}

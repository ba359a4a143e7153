// The upload tray: files dropped anywhere on the page or chosen, at most two under way, one request each.
const inFlight = 2;

export function openTray(root) {
  const list = root.querySelector('ol'), title = root.querySelector('strong'), picker = document.querySelector('[data-upload-picker]');
  const waiting = [], state = { running: 0, done: 0, total: 0 };
  const on = (target, kind, action) => { target.addEventListener(kind, action); return () => target.removeEventListener(kind, action); };
  let depth = 0;
  const hasFiles = event => event.dataTransfer?.types.includes('Files');
  const undo = [
    on(document, 'dragenter', e => { if (hasFiles(e)) { depth++; document.body.classList.add('dropping'); } }),
    on(document, 'dragleave', e => { if (hasFiles(e) && --depth <= 0) leave(); }),
    on(document, 'dragover', e => { if (hasFiles(e)) e.preventDefault(); }),
    on(document, 'drop', e => { if (!hasFiles(e)) return; e.preventDefault(); leave(); take(e.dataTransfer.files); }),
    on(picker, 'change', () => { take(picker.files); picker.value = ''; }),
    on(root.querySelector('[data-tray-close]'), 'click', () => { root.hidden = true; }),
  ];

  function leave() { depth = 0; document.body.classList.remove('dropping'); }

  function take(files) {
    for (const file of files) waiting.push({ file, row: draw(file) });
    state.total += files.length;
    root.hidden = false;
    next();
  }

  function draw(file) {
    const row = document.createElement('li');
    const name = Object.assign(document.createElement('span'), { className: 'name', textContent: file.name, title: file.name });
    const size = Object.assign(document.createElement('span'), { className: 'num dim', textContent: `${(file.size / 1048576).toFixed(1)} MB` });
    const progress = Object.assign(document.createElement('progress'), { max: 1, value: 0 });
    progress.setAttribute('aria-label', `Upload of ${file.name}`);
    row.append(name, size, progress, Object.assign(document.createElement('span'), { className: 'fate', textContent: 'waiting' }));
    list.append(row);
    return row;
  }

  function next() {
    title.textContent = `Uploads: ${state.done} of ${state.total} done`;
    while (state.running < inFlight && waiting.length) send(waiting.shift());
  }

  function send(item) {
    state.running++;
    const request = new XMLHttpRequest(), form = new FormData();
    form.append('file', item.file);
    for (const field of document.querySelectorAll('[data-upload-detail]')) form.append(field.dataset.uploadDetail, field.value);
    request.open('POST', '/studies/upload');
    request.setRequestHeader('RequestVerificationToken', document.querySelector('meta[name=antiforgery]').content);
    request.responseType = 'json';
    request.upload.onprogress = e => { item.row.querySelector('progress').value = e.loaded / e.total; fate(item, e.loaded < e.total ? 'sending' : 'checking'); };
    request.onload = () => settle(item, request);
    request.onerror = () => finish(item, '✕ The connection broke. Drop the file again; nothing is stored twice.');
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
    const words = {
      imported: '✓ stored', duplicate: '= known already', refused: `✕ ${answer.message}`,
    }[answer.outcome] ?? (request.status === 413 ? '✕ The file is too large.' : request.status === 401 ? '✕ The session has ended. Sign in again.' : '✕ The server could not take the file.');
    finish(item, words, answer.studyId);
  }

  function finish(item, words, studyId) {
    state.running--;
    state.done++;
    item.row.querySelector('progress')?.remove();
    fate(item, words);
    if (studyId) item.row.querySelector('.fate').append(' · ', Object.assign(document.createElement('a'), { href: `/studies/${studyId}`, textContent: 'open' }));
    next();
  }

  function fate(item, words) { item.row.querySelector('.fate').textContent = words; }

  return { dispose: () => { undo.forEach(u => u()); leave(); } };
}

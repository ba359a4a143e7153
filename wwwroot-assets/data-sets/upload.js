// One archive, with progress and a way out; what the server refuses is said in its words.
const token = () => document.querySelector('meta[name=antiforgery]').content;

export function attach(form) {
  // Who leaves at once is gone before the server's call arrives.
  if (!form) return;
  const part = name => form.querySelector(`[data-${name}]`);
  const file = form.querySelector('input[type=file]'), send = form.querySelector('[type=submit]');
  const say = text => { part('said').textContent = text; part('said').hidden = !text; };
  const busy = is => { send.disabled = is; part('cancel').hidden = part('progress').hidden = !is; };

  form.addEventListener('submit', event => {
    event.preventDefault();
    if (!file.files.length) { say('Choose an archive first.'); return; }
    const request = new XMLHttpRequest();
    part('cancel').onclick = () => request.abort();
    request.upload.onprogress = e => { part('progress').value = e.lengthComputable ? e.loaded / e.total : 0; };
    request.onload = () => {
      busy(false);
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* a proxy's page */ }
      if (request.status === 200) {
        const next = new URLSearchParams(location.search);
        next.set('archive', answer.archive);
        next.set('name', file.files[0].name.replace(/\.zip$/i, ''));
        location.assign('data-sets/import?' + next);
      }
      else say(answer?.message ?? `The server answered ${request.status}.`);
    };
    request.onerror = () => { busy(false); say('The connection broke off. Upload it again.'); };
    request.onabort = () => { busy(false); say('Cancelled.'); };
    request.open('POST', 'data-sets/upload');
    request.setRequestHeader('RequestVerificationToken', token());
    request.setRequestHeader('Content-Type', 'application/zip');
    request.setRequestHeader('Accept', 'application/json');
    say('');
    busy(true);
    request.send(file.files[0]);
  });
  form.dataset.ready = '';
}

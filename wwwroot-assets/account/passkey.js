// Passkeys on the account pages: asks the server what to ask the device, and brings back what the device says. The
// pages work without; what needs this script is hidden until it is here.
import { post } from './ask-again.js';

function tell(form, words) {
  const place = form.querySelector('[data-passkey-words]');
  place.textContent = words ?? 'That did not work. Try once more.';
  place.hidden = false;
}

async function register(form) {
  const fields = Object.fromEntries(new FormData(form));
  const begun = await post('account/passkeys/begin', { password: fields.password ?? '' });
  if (!begun.options) return tell(form, begun.refusal);
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(begun.options));
  const credential = await navigator.credentials.create({ publicKey: options });
  const added = await post('account/passkeys/add', { credential: JSON.stringify(credential), name: fields.name });
  if (added.refusal !== undefined) return tell(form, added.refusal);
  location.assign('account/passkeys');
}

async function signIn(form) {
  const asked = await post('account/passkeys/ask', {});
  if (!asked.options) return tell(form, asked.refusal);
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(asked.options));
  const credential = await navigator.credentials.get({ publicKey: options });
  const shown = await post('account/passkeys/sign-in', {
    credential: JSON.stringify(credential), returnUrl: new FormData(form).get('returnUrl') ?? '',
  });
  if (!shown.address) return tell(form, shown.refusal);
  location.assign(shown.address);
}

const works = { register, 'sign-in': signIn };

function show() {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  document.querySelectorAll('form[data-passkey]').forEach(form => { form.hidden = false; });
}

document.addEventListener('submit', event => {
  const form = event.target, work = works[form.dataset.passkey];
  if (!work) return;
  event.preventDefault();
  const button = form.querySelector('[type=submit]');
  button.disabled = true;
  // A person who turns back at the device is no error; what the browser says of it is in no words of ours.
  work(form).catch(() => tell(form, 'No passkey was given.')).finally(() => { button.disabled = false; });
});
show();
// Pages that are exchanged in place run no script anew.
new MutationObserver(show).observe(document.body, { childList: true, subtree: true });

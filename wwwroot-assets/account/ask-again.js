// Where the password is asked again, in place of it: a passkey of the person's own, or a sign-in at the identity
// provider. Listens once for all pages, since those of a circuit come and go.
const token = () => document.querySelector('meta[name=antiforgery]').content;

export async function post(address, fields) {
  const body = new URLSearchParams({ ...fields, __RequestVerificationToken: token() });
  const answer = await fetch(address, { method: 'POST', headers: { Accept: 'application/json' }, body });
  return answer.ok ? answer.json() : { refusal: answer.status === 429 ? 'Too many tries. Wait a minute.' : null };
}

function tell(form, words) {
  const place = form.querySelector('[data-ask-again-words]');
  if (!place) return;
  place.textContent = words;
  place.hidden = words === '';
}

// What else the form wants comes first: the answer of a device counts once.
function withoutPassword(form, work) {
  const needed = [...form.querySelectorAll('input[type=password][required]')];
  needed.forEach(field => { field.required = false; });
  try {
    return work();
  } finally {
    needed.forEach(field => { field.required = true; });
  }
}

async function passkey(form, { act }) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return 'This browser knows no passkeys.';
  if (!withoutPassword(form, () => form.reportValidity())) return '';
  const asked = await post('account/confirm/ask', { act });
  if (!asked.options) return asked.refusal;
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(asked.options));
  const credential = await navigator.credentials.get({ publicKey: options });
  const shown = await post('account/confirm/passkey', { credential: JSON.stringify(credential) });
  if (!shown.isDone) return shown.refusal;
  withoutPassword(form, () => form.requestSubmit());
  return '';
}

async function provider(form, { act, provider: id }) {
  const asked = await post('account/confirm/provider', {
    act, provider: id, returnUrl: location.pathname + location.search,
  });
  if (!asked.address) return asked.refusal;
  location.assign(asked.address);
  return '';
}

const ways = { passkey, provider };

document.addEventListener('click', event => {
  const button = event.target.closest('[data-ask-again]'), form = button?.closest('form');
  if (!form) return;
  tell(form, '');
  // A person who turns back at the device is no error; what the browser says of it is in no words of ours.
  ways[button.dataset.askAgain](form, button.dataset)
    .then(words => tell(form, words ?? 'That did not work. Try once more.'), () => tell(form, 'No passkey was given.'));
});

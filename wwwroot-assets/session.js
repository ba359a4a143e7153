// Pages live on a circuit and send no requests. While the person does something, keep the cookie young; when the server
// says that the session has ended, show the sign-in page in place of somebody's X-ray.
const pingEvery = 60_000;
let lastActivity = Date.now(), lastPing = 0;

for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
  document.addEventListener(kind, () => { lastActivity = Date.now(); }, { passive: true });
}

async function check() {
  const active = lastActivity > lastPing;
  if (!document.querySelector('.rail [href="/account/password"]') || !active && Date.now() - lastActivity < idleTimeout) return;
  lastPing = Date.now();
  const answer = await fetch('/account/alive', { headers: { Accept: 'application/json' } }).catch(() => null);
  if (answer?.status === 401) location.assign('/account/sign-in');
}

const idleTimeout = Number(document.querySelector('meta[name=idle-seconds]')?.content ?? 900) * 1000;
setInterval(check, pingEvery);

// The sign-out form is drawn by the circuit, the token by the server's page: join them when it is sent.
document.addEventListener('submit', event => {
  const field = event.target.querySelector('[data-antiforgery]');
  if (field) field.value = document.querySelector('meta[name=antiforgery]').content;
}, true);

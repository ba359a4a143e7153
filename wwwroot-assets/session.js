// Pages live on a circuit and send no requests. While the person does something, tell the server so; when nobody did
// anything for the idle time, in any tab, or another tab signed out, show the sign-in page in place of somebody's
// X-ray.
const pingEvery = 60_000, idleTimeout = Number(document.querySelector('meta[name=idle-seconds]').content) * 1000;
let lastActivity = Date.now(), lastPing = 0;

// Shared by the tabs; storage may be forbidden, then each tab counts for itself.
const shared = {
  read: () => { try { return Number(localStorage.getItem('last-activity')); } catch { return 0; } },
  write: (key, value) => { try { localStorage.setItem(key, value); } catch { /* this tab alone */ } },
};

const token = () => document.querySelector('meta[name=antiforgery]').content;
const isSignedIn = () => document.querySelector('.rail [href="/account/password"]') !== null;
const leave = () => location.assign('/account/sign-in');

for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
  document.addEventListener(kind, () => { lastActivity = Date.now(); }, { passive: true });
}

async function check() {
  if (!isSignedIn()) return;
  if (lastActivity > lastPing) {
    lastPing = Date.now();
    shared.write('last-activity', lastActivity);
    const answer = await fetch('/account/alive', { headers: { Accept: 'application/json' } }).catch(() => null);
    if (answer?.status === 401) leave();
  } else if (Date.now() - Math.max(lastActivity, shared.read()) >= idleTimeout) {
    const body = new URLSearchParams({ reason: 'idle', __RequestVerificationToken: token() });
    await fetch('/account/sign-out', { method: 'POST', redirect: 'manual', body }).catch(() => null);
    leave();
  }
}

setInterval(check, Math.min(pingEvery, idleTimeout / 4));
addEventListener('storage', event => { if (event.key === 'signed-out' && isSignedIn()) leave(); });

// The sign-out form is drawn by the circuit, the token by the server's page: join them when it is sent.
document.addEventListener('submit', event => {
  const field = event.target.querySelector('[data-antiforgery]');
  if (!field) return;
  field.value = token();
  shared.write('signed-out', Date.now());
}, true);

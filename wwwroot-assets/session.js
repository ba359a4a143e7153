// Pages live on a circuit and send no requests. While the person does something, tell the server so; when nobody did
// anything for the idle time, in any tab, or another tab signed out, show the sign-in page in place of somebody's
// X-ray. The last minute is said on the page, and the sign-in page says why it came.
const pingEvery = 60_000, idleTimeout = Number(document.querySelector('meta[name=idle-seconds]').content) * 1000;
const warnBefore = Math.min(60_000, idleTimeout / 3);
const warning = document.getElementById('leaving');
let lastActivity = Date.now(), lastPing = 0;

// Shared by the tabs; storage may be forbidden, then each tab counts for itself. Two installations under one host
// share a storage, and are told apart by their path.
const path = new URL(document.baseURI).pathname;
const shared = {
  read: () => { try { return Number(localStorage.getItem(path + 'last-activity')); } catch { return 0; } },
  write: (key, value) => { try { localStorage.setItem(path + key, value); } catch { /* this tab alone */ } },
};

const token = () => document.querySelector('meta[name=antiforgery]').content;
const isSignedIn = () => document.querySelector('.rail [href="account/password"]') !== null;
const leave = () => location.assign('account/sign-in');
const leaveFor = reason => location.assign(
  `account/sign-in?${reason}=true&ReturnUrl=` + encodeURIComponent(location.pathname + location.search));
// A page that shows how work goes on (a training's charts) and is in sight is being watched.
const isWatching = () => !document.hidden && document.querySelector('[data-watching]') !== null;
const idleFor = () => Date.now() - Math.max(lastActivity, shared.read());

for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
  document.addEventListener(kind, () => { lastActivity = Date.now(); }, { passive: true });
}

function warn() {
  const left = idleTimeout - idleFor();
  warning.hidden = !isSignedIn() || left > warnBefore || left <= 0;
}

async function check() {
  if (!isSignedIn()) return;
  if (isWatching()) lastActivity = Date.now();
  if (lastActivity > lastPing) {
    lastPing = Date.now();
    shared.write('last-activity', lastActivity);
    const answer = await fetch('account/alive', { headers: { Accept: 'application/json' } }).catch(() => null);
    if (answer?.status === 401) leaveFor('ended');
  } else if (idleFor() >= idleTimeout) {
    const body = new URLSearchParams({ reason: 'idle', __RequestVerificationToken: token() });
    await fetch('account/sign-out', { method: 'POST', redirect: 'manual', body }).catch(() => null);
    leaveFor('idle');
  }
}

setInterval(check, Math.min(pingEvery, idleTimeout / 4));
setInterval(warn, 1000);
addEventListener('storage', event => { if (event.key === path + 'signed-out' && isSignedIn()) leave(); });

// The sign-out form is drawn by the circuit, the token by the server's page: join them when it is sent.
document.addEventListener('submit', event => {
  const field = event.target.querySelector('[data-antiforgery]');
  if (!field) return;
  field.value = token();
  shared.write('signed-out', Date.now());
}, true);

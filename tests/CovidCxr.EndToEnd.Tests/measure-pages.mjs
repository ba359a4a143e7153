// Measures the pages of a running program with its demo accounts, as one Markdown table:
//
//   node tests/CovidCxr.EndToEnd.Tests/measure-pages.mjs http://localhost:5080 [FOLDER FOR PICTURES] [AXE.JS]
//
// Build EndToEnd.Tests first: its output holds Playwright. AXE.JS is axe-core's script; without it nothing is said of axe. The circuit's bytes are
// what the browser received over the web socket until the page was quiet for a second; the first visit is the sign-in page and the worklist with an
// empty cache, compressed as sent. Opening a study is from the press of Enter in the worklist until the image is drawn, the median of nine.
// Of the study page, HTTP is without the pixels of the image; "sent" is what the browser sent over the web socket. One film is read and
// stays read: give every measurement a data folder of its own. MEASURE=study in the environment measures the worklist and that page alone.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const built = ['Debug', 'Release'].map(c => join(here, 'bin', c, 'net10.0', '.playwright', 'package'));
const { chromium } = createRequire(import.meta.url)(built.find(existsSync));
const [address, pictures, axe] = process.argv.slice(2);
if (pictures) mkdirSync(pictures, { recursive: true });
const accounts = {
  radiologist: 'lantern-fjord-cobalt-42', lead: 'meadow-sextant-amber-17', admin: 'harbour-quartz-violet-88',
};
const pages = {
  radiologist: ['/'],
  lead: ['/agreement', '/agreement/studies', '/agreement/discordant', '/agreement/adjudication', '/agreement/references',
    '/agreement/drift', '/agreement/drift/studies', '/agreement/policies', '/settings/policy'],
  admin: ['/models', '/data-sets', '/data-sets/import', '/training', '/admin/accounts', '/admin/audit', '/admin/system'],
};
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
const complaints = [];

async function enter(role) {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  const seen = { loaded: 0, pixels: 0, frames: 0, sent: 0, at: Date.now() };
  page.on('websocket', socket => {
    socket.on('framereceived', frame => {
      seen.frames += Buffer.byteLength(frame.payload);
      seen.at = Date.now();
    });
    socket.on('framesent', frame => { seen.sent += Buffer.byteLength(frame.payload); });
  });
  page.on('console', m => { if (m.type() === 'error') complaints.push(`${role} ${page.url()}: ${m.text()}`); });
  page.on('pageerror', e => complaints.push(`${role} ${page.url()}: ${e}`));
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  const pixels = new Set();
  network.on('Network.responseReceived', e => { if (e.response.url.endsWith('/pixels')) pixels.add(e.requestId); });
  network.on('Network.loadingFinished', e => { seen[pixels.has(e.requestId) ? 'pixels' : 'loaded'] += e.encodedDataLength; });
  await page.goto('/account/sign-in');
  await page.getByLabel('User name').fill(`${role}@demo.local`);
  await page.getByLabel('Password').fill(accounts[role]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(url => !url.href.includes('sign-in'));
  await quiet(page, seen);
  return { context, page, seen };
}

async function quiet(page, seen) {
  await page.locator('.page').first().waitFor();
  do await page.waitForTimeout(200); while (Date.now() - seen.at < 1000);
}

async function look(page, name) {
  const found = [];
  for (const theme of ['dark', 'light']) {
    const shell = page.locator('.shell');
    if (await shell.getAttribute('data-theme') !== theme) await page.locator('[data-action=theme]').dispatchEvent('click');
    await page.locator(`.shell[data-theme=${theme}]`).waitFor();
    await page.evaluate(() => Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0))));
    for (const width of [1366, 1920]) {
      await page.setViewportSize({ width, height: width === 1366 ? 768 : 1080 });
      if (pictures) await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`) });
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) found.push(`wider than ${width}`);
    }
    await page.setViewportSize({ width: 1366, height: 768 });
    if (axe) {
      await page.context().newCDPSession(page).then(c => c.send('Page.setBypassCSP', { enabled: true }));
      await page.evaluate(await import('node:fs').then(fs => fs.readFileSync(axe, 'utf8')));
      const { violations } = await page.evaluate(() => axe.run(document, {
        runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] },
      }));
      found.push(...violations.map(v => `${theme} ${v.id} at ${v.nodes.map(n => n.target).join(', ')}`));
    }
  }
  return found;
}

// The study page by itself: what it costs to open, and what every key of a reading does.
async function study(page, seen) {
  const count = () => page.evaluate(() => document.querySelectorAll('.study *').length);
  const step = async (name, act, done) => {
    Object.assign(seen, { loaded: 0, frames: 0, sent: 0, at: Date.now() });
    const start = performance.now();
    await act();
    await page.locator(done).first().waitFor({ state: 'attached' });
    const took = Math.round(performance.now() - start);
    do await page.waitForTimeout(200); while (Date.now() - seen.at < 1000);
    console.log(`| study: ${name} | ${seen.frames}, sent ${seen.sent}, HTTP ${seen.loaded} | ${await count()} | ${took} ms |`);
  };
  await page.goto('/');
  await quiet(page, seen);
  await page.locator('.worklist a.row').first().focus();
  await step('opened from the worklist', () => page.keyboard.press('Enter'), '#viewer[data-state=ready]');
  if (pictures) await page.screenshot({ path: join(pictures, 'study-blind.png') });
  await step('opened by its address', () => page.reload(), '#viewer[data-state=ready]');
  await step('an opinion', () => page.keyboard.press('1'), '.study-choice input:checked');
  await step('a confidence', () => page.keyboard.press('Shift+3'), '.study-scale input:checked');
  await page.locator('textarea').focus();
  await step('twenty letters of a note', () => page.keyboard.type('Left base, as before', { delay: 60 }), '.study');
  await page.keyboard.press('Escape');
  await step('locked and revealed', () => page.keyboard.press('Enter'), '.study[data-stage=Final] .study-result');
  if (pictures) await page.screenshot({ path: join(pictures, 'study-revealed.png') });
  await step('another class', () => page.locator('.study-classes label:not(:has(:checked))').first().click(),
    '.study');
  await step('saved', () => page.keyboard.press('Enter'), '.study[data-stage=None]');
  await step('marks opened', () => page.locator('.study-marks').getByText('Urgency and assignment').click(), '.study-marks');
  if (pictures) await page.screenshot({ path: join(pictures, 'study-marks.png') });
}

console.log('| page | circuit (bytes) | elements | axe, width |\n| --- | --: | --: | --- |');
const alone = process.env.MEASURE === 'study';
for (const role of alone ? ['radiologist'] : Object.keys(pages)) {
  const { context, page, seen } = await enter(role);
  if (role === 'radiologist') console.log(`| first visit | ${seen.loaded} over HTTP | | |`);
  for (const path of pages[role]) {
    Object.assign(seen, { frames: 0, at: Date.now() });
    await page.goto(path);
    await quiet(page, seen);
    const [frames, elements] = [seen.frames, await page.evaluate(() => document.querySelectorAll('main *').length)];
    const found = await look(page, path.slice(1).replaceAll('/', '-') || 'worklist');
    console.log(`| ${path} | ${frames} | ${elements} | ${found.join('; ') || 'nothing'} |`);
    const turn = page.getByRole('button', { name: /^Next( page)?$/ });
    if (await turn.count() === 1 && await turn.isEnabled()) {
      Object.assign(seen, { frames: 0, at: Date.now() });
      await turn.click();
      await quiet(page, seen);
      console.log(`| ${path}, the next page | ${seen.frames} | | |`);
    }
  }
  if (role === 'radiologist') {
    const times = [];
    for (let i = 0; i < 9; i++) {
      await page.goto('/');
      await quiet(page, seen);
      await page.locator('.worklist a.row').first().focus();
      const start = Date.now();
      await page.keyboard.press('Enter');
      await page.locator('#viewer[data-state=ready]').waitFor();
      times.push(Date.now() - start);
    }
    console.log(`| a study opened from the worklist | ${times.sort((a, b) => a - b)[4]} ms | | |`);
    await study(page, seen);
  }
  await context.close();
}
await browser.close();
console.log(complaints.length ? complaints.join('\n') : 'The console complained of nothing.');

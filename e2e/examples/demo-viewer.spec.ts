/** The demo as a visitor meets it: first visit, sign-in, a user without access, sign-out, a second tab, the script-tag page. */
import { test, type BrowserContext, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo/start.js';
import {
  expect,
  expectAccessible,
  expectStates,
  fillIn,
  firstSignInWindow,
  signInByButton,
  smallWindow,
  visitAs as openAs,
  type User,
} from '../support/demo-visitor.js';
import { takePictures } from '../support/pictures.js';

test.describe.configure({ timeout: 240_000 });

const open = ['places', 'basemap'];
const byApp = ['terrain'];
const secured = ['notes', 'sites', 'countries'];

test.use({ ...smallWindow, contextOptions: { reducedMotion: 'reduce' } });

let demo: Demo;
test.beforeAll(async () => {
  demo = await startDemo();
});
test.afterAll(() => demo.close());

const noticeOf = (page: Page) => page.locator('#notice');

const visit = (page: Page) => page.goto(demo.app.url);
const visitAs = (page: Page, user: User): Promise<void> => openAs(page, demo.app.url, user);

/** The pictures that have arrived, by their captions. */
const drawnPictures = (page: Page): Promise<string[]> =>
  page
    .locator('#pictures li')
    .evaluateAll((frames) =>
      frames
        .filter((frame) => (frame.querySelector('img')?.naturalWidth ?? 0) > 0)
        .map((frame) => frame.querySelector('figcaption')?.textContent ?? ''),
    );

/** Collects what pages and workers write to their consoles; errors end the test. */
function listenToConsole(context: BrowserContext): string[] {
  const lines: string[] = [];
  context.on('console', (message) => lines.push(message.text()));
  context.on('weberror', (error) => lines.push(String(error.error())));
  return lines;
}

test(
  'the first visit shows what the app’s account may see, prompts once, and after the sign-in everything draws by itself',
  { tag: '@picture' },
  async ({ page, context }) => {
    const lines = listenToConsole(context);
    await visit(page);
    const popup = await firstSignInWindow(page);
    await expectStates(page, [...open, ...byApp], 'Loaded');
    await expectStates(page, secured, 'Waiting for sign-in');
    await expect(page.locator('#summary-terrain')).toHaveText(
      'Tiles, shown to everybody by the app’s account',
    );
    const signers = (path: RegExp): (string | undefined)[] =>
      demo.portal.log.requests({ path }).map(({ tokenId, user }) => tokenId && (user ?? 'the app'));
    // One that waited long for its token was tried without one first.
    const signed = signers(/\/Terrain\//).filter((user) => user !== undefined);
    expect(new Set(signed)).toEqual(new Set(['the app']));
    expect(new Set(signers(/\/(?:Notes|Sites|Countries)\//))).toEqual(new Set([undefined]));
    await fillIn(popup, 'ana');
    await expectStates(page, [...open, ...byApp, ...secured], 'Loaded');
    await page.evaluate(
      (tile) => fetch(tile).then(({ status }) => status),
      `${demo.portal.serverUrl}/rest/services/Terrain/MapServer/tile/0/0/0?after=sign-in`,
    );
    expect(signers(/\/(?:Countries|Terrain)\//).slice(-1)).toEqual(['ana']);
    await expect(page.locator('#username')).toHaveText('ana');
    await expect(page.getByRole('timer')).toHaveText(/^\d+:\d\d$/);
    await expect(noticeOf(page)).toBeEmpty();
    await expect
      .poll(() => drawnPictures(page))
      .toEqual(['Countries', 'Terrain', 'Sites', 'World map', 'Photo of a site']);
    const log = page.getByRole('table', { name: 'Requests' });
    await expect(log.getByRole('row').filter({ hasText: 'signed' }).first()).toBeVisible();
    await takePictures(page, 'demo', {
      settle: () => expectStates(page, [...open, ...byApp, ...secured], 'Loaded'),
    });

    const everything = [...lines, await page.content(), await page.locator('#log').innerText()].join('\n');
    expect(demo.portal.log.leaks(everything)).toEqual([]);
  },
);

test('a user without access is told so, and is not prompted again', async ({ page }) => {
  await visitAs(page, 'ben');
  await expectStates(page, [...open, 'notes', 'countries', 'terrain'], 'Loaded');
  await expectStates(page, ['sites'], 'Not allowed');
  await expect.poll(() => drawnPictures(page)).toEqual(['Countries', 'Terrain', 'World map']);
  await expect(page.locator('#pictures li').filter({ hasText: 'Photo of a site' })).toContainText(
    'Not allowed',
  );
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => page.context().pages().length).toBe(1);
});

test('signing out clears what is secured, and the next user sees their own', async ({ page }) => {
  await visitAs(page, 'ana');
  await expectStates(page, secured, 'Loaded');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expectStates(page, secured, 'Signed out');
  await expectStates(page, [...open, ...byApp], 'Loaded');
  await expect(noticeOf(page)).toHaveText('Signed out: the secured layers are cleared.');
  await expect.poll(() => drawnPictures(page)).toEqual([]);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.getByRole('link', { name: 'Use another account' }).click();
  await fillIn(await firstSignInWindow(page), 'ben');
  await expectStates(page, ['countries', 'terrain'], 'Loaded');
  await expectStates(page, ['sites'], 'Not allowed');
});

test('cancelling leaves the open layers, and the button brings the rest', async ({ page }) => {
  await visit(page);
  const popup = await firstSignInWindow(page);
  await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Cancel' }).click()]);
  await expectStates(page, secured, 'Signed out');
  await fillIn(await signInByButton(page), 'ana');
  await expectStates(page, [...open, ...byApp, ...secured], 'Loaded');
});

test('a second tab follows', async ({ page, context }) => {
  await visitAs(page, 'ana');
  const tab = await context.newPage();
  await tab.goto(demo.app.url);
  await expectStates(tab, [...open, ...byApp, ...secured], 'Loaded');
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.locator('#username')).toHaveText('Not signed in');
  await expectStates(page, secured, 'Signed out');
  // The portal still knows ana: its window opens and closes without a question.
  const popup = await signInByButton(page);
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await expectStates(tab, secured, 'Loaded');
});

test('the list of requests can be paused, and says why', async ({ page }) => {
  await visitAs(page, 'ana');
  await expectStates(page, secured, 'Loaded');
  const pause = page.getByRole('button', { name: 'Pause' });
  await pause.click();
  await expect(pause).toHaveAttribute('aria-pressed', 'true');
  const rows = await page.locator('#log-rows').innerText();
  const passed = await page.locator('#counters').innerText();
  await page.getByLabel('Terrain').uncheck();
  await page.getByLabel('Terrain').check();
  await expectStates(page, ['terrain'], 'Loaded');
  await expect(page.locator('#counters')).not.toHaveText(passed, { useInnerText: true });
  expect(await page.locator('#log-rows').innerText()).toBe(rows);

  // The reasons, by keyboard.
  const why = page.getByRole('button', { name: 'Say why' });
  await why.focus();
  await page.keyboard.press('Enter');
  await expect(why).toHaveAttribute('aria-pressed', 'true');
  await page.evaluate(
    (url) => fetch(url).then(({ status }) => status),
    `${demo.portal.serverUrl}/rest/services/Terrain/MapServer/tile/0/0/0?after=why`,
  );
  const list = page.getByRole('list', { name: 'Requests and reasons, the most recent first' });
  const summary = list.locator('summary', { hasText: 'signed 200 Terrain/MapServer/tile/0/0/0' }).first();
  await summary.focus();
  await page.keyboard.press('Space');
  await expect(list.getByRole('listitem').filter({ hasText: /^\d+\.\d ms/ })).toContainText([
    /Belongs to the portal/,
    /Token of the user/,
    /Sent with the token in the query/,
    /Answer 200: nothing about a sign-in/,
  ]);
  await expectAccessible(page);
  await why.click();
  await expect(list).toBeHidden();
});

test('the viewer opens offline', { tag: ['@A7'] }, async ({ page, context }) => {
  await visitAs(page, 'ana');
  await expectStates(page, secured, 'Loaded');
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator('#username')).toHaveText('ana');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('one script tag signs in an image and a fetch', async ({ page, context }) => {
  const lines = listenToConsole(context);
  await page.goto(`${demo.app.url}/script-tag/`);
  const popup = await firstSignInWindow(page);
  await fillIn(popup, 'ana');
  await expect(page.getByRole('status')).toHaveText('Signed in as ana.');
  await expect(page.locator('#count')).toHaveText(/^\d{3}$/);
  await expect
    .poll(() => page.locator('#picture').evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(0);
  await expectAccessible(page);
  await page.reload();
  await expect(page.locator('#count')).toHaveText(/^\d{3}$/);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.locator('#count')).toHaveText('–');
  expect(demo.portal.log.leaks([...lines, await page.content()].join('\n'))).toEqual([]);
});

for (const { device, viewport, country } of [
  // Where on the map a country is.
  { device: 'desktop', viewport: { width: 1280, height: 800 }, country: { x: 1080, y: 240 } },
  { device: 'phone', viewport: { width: 360, height: 740 } },
])
  test.describe(device, () => {
    test.use({ viewport });

    test('axe finds nothing, light and dark, and nothing is cut off at the side', async ({ page }) => {
      const expectBothAccessible = async (): Promise<void> => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await expectAccessible(page);
        }
      };
      await visitAs(page, 'ana');
      await expectStates(page, [...open, ...byApp, ...secured], 'Loaded');
      if (country)
        await test.step('a click on the map shows the attributes of a country', async () => {
          await page.getByRole('region', { name: 'Map', exact: true }).click({ position: country });
          await expect(page.locator('.maplibregl-popup')).toContainText('Continent');
        });
      await expectBothAccessible();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expectStates(page, secured, 'Signed out');
      await expectBothAccessible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
      await page.goto(`${demo.app.url}/signed-in.html`);
      await expect(page.getByRole('status')).toContainText('Nothing to do here');
      await expectBothAccessible();
    });
  });

test('the demo is sealed and guarded, and every answer has the policy', async ({ page }) => {
  const { url } = demo.app;
  const browserHeaders = {
    'service-worker': 'script',
    'sec-fetch-dest': 'serviceworker',
    'sec-fetch-site': 'same-origin',
  };
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url + path, { headers, redirect: 'manual' });
  for (const path of ['/', '/signed-in.html?identity-worker=none', '/icon.svg', '/missing', '/script-tag/'])
    expect((await ask(path)).headers.get('content-security-policy'), path).toMatch(
      /frame-src 'none'.*object-src 'none'/,
    );
  // No code reaches a page, no other script becomes a worker, and no page reads the worker's script.
  for (const path of ['/signed-in.html', '/script-tag/signed-in.html'])
    expect((await ask(`${path}?code=c&state=s`)).headers.get('location')).toBe(
      `${path}?identity-worker=none#_`,
    );
  expect((await ask('/script-tag/page.js', browserHeaders)).headers.get('identity-worker-refusal')).toBe(
    'another-worker',
  );
  expect((await ask('/worker.js')).headers.get('identity-worker-refusal')).toBe('not-a-worker-fetch');
  const query = await ask('/script-tag/identity-worker.js?portal=https://evil.example', browserHeaders);
  expect(query.headers.get('identity-worker-refusal')).toBe('another-query');
  // The worker of each page is there nevertheless, and for its own scope only.
  await page.goto(`${url}/script-tag/`);
  const scopes = await page.evaluate(async () => {
    const ready = navigator.serviceWorker.ready;
    await navigator.serviceWorker.register('/worker.js', { scope: '/script-tag/x' }).catch(String);
    await ready;
    return (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname);
  });
  expect(scopes).toEqual(['/script-tag/']);
});

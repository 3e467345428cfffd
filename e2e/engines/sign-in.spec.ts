/** Signing in, in every engine. */
import { startAppServer } from '../../demo/app-server.js';
import { readFileSync } from 'node:fs';
import { registeredWith } from '../support/fixtures.js';
import { untilWindowSeen } from '../support/in-page.js';
import { aCount, countQuery } from '../support/services.js';
import { EngineApp, EnginePage, expect, fillInForm, test } from './fixtures.js';

test('first visit: a request waits for the sign-in and is answered', { tag: '@smoke' }, async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect(await answer).toEqual(aCount);
  await app.waitForNoDialog();
  expect(app.tokenRequests('authorization_code')).toBe(1);
});

test('sign-in window, then signed requests', { tag: '@smoke' }, async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  expect(await app.usernames()).toEqual(['ana']);
  const url = app.hosted(countQuery());
  expect(await app.fetch(url)).toMatchObject({ status: 200, url });
  expect(app.portal.log.requests({ path: /query$/ }).at(-1)).toMatchObject({ user: 'ana' });
});

test('fifty requests make one prompt', async ({ app }) => {
  await app.open();
  const answers = app.page.run(
    (urls) =>
      Promise.all(
        urls.map(async (url) => ((await (await fetch(url)).json()) as { count?: number }).count ?? 0),
      ),
    Array.from({ length: 50 }, (_, index) => app.hosted(countQuery(index))),
  );
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect((await answers).filter((count) => count > 0)).toHaveLength(50);
  expect(app.tokenRequests()).toBe(1);
});

test('sign-in window of a portal with COOP', { tag: '@smoke' }, async ({ app }) => {
  app.portal.control.setCoop('same-origin');
  await app.open();
  await app.signIn('ana');
  await app.waitForNoDialog();
  expect(app.tokenRequests()).toBe(1);
});

test.describe('isolated', () => {
  test.use({
    appHeaders: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  });

  test('sign-in window of a cross-origin isolated app', async ({ app }) => {
    await app.open();
    expect(await app.page.run(() => crossOriginIsolated)).toBe(true);
    const answer = app.fetchJson(app.hosted(countQuery()));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toEqual(aCount);
  });
});

test('closing the sign-in window ends the wait', { tag: '@smoke' }, async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  const popup = await app.openWindowFromDialog();
  await popup.waitForElement('#username');
  await app.page.run(untilWindowSeen);
  await popup.close();
  expect(await answer).toMatchObject({ error: { code: 499 } });
  await app.waitForNoDialog();
});

test('cancelling the dialog ends the wait', async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.page.click('dialog button');
  expect(await answer).toMatchObject({ error: { code: 499 } });
  await app.waitForNoDialog();
});

for (const callback of ['page', 'worker'])
  test.describe(`callback by the ${callback}`, () => {
    test.use({ identityConfig: registeredWith({ callback }) });

    test(`sign-in in place of the page, callback by the ${callback}`, { tag: '@smoke' }, async ({ app }) => {
      const address = '/?login=redirect&layer=a%20b#at=1/2';
      await app.open(address);
      await app.page.run((url) => void fetch(url).catch(() => undefined), app.hosted(countQuery()));
      await app.page.click('.main');
      await fillInForm(app.page, 'ana');
      await app.page.waitFor('the page is back', (url) => location.href === url, app.url + address);
      await app.ready();
      expect(await app.usernames()).toEqual(['ana']);
      expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    });
  });

test('sign-in from a frame of another site', async ({ driver, portal, serve }) => {
  // The page in the frame tells its parent what a user sees: drivers look into frames of other sites each in a way of its own.
  const reports = `<script type="module">
    setInterval(() => {
      const { left, top, width, height } = document.querySelector('#sign-in').getBoundingClientRect();
      parent.postMessage({ status: document.querySelector('#status').textContent, x: left + width / 2, y: top + height / 2,
        isReady: window.identity !== undefined && navigator.serviceWorker.controller !== null }, '*');
    }, 50);
    addEventListener('message', async ({ data }) => parent.postMessage({ answer: await (await fetch(data)).json() }, '*'));
  </script>`;
  const page = readFileSync('e2e/pages/index.html', 'utf8').replace('</body>', `${reports}</body>`);
  const url = await serve({
    intercept: (path) =>
      path === '/framed.html' ? { headers: { 'content-type': 'text/html' }, body: page } : undefined,
  });
  const host = await startAppServer({
    folders: [],
    intercept: () => ({
      headers: { 'content-type': 'text/html' },
      body: `<!doctype html><title>Elsewhere</title><body style="margin:0"><iframe src="${url}/framed.html" style="border:0;width:600px;height:400px"></iframe>
        <script>window.seen = {}; addEventListener('message', ({ data }) => Object.assign(window.seen, data));</script>`,
    }),
  });
  interface Seen {
    seen: { status?: string; isReady?: boolean; x: number; y: number; answer?: unknown };
  }
  const outer = new EnginePage(driver, await driver.openWindow());
  // `localhost` and `127.0.0.1` are two sites.
  await outer.goto(host.url.replace('localhost', '127.0.0.1'));
  await outer.waitFor('the app in the frame is ready', () => (window as unknown as Seen).seen.isReady);
  const [x, y] = await outer.run(() => {
    const { seen } = window as unknown as Seen;
    return [Math.round(seen.x), Math.round(seen.y)] as const;
  });
  const popup = await outer.waitForPopup(() => driver.clickAt(outer.window, x, y));
  await new EngineApp(outer, portal, url).fillIn(popup, 'ana');
  await outer.waitFor(
    'the app in the frame is signed in',
    () => (window as unknown as Seen).seen.status === 'signed in as ana',
  );
  const answer = await outer.waitFor(
    'the app in the frame gets its answer',
    (query) => {
      frames[0]?.postMessage(query, '*');
      return (window as unknown as Seen).seen.answer;
    },
    `${portal.hostedUrl}/${countQuery()}`,
  );
  expect(answer).toEqual(aCount);
  await host.close();
});

test('private window: sign-in, and signed requests after a reload', async ({
  engine,
  driver,
  launch,
  portal,
  serve,
}) => {
  // All automated windows of WebKitGTK are private.
  const browser = engine === 'webkit' ? driver : await launch({ isPrivate: true });
  const app = new EngineApp(new EnginePage(browser, await browser.openWindow()), portal, await serve());
  await app.open();
  await app.signIn('ana');
  await app.page.reload();
  await app.ready();
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  expect(app.tokenRequests()).toBe(1);
  app.expectNothingLeaked();
});

test('script tag: sign-in and signed requests', { tag: '@smoke' }, async ({ driver, portal }) => {
  const tag = `<script src="/identity-client.js" data-portal="${portal.url}" data-client-id="idw-demo"></script>`;
  const server = await startAppServer({
    folders: ['dist'],
    intercept: (path) =>
      path === '/'
        ? {
            headers: { 'content-type': 'text/html' },
            body: `<!doctype html><title>No build</title><link rel="icon" href="data:,">${tag}<p>No build</p>`,
          }
        : undefined,
  });
  portal.addRedirectUri(`${server.url}/`);
  const app = new EngineApp(new EnginePage(driver, await driver.openWindow()), portal, server.url);
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect(await answer).toEqual(aCount);
  await server.close();
});

/** Local Network Access: a portal of the user's own network, and an app of the public internet. */
import { chromium, type BrowserContext } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../scripts/chromium.js';
import { expect, serveApp, test, TestApp } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';
import type { AppServer } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';

interface PublicApp {
  readonly app: TestApp;
  readonly context: BrowserContext;
  readonly server: AppServer;
  readonly close: () => Promise<void>;
}

/** Serves the app at an address that the browser takes for one of the public internet. */
async function openPublicApp(portal: Portal): Promise<PublicApp> {
  const server = await serveApp(portal, {});
  const { port } = new URL(server.url);
  const url = `http://maps.test:${port}`;
  portal.addRedirectUri(`${url}/signed-in.html`);
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    ignoreDefaultArgs: ['--disable-popup-blocking'],
    args: [
      ...chromiumArgs,
      '--host-resolver-rules=MAP maps.test 127.0.0.1',
      `--unsafely-treat-insecure-origin-as-secure=${url}`,
      '--enable-features=LocalNetworkAccessChecks',
      `--ip-address-space-overrides=127.0.0.1:${port}=public`,
    ],
  });
  const context = await browser.newContext();
  const app = new TestApp(await context.newPage(), portal, url);
  return {
    app,
    context,
    server,
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

const state = (app: TestApp): Promise<string> =>
  app.run(
    async () => (await navigator.permissions.query({ name: 'local-network-access' as PermissionName })).state,
  );

test('the page has the user asked, and the requests that failed go through', async ({ portal }) => {
  const { app, context, close } = await openPublicApp(portal);
  // The browser of the tests has no window to ask in: it refuses at once, unless it has been permitted before.
  await context.exposeFunction('userPermits', () =>
    context.grantPermissions(['local-network-access'], { origin: app.url }),
  );
  await context.addInitScript(() => {
    const fetchNow = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      if (typeof input === 'string' && input.endsWith('/?token='))
        await (window as unknown as { userPermits: () => Promise<void> }).userPermits();
      return fetchNow(input, init);
    };
  });
  await app.open();
  expect(await state(app)).toBe('prompt');
  expect(
    await Promise.all([1, 2, 3].map((index) => app.fetchJson(app.hosted(publicCountQuery(index))))),
  ).toEqual([aCount, aCount, aCount]);
  expect(portal.log.requests({ path: /^\/$/ })).toHaveLength(1);
  // What the worker itself asks the portal for goes through as well.
  await app.signIn('ana');
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  await close();
});

test('a user who refuses is told of by name, once, and no request waits for it again', async ({ portal }) => {
  const { app, close } = await openPublicApp(portal);
  const errors: string[] = [];
  app.page.on('pageerror', ({ message }) => errors.push(message));
  await app.open();
  for (const index of [1, 2])
    expect(await app.fetch(app.hosted(publicCountQuery(index)))).toEqual({ error: 'TypeError' });
  expect(await state(app)).toBe('denied');
  expect(errors.filter((message) => /local network/.test(message))).toHaveLength(1);
  expect(portal.log.count({ path: /./ })).toBe(0);
  await close();
});

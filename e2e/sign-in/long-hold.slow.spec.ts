/** Waits for the browser's real limit on an event: `npm run test:slow`. */
import { startAppServer } from '../../demo/app-server.js';
import { expect, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

/** Chromium ends a fetch event after 300 s. */
const PAST_THE_LIMIT_MS = 320_000;

test(
  'requests that wait for the user past the browser’s limit on an event still succeed',
  { tag: ['@B5'] },
  async ({ app }) => {
    test.setTimeout(PAST_THE_LIMIT_MS + 60_000);
    await app.open();
    const [reading, writing] = await Promise.all([
      app.fetchJson(app.hosted(countQuery())),
      app.fetchJson(app.hosted('Echo?f=json'), { method: 'POST', body: 'kept through every hand-over' }),
      app.waitForDialog().then(async () => {
        await app.run((ms) => new Promise((resolve) => setTimeout(resolve, ms)), PAST_THE_LIMIT_MS);
        await app.fillIn(await app.openWindowFromDialog(), 'ana');
      }),
    ]);
    expect(reading).toEqual(aCount);
    expect(writing).toMatchObject({ user: 'ana', bodyLength: 'kept through every hand-over'.length });
  },
);

test('control: a worker that only holds its event loses the request', async ({ page }) => {
  test.setTimeout(PAST_THE_LIMIT_MS + 60_000);
  const files: Record<string, string> = {
    '/': '<!doctype html><title>Held</title>',
    '/worker.js': `self.addEventListener('install', () => self.skipWaiting());
      self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      self.addEventListener('fetch', (event) => {
        if (event.request.url.endsWith('/held')) event.respondWith(new Promise(() => undefined));
      });`,
  };
  const server = await startAppServer({
    folders: [],
    intercept: (path) => {
      const body = files[path];
      const type = path === '/' ? 'text/html' : 'text/javascript';
      return body === undefined ? undefined : { headers: { 'content-type': type }, body };
    },
  });
  await page.goto(server.url);
  const outcome = await page.evaluate(async () => {
    await navigator.serviceWorker.register('/worker.js');
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    return fetch('/held').then(
      () => 'answered',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
  });
  expect(outcome).toBe('TypeError');
  await server.close();
});

/** `ready` means controlled: on the first visit, after a reload, after a hard reload. */
import { expect, test } from './fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const isControlled = (): boolean => navigator.serviceWorker.controller !== null;

test('the first visit', async ({ app }) => {
  await app.open();
  expect(await app.run(isControlled)).toBe(true);
});

test('a hard reload, which no worker controls at first', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  const cdp = await app.page.context().newCDPSession(app.page);
  // Hold the page's script back, to see it uncontrolled before it asks to be claimed.
  let release: () => void = () => undefined;
  await app.page.route('**/page.js', async (route) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    await route.continue();
  });
  const reloaded = app.page.waitForRequest('**/page.js');
  await cdp.send('Page.reload', { ignoreCache: true });
  await reloaded;
  expect(await app.page.evaluate(isControlled)).toBe(false);
  release();
  await app.ready();
  expect(await app.run(isControlled)).toBe(true);
  expect(await app.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
  expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
});

test('requests that are not ours never pass through our hands', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  const elsewhere = `${app.portal.foreign.origin}/data.json`;
  const request = app.page.waitForResponse(elsewhere);
  await app.fetch(elsewhere);
  expect((await request).fromServiceWorker()).toBe(false);
  const [seen] = app.portal.log.requests({ server: 'foreign' });
  expect(seen).toMatchObject({ tokenPlacement: 'none', secrets: [] });
});

/** Signing out: here, at the portal, in every tab. */
import { expect, test } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

test('removes the credential, revokes the refresh token, and the next request is anonymous', async ({
  app,
}) => {
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
  const revocations = await app.portal.log.waitFor({ path: /revokeToken/ }, 1);
  expect(revocations).toHaveLength(1);
  expect(
    app.portal.control.tokens().filter(({ kind, state }) => kind !== 'session' && state === 'valid'),
  ).toEqual([]);
  await app.clickForgotten();
  app.portal.log.clear();
  void app.fetch(app.hosted(count)).catch(() => undefined);
  await app.dialogShown();
  expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
});

test('is over when it says so, however late the worker’s message comes', async ({ app, page }) => {
  await page.addInitScript(() => {
    navigator.serviceWorker.addEventListener('message', (event: MessageEvent<{ credential?: unknown }>) => {
      if (event.data.credential === null) event.stopImmediatePropagation();
    });
  });
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
});

test('reaches the other tab at once', async ({ app }) => {
  await app.open();
  const other = await app.newTab();
  await app.signIn('ana');
  await expect.poll(() => other.run(() => window.identity.credentials.length)).toBe(1);
  expect(await other.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
  await app.run(() => window.identity.signOut());
  await expect.poll(() => other.run(() => window.identity.credentials.length)).toBe(0);
  app.portal.log.clear();
  void other.fetch(app.hosted(count)).catch(() => undefined);
  await other.dialogShown();
  expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
});

test('beats a refresh that is under way: nothing comes back, and the new token is revoked', async ({
  app,
}) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.expireAccessTokens();
  const hold = app.portal.control.hold('/oauth2/token');
  // The request that caused the refresh goes the way of one that nobody signed in for; its page will be gone.
  app.fetch(app.hosted(count)).catch(() => undefined);
  await hold.reached(1);
  await app.run(() => window.identity.signOut());
  hold.release();
  await app.portal.log.waitFor({ path: /revokeToken/ }, 2);
  expect(
    app.portal.control.tokens().filter(({ kind, state }) => kind !== 'session' && state === 'valid'),
  ).toEqual([]);
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
  await app.stopWorker();
  await app.page.reload();
  await app.ready();
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
});

test('works while the portal is out of reach', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.fault(/revokeToken/, { drop: 'request' });
  await app.run(() => window.identity.signOut());
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
});

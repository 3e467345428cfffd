/** A lost network is not the end of a session. */
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery, tile } from '../support/services.js';

const hourMs = 3600 * 1000;

test.beforeEach(openSignedIn);

/** Fails every request to the token endpoint as a browser does. */
async function cut(app: TestApp, errorCode: string): Promise<() => Promise<void>> {
  const context = app.page.context();
  await context.route(/oauth2\/token/, (route) => route.abort(errorCode));
  return () => context.unroute(/oauth2\/token/);
}

for (const [name, fail] of [
  ['no network', (app: TestApp) => cut(app, 'internetdisconnected')],
  ['no name in the DNS', (app: TestApp) => cut(app, 'namenotresolved')],
  ['a connection that times out', (app: TestApp) => cut(app, 'timedout')],
  ['a connection that is reset', (app: TestApp) => cut(app, 'connectionreset')],
  [
    '502 with a page',
    ({ portal }: TestApp) => portal.control.fault('/oauth2/token', { status: 502, html: true }),
  ],
  [
    '504 with a page',
    ({ portal }: TestApp) => portal.control.fault('/oauth2/token', { status: 504, html: true }),
  ],
  [
    'a captive portal',
    ({ portal }: TestApp) => portal.control.fault('/oauth2/token', { html: '<h1>Welcome to our WLAN</h1>' }),
  ],
] as const) {
  test(
    `a refresh that meets ${name} costs data and pictures a wait, and nothing is lost`,
    { tag: ['@F1', '@G20'] },
    async ({ app }) => {
      app.portal.control.expireAccessTokens();
      const repair = await fail(app);
      const answers = Promise.all([
        app.fetchJson(app.hosted(countQuery(1))),
        app.loadImage(app.hosted(tile(1))),
        app.fetchJson(app.federated(countQuery(1))),
      ]);
      expect(await app.fetchJson(app.hosted(publicCountQuery(1)))).toEqual(aCount);
      expect(await app.isPrompting()).toBe(false);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
      await repair();
      expect(await answers).toEqual([aCount, 256, aCount]);
      expect(app.tokenRequests('authorization_code')).toBe(0);
      expect(await app.isPrompting()).toBe(false);
    },
  );
}

test('a page that was offline for two hours is still signed in', { tag: ['@F1'] }, async ({ app }) => {
  await app.page.context().setOffline(true);
  await app.advanceWorkerClock(2 * hourMs);
  expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
  expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
  await app.page.context().setOffline(false);
  expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
  expect(app.tokenRequests()).toBe(1);
  expect(await app.isPrompting()).toBe(false);
});

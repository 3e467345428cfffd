/** Refreshing: once for all requests and tabs, with rotation and without, until the refresh token ends. */
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';
import { aCount, countAfterExpiry, countQuery, tile } from '../support/services.js';

const dayMs = 24 * 3600 * 1000;

/** Labels of the refresh tokens that were sent to the token endpoint, in order. */
const refreshTokensSent = (app: TestApp): string[] =>
  app.portal.log
    .requests({ path: /oauth2\/token$/ })
    .flatMap(({ secrets }) => secrets.filter((label) => label.startsWith('refresh-')));

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test('the refresh token stays in use when a refresh brings no new one', async ({ app }) => {
    expect(await countAfterExpiry(app, 1)).toEqual(aCount);
    expect(await countAfterExpiry(app, 2)).toEqual(aCount);
    await app.stopWorker();
    expect(await countAfterExpiry(app, 3)).toEqual(aCount);
    const [first, ...others] = refreshTokensSent(app);
    expect(others).toEqual([first, first]);
    expect(app.tokenRequests('refresh_token')).toBe(3);
  });

  test(
    'a refresh token near its end is exchanged, and a request under way with the old access token is sent once more',
    { tag: ['@K4'] },
    async ({ app }) => {
      // A day and a half before the two weeks are over everything still is refreshed ...
      const hold = app.portal.control.hold(/FeatureServer\/0\/query$/, { before: true });
      const underWay = app.fetchJson(app.hosted(countQuery(1)));
      await hold.reached(1);
      await app.advanceWorkerClock(13.5 * dayMs);
      const exchanging = app.fetchJson(app.hosted(countQuery(2)));
      await hold.reached(2);
      hold.release();
      expect(await Promise.all([underWay, exchanging])).toEqual([aCount, aCount]);
      // ... the portal would refuse an exchange without a redirect URI.
      expect(app.tokenRequests()).toBe(1);
      expect(app.tokenRequests('exchange_refresh_token')).toBe(1);
      expect(app.portal.log.count({ path: /0\/query$/ })).toBe(3);
      const refreshTokens = app.portal.control.tokens().filter(({ kind }) => kind === 'refresh');
      expect(refreshTokens.map(({ state }) => state)).toEqual(['used', 'valid']);
      // The new one is what was stored.
      await app.stopWorker();
      expect(await countAfterExpiry(app, 3)).toEqual(aCount);
      expect(refreshTokensSent(app)).toEqual(refreshTokens.map(({ label }) => label));
      expect(await app.isPrompting()).toBe(false);
    },
  );

  test(
    'a refresh token that is replaced at every use is never used twice',
    { tag: ['@E1'] },
    async ({ app }) => {
      app.portal.control.setRotateOnRefresh(true);
      app.portal.control.setRevokeFamilyOnReuse(true);
      expect(await countAfterExpiry(app, 1)).toEqual(aCount);
      await app.stopWorker();
      expect(await countAfterExpiry(app, 2)).toEqual(aCount);
      const second = await app.newTab();
      expect(await countAfterExpiry(second, 3)).toEqual(aCount);
      const sent = refreshTokensSent(app);
      expect(new Set(sent).size).toBe(3);
      expect(app.tokenRequests()).toBe(3);
    },
  );

  test(
    'a new refresh token lost on its way costs a sign-in, not a loop',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      app.portal.control.setRotateOnRefresh(true);
      app.portal.control.endSessions();
      app.portal.control.fault('/oauth2/token', { truncate: true, times: 1 });
      app.portal.control.expireAccessTokens();
      await app.consumeUserActivation();
      const answer = app.fetchJson(app.hosted(countQuery(1)));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await answer).toEqual(aCount);
      expect(app.tokenRequests('refresh_token')).toBe(2);
      expect(app.tokenRequests('authorization_code')).toBe(1);
    },
  );

  for (const status of [200, 400] as const) {
    for (const [name, kill] of [
      ['an expired refresh token', (app: TestApp) => app.portal.control.expireRefreshTokens()],
      [
        'a revocation by an administrator',
        (app: TestApp) => app.portal.control.revokeAccessTokens() + app.portal.control.revokeRefreshTokens(),
      ],
    ] as const) {
      test(
        `${name}, told with HTTP ${status}, costs one refresh and one sign-in`,
        { tag: ['@user-interface'] },
        async ({ app }) => {
          app.portal.control.setOauthErrorStatus(status);
          app.portal.control.expireAccessTokens();
          kill(app);
          app.portal.control.endSessions();
          await app.consumeUserActivation();
          const answers = Promise.all([1, 2, 3].map((index) => app.fetchJson(app.hosted(countQuery(index)))));
          await app.fillIn(await app.openWindowFromDialog(), 'ana');
          expect(await answers).toEqual([aCount, aCount, aCount]);
          expect(app.tokenRequests('refresh_token')).toBe(1);
          expect(app.tokenRequests('authorization_code')).toBe(1);
          expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
        },
      );
    }
  }

  test('no request of the worker carries a secret of the app, or asks for an app login', async ({ app }) => {
    await countAfterExpiry(app);
    await app.run(() => window.identity.signOut());
    await app.portal.log.waitFor({ path: /revokeToken/ });
    expect(app.tokenRequests('client_credentials')).toBe(0);
    const secrets = app.portal.log.entries.flatMap((entry) => entry.secrets);
    expect(secrets.filter((label) => label.startsWith('client-secret'))).toEqual([]);
    expect(secrets.length).toBeGreaterThan(0);
  });

  test('a token near its end is renewed before it is used', { tag: ['@G6'] }, async ({ app, page }) => {
    await app.run(() => window.identity.signOut());
    app.portal.control.endSessions();
    app.portal.control.setExpiresIn(40);
    app.portal.control.setAccessTokenLifetime(40);
    await app.signIn('ana');
    app.portal.log.clear();
    // The worker's clock moves, the portal's does not.
    const worker = page.context().serviceWorkers()[0];
    await worker?.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 38_000;
    });
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(1);
    expect(app.portal.log.requests({ path: /query$/ })).toHaveLength(1);
  });

  test(
    'fifty requests with an expired token from two tabs make one refresh',
    { tag: ['@E1'] },
    async ({ app }) => {
      const second = await app.newTab();
      app.portal.control.expireAccessTokens();
      const urls = Array.from({ length: 25 }, (_, index) => app.hosted(countQuery(index)));
      const answers = await Promise.all(
        [app, second].flatMap((tab) => urls.map((url) => tab.fetchJson(url))),
      );
      for (const answer of answers) expect(answer).toEqual(aCount);
      expect(app.tokenRequests()).toBe(1);
    },
  );

  test(
    'a dead refresh token costs one prompt, not a loop',
    { tag: ['@E6', '@G20', '@user-interface'] },
    async ({ app }) => {
      app.portal.control.expireAccessTokens();
      app.portal.control.revokeRefreshTokens();
      app.portal.control.endSessions();
      await app.consumeUserActivation();
      const answer = app.fetchJson(app.hosted(countQuery()));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await answer).toEqual(aCount);
      expect(app.tokenRequests('refresh_token')).toBe(1);
      expect(app.tokenRequests('authorization_code')).toBe(1);
    },
  );

  test(
    'fifty tiles in each of three tabs with an expired token make one token request',
    { tag: ['@E1', '@G3'] },
    async ({ app }) => {
      const tabs = [app, await app.newTab(), await app.newTab()];
      app.portal.control.expireAccessTokens();
      const loaded = await Promise.all(
        tabs.map((tab, tabIndex) =>
          tab.run(
            (urls) => Promise.all(urls.map(async (url) => (await (await fetch(url)).blob()).type)),
            Array.from({ length: 50 }, (_, index) => app.hosted(tile(50 * tabIndex + index))),
          ),
        ),
      );
      expect(loaded.flat()).toEqual(Array.from({ length: 150 }, () => 'image/png'));
      expect(app.tokenRequests()).toBe(1);
    },
  );
});

test(
  'the worker’s own token requests are plain forms, whatever request caused them',
  { tag: ['@A11'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.control.expireAccessTokens();
    await app.fetch(app.hosted('Echo/FeatureServer/echo?f=json'), {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    const requests = app.portal.log.requests({ path: /\/oauth2\/token\/?$/ });
    expect(requests.map(({ method, grantType, query }) => [method, grantType, query])).toEqual([
      ['POST', 'authorization_code', ''],
      ['POST', 'refresh_token', ''],
    ]);
    for (const { requestHeaders } of requests)
      expect(requestHeaders['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  },
);

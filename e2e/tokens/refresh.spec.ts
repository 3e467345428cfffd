/** Conformance list, rows 17 to 23, 26 and 45 to 49: refresh, rotation, lifetimes, and token endpoints that misbehave. */
import { expect, registration, test, type IdentityConfig, type TestApp } from '../support/fixtures.js';

const count = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;
const aCount = { count: expect.any(Number) as unknown };

/** The portal's registration with other options. */
const withOptions = (options: Record<string, unknown>): { identityConfig: IdentityConfig } => ({
  identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), ...options }] }) },
});

const day = 24 * 3600 * 1000;

/** Labels of the refresh tokens that were sent to the token endpoint, in order. */
const refreshTokensSent = (app: TestApp): string[] =>
  app.portal.log
    .requests({ path: /oauth2\/token$/ })
    .flatMap(({ secrets }) => secrets.filter((label) => label.startsWith('refresh-')));

/** A request that makes the worker refresh. */
const refreshedFetch = (app: TestApp, index = 0): Promise<Record<string, unknown>> => {
  app.portal.control.expireAccessTokens();
  return app.fetchJson(app.hosted(count(index)));
};

test.describe('refresh', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
  });

  test('17: the refresh token stays in use when a refresh brings no new one', async ({ app }) => {
    expect(await refreshedFetch(app, 1)).toEqual(aCount);
    expect(await refreshedFetch(app, 2)).toEqual(aCount);
    await app.stopWorker();
    expect(await refreshedFetch(app, 3)).toEqual(aCount);
    const [first, ...others] = refreshTokensSent(app);
    expect(others).toEqual([first, first]);
    expect(app.tokenRequests('refresh_token')).toBe(3);
  });

  test('18, 21: a refresh token near its end is exchanged; a request under way with the old access token is sent once more', async ({
    app,
  }) => {
    // A day and a half before the two weeks are over everything still is refreshed ...
    const hold = app.portal.control.hold(/FeatureServer\/0\/query$/, { before: true });
    const underWay = app.fetchJson(app.hosted(count(1)));
    await hold.reached(1);
    await app.advanceWorkerClock(13.5 * day);
    const exchanging = app.fetchJson(app.hosted(count(2)));
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
    expect(await refreshedFetch(app, 3)).toEqual(aCount);
    expect(refreshTokensSent(app)).toEqual(refreshTokens.map(({ label }) => label));
    expect(await app.isAsking()).toBe(false);
  });

  test('19: a refresh token that is replaced at every use is never used twice', async ({ app }) => {
    app.portal.control.setRotateOnRefresh(true);
    app.portal.control.setRevokeFamilyOnReuse(true);
    expect(await refreshedFetch(app, 1)).toEqual(aCount);
    await app.stopWorker();
    expect(await refreshedFetch(app, 2)).toEqual(aCount);
    const second = await app.newTab();
    expect(await refreshedFetch(second, 3)).toEqual(aCount);
    const sent = refreshTokensSent(app);
    expect(new Set(sent).size).toBe(3);
    expect(app.tokenRequests()).toBe(3);
  });

  test('19: a new refresh token lost on its way costs a sign-in, not a loop', async ({ app }) => {
    app.portal.control.setRotateOnRefresh(true);
    app.portal.control.endSessions();
    app.portal.control.fault('/oauth2/token', { truncate: true, times: 1 });
    app.portal.control.expireAccessTokens();
    expect(await app.fetch(app.hosted(count(1)))).toEqual({ error: 'TypeError' });
    await app.clickForgotten();
    const answer = app.fetchJson(app.hosted(count(2)));
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(2);
    expect(app.tokenRequests('authorization_code')).toBe(1);
  });

  for (const status of [200, 400] as const) {
    for (const [row, name, kill] of [
      ['20', 'an expired refresh token', (app: TestApp) => app.portal.control.expireRefreshTokens()],
      [
        '47',
        'tokens that an administrator revoked',
        (app: TestApp) => app.portal.control.revokeAccessTokens() + app.portal.control.revokeRefreshTokens(),
      ],
    ] as const) {
      test(`${status === 400 ? '23' : row}: ${name}, told with HTTP ${status}, costs one refresh and one sign-in`, async ({
        app,
      }) => {
        app.portal.control.setOauthErrorStatus(status);
        app.portal.control.expireAccessTokens();
        kill(app);
        app.portal.control.endSessions();
        await app.clickForgotten();
        const answers = Promise.all([1, 2, 3].map((index) => app.fetchJson(app.hosted(count(index)))));
        await app.fillIn(await app.answerDialog(), 'ana');
        expect(await answers).toEqual([aCount, aCount, aCount]);
        expect(app.tokenRequests('refresh_token')).toBe(1);
        expect(app.tokenRequests('authorization_code')).toBe(1);
        expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
      });
    }
  }

  for (const [name, fault, restMs] of [
    ['500', { status: 500 }, 0],
    // It asks to be left alone, and is.
    ['429', { status: 429, retryAfterS: 1 }, 46_000],
    ['an answer cut off amid the body', { drop: 'body' }, 0],
    ['an answer that never came', { drop: 'answer' }, 0],
  ] as const) {
    test(`22: a refresh that meets ${name} loses nothing`, async ({ app }) => {
      app.portal.control.expireAccessTokens();
      const repair = app.portal.control.fault('/oauth2/token', fault);
      expect(await app.fetch(app.hosted(count(1)))).toEqual({ error: 'TypeError' });
      await app.stopWorker();
      expect(await app.fetch(app.hosted(count(2)))).toEqual({ error: 'TypeError' });
      expect(await app.isAsking()).toBe(false);
      repair();
      await app.advanceWorkerClock(restMs);
      expect(await app.fetchJson(app.hosted(count(3)))).toEqual(aCount);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
      expect(app.tokenRequests('authorization_code')).toBe(0);
    });
  }

  test('22: a token endpoint that hangs for half a minute is a network error too', async ({ app }) => {
    test.setTimeout(120_000);
    app.portal.control.expireAccessTokens();
    const repair = app.portal.control.fault('/oauth2/token', { hang: true });
    expect(await app.fetch(app.hosted(count(1)))).toEqual({ error: 'TypeError' });
    repair();
    expect(await app.fetchJson(app.hosted(count(2)))).toEqual(aCount);
    expect(await app.isAsking()).toBe(false);
  });

  test('24: no request of the worker carries a secret of the app, or asks for an app login', async ({
    app,
  }) => {
    await refreshedFetch(app);
    await app.run(() => window.identity.signOut());
    await app.portal.log.waitFor({ path: /revokeToken/ });
    expect(app.tokenRequests('client_credentials')).toBe(0);
    const secrets = app.portal.log.entries.flatMap((entry) => entry.secrets);
    expect(secrets.filter((label) => label.startsWith('client-secret'))).toEqual([]);
    expect(secrets.length).toBeGreaterThan(0);
  });

  test('26: signing out after the portal has forgotten the tokens succeeds all the same', async ({ app }) => {
    app.portal.control.revokeAccessTokens();
    app.portal.control.revokeRefreshTokens();
    await app.run(() => window.identity.signOut());
    await app.portal.log.waitFor({ path: /revokeToken/, status: 200 });
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
  });
});

for (const minutes of [10, -10, 90, -90]) {
  test(`45: a portal whose clock is ${minutes} minutes off causes no extra token request`, async ({
    app,
  }) => {
    app.portal.control.setClockOffset(minutes * 60_000);
    await app.open();
    await app.signIn('ana');
    for (let index = 0; index < 5; index += 1) {
      expect(await app.fetchJson(app.hosted(count(index)))).toEqual(aCount);
      expect(await app.fetchJson(app.federated(count(index)))).toEqual(aCount);
    }
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(count(6)))).toEqual(aCount);
    expect(await app.fetchJson(app.federated(count(6)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    expect(app.portal.log.count({ path: /generateToken$/ })).toBe(1);
  });
}

test('45: a token that is over on the portal’s clock alone is refreshed', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.setClockOffset(1_801_000);
  expect(await app.fetchJson(app.hosted(count()))).toEqual(aCount);
  expect(await app.fetchJson(app.hosted(count(1)))).toEqual(aCount);
  expect(app.tokenRequests('refresh_token')).toBe(1);
});

for (const [name, value] of [
  ['0', 0],
  ['negative', -5],
  ['missing', 'missing'],
  ['a string', '1800'],
  ['a word', 'soon'],
  ['absurdly large', 1e12],
] as const) {
  test(`46: expires_in that is ${name} causes no loop`, async ({ app }) => {
    app.portal.control.setExpiresIn(value);
    await app.open();
    await app.signIn('ana');
    for (const index of [1, 2, 3]) expect(await app.fetchJson(app.hosted(count(index)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    expect(await refreshedFetch(app, 4)).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(1);
    const [credential] = await app.run(() => window.identity.credentials);
    const yearMs = 366 * day;
    if (credential?.expires !== undefined)
      expect(credential.expires - Date.now()).toBeLessThanOrEqual(yearMs);
    expect(credential?.renewable).toBe(true);
  });
}

for (const expirationMinutes of [129_600, -1]) {
  test.describe(() => {
    test.use(withOptions({ expirationMinutes }));

    test(`48: an organisation that caps ${expirationMinutes} minutes at 60 is believed`, async ({ app }) => {
      app.portal.control.setMaxTokenExpirationMinutes(60);
      await app.open();
      await app.signIn('ana');
      const [credential] = await app.run(() => window.identity.credentials);
      const leftMs = (credential?.sessionExpires ?? 0) - Date.now();
      expect(leftMs).toBeGreaterThan(50 * 60_000);
      expect(leftMs).toBeLessThanOrEqual(60 * 60_000);
      const [authorization] = app.portal.log.requests({ path: /oauth2\/authorize$/ });
      expect(new URLSearchParams(authorization?.query).get('expiration')).toBe(String(expirationMinutes));
    });
  });
}

test('49: an older portal that knows neither PKCE nor the refresh token’s life is signed in to, with PKCE sent', async ({
  app,
}) => {
  app.portal.control.setPortalVersion('7.4');
  app.portal.control.omitRefreshTokenExpiresIn();
  await app.open();
  await app.signIn('ana');
  const [authorization] = app.portal.log.requests({ path: /oauth2\/authorize$/ });
  expect(new URLSearchParams(authorization?.query).get('code_challenge_method')).toBe('S256');
  const [exchange] = app.portal.log.requests({ path: /oauth2\/token$/ });
  expect(exchange?.secrets.some((label) => label.startsWith('code-verifier'))).toBe(true);
  expect(await refreshedFetch(app)).toEqual(aCount);
});

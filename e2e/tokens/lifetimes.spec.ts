/** How long tokens last, whatever the clocks of the two machines say. */
import { expect, openSignedIn, registeredWith, test, type TestApp } from '../support/fixtures.js';
import { aCount, countAfterExpiry, countQuery, tile } from '../support/services.js';

const hourMs = 3600 * 1000;
const dayMs = 24 * hourMs;

for (const minutes of [10, -10, 90, -90]) {
  test(
    `a portal whose clock is ${minutes} minutes off causes no extra token request`,
    { tag: ['@F2'] },
    async ({ app }) => {
      app.portal.control.setClockOffset(minutes * 60_000);
      await app.open();
      await app.signIn('ana');
      for (let index = 0; index < 5; index += 1) {
        expect(await app.fetchJson(app.hosted(countQuery(index)))).toEqual(aCount);
        expect(await app.fetchJson(app.federated(countQuery(index)))).toEqual(aCount);
      }
      await app.stopWorker();
      expect(await app.fetchJson(app.hosted(countQuery(6)))).toEqual(aCount);
      expect(await app.fetchJson(app.federated(countQuery(6)))).toEqual(aCount);
      expect(app.tokenRequests()).toBe(1);
      // The token of a federated server is not stored: one for each start of the worker.
      expect(app.portal.log.count({ path: /generateToken$/ })).toBe(2);
    },
  );
}

test('a token that has expired by the portal’s clock alone is refreshed', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.setClockOffset(1_801_000);
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
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
  test(`expires_in that is ${name} causes no loop`, async ({ app }) => {
    app.portal.control.setExpiresIn(value);
    await app.open();
    await app.signIn('ana');
    for (const index of [1, 2, 3]) expect(await app.fetchJson(app.hosted(countQuery(index)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    expect(await countAfterExpiry(app, 4)).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(1);
    const [credential] = await app.run(() => window.identity.credentials);
    const yearMs = 366 * dayMs;
    if (credential?.expires !== undefined)
      expect(credential.expires - Date.now()).toBeLessThanOrEqual(yearMs);
    expect(credential?.renewable).toBe(true);
  });
}

for (const expirationMinutes of [129_600, -1]) {
  test.describe(() => {
    test.use({ identityConfig: registeredWith({ expirationMinutes }) });

    test(
      `an organisation’s limit of 60 minutes is respected where ${expirationMinutes} were asked for`,
      { tag: ['@G21'] },
      async ({ app }) => {
        app.portal.control.setMaxTokenExpirationMinutes(60);
        await app.open();
        await app.signIn('ana');
        const [credential] = await app.run(() => window.identity.credentials);
        const leftMs = (credential?.sessionExpires ?? 0) - Date.now();
        expect(leftMs).toBeGreaterThan(50 * 60_000);
        expect(leftMs).toBeLessThanOrEqual(60 * 60_000);
        const [authorization] = app.portal.log.requests({ path: /oauth2\/authorize$/ });
        expect(new URLSearchParams(authorization?.query).get('expiration')).toBe(String(expirationMinutes));
      },
    );
  });
}

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  for (const [name, load, good] of [
    ['data', (app: TestApp, n: number) => app.fetchJson(app.hosted(countQuery(n))), aCount],
    ['a picture', (app: TestApp, n: number) => app.loadImage(app.hosted(tile(n))), 256],
    ['a federated picture', (app: TestApp, n: number) => app.loadImage(app.federated(tile(n))), 256],
  ] as const) {
    test(
      `after two hours of sleep ${name} costs one refresh, before a dead token is tried`,
      { tag: ['@F2', '@G6'] },
      async ({ app }) => {
        expect(await load(app, 1)).toEqual(good);
        await app.advanceWorkerClock(2 * hourMs);
        app.portal.control.setClockOffset(2 * hourMs);
        const dead = new Set(
          app.portal.control
            .tokens()
            .filter(({ state }) => state === 'expired')
            .map(({ label }) => label),
        );
        expect(dead.size).toBeGreaterThan(0);
        app.portal.log.clear();
        expect(await load(app, 2)).toEqual(good);
        expect(app.tokenRequests()).toBe(1);
        const used = app.portal.log.requests({ path: /rest\/services/ }).map(({ tokenId }) => tokenId);
        expect(used.filter((label) => label === undefined || dead.has(label))).toEqual([]);
        expect(await app.isPrompting()).toBe(false);
      },
    );
  }

  test('a clock set back by two hours costs nothing', { tag: ['@F2'] }, async ({ app }) => {
    await app.advanceWorkerClock(-2 * hourMs);
    for (const index of [1, 2]) expect(await app.fetchJson(app.hosted(countQuery(index)))).toEqual(aCount);
    expect(await app.loadImage(app.hosted(tile(1)))).toBe(256);
    expect(app.tokenRequests()).toBe(0);
    expect(app.portal.log.count({ path: /query$/ })).toBe(2);
  });
});

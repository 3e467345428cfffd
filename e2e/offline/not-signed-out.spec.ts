/** Offline is not signed out: whatever the network does, nobody is prompted, and nothing is lost. */
import { expect, openSignedIn, registeredWith, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery, tile } from '../support/services.js';

/** The user is signed in, and nobody was asked. */
async function expectSignedIn(app: TestApp): Promise<void> {
  expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
  expect(await app.isPrompting()).toBe(false);
  expect(app.tokenRequests('authorization_code')).toBe(0);
}

/** Answers that a network gives in place of a server. */
const captive = [
  ['a page with 200', { html: '<h1>Welcome to our WLAN</h1>' }],
  ['511', { status: 511, html: true }],
  ['403 with a page', { status: 403, html: true }],
  ['401 with a page', { status: 401, html: true }],
  ['404 with a page', { status: 404, html: true }],
] as const;

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  for (const [name, fault] of captive)
    test(`a captive portal that answers everything with ${name}`, async ({ app, portal }) => {
      const leave = portal.control.fault(/./, fault);
      portal.control.expireAccessTokens();
      await app.advanceWorkerClock(3600_000);
      await app.shortenWorkerTimeLimits(20);
      for (let index = 0; index < 6; index += 1) await app.fetch(app.hosted(countQuery(index)));
      expect(await app.loadImage(app.hosted(tile(1)))).toBe(0);
      await app.fetch(app.federated(countQuery(1)));
      await expectSignedIn(app);
      await app.stopWorker();
      const last = app.fetch(app.hosted(countQuery(7)));
      await expectSignedIn(app);
      leave();
      await last;
      expect(await app.fetchJson(app.hosted(countQuery(8)))).toEqual(aCount);
      expect(await app.loadImage(app.hosted(tile(2)))).toBe(256);
      await expectSignedIn(app);
    });

  for (const [name, path] of [
    ['the token endpoint', /oauth2\/token/],
    ['the services', /rest\/services/],
    ['everything', /^http:\/\/127/],
  ] as const)
    test(`a captive portal that sends ${name} to another host`, async ({ app, portal }) => {
      const context = app.page.context();
      const url = `${portal.foreign.origin}/data.json`;
      await context.route(path, (route) => route.fulfill({ status: 302, headers: { location: url } }));
      portal.control.expireAccessTokens();
      await app.advanceWorkerClock(3600_000);
      await app.shortenWorkerTimeLimits(20);
      await app.fetch(app.hosted(countQuery(1)));
      await app.fetch(app.federated(countQuery(1)));
      expect(await app.loadImage(app.hosted(tile(1)))).toBe(0);
      await expectSignedIn(app);
      await context.unroute(path);
      // What could not be asked who owns it is left alone for a while.
      await app.advanceWorkerClock(5_001);
      expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
      expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
      await expectSignedIn(app);
    });

  test('a network that drops every second request, in a random order', async ({ app, portal }) => {
    // The same drops in every run (mulberry32).
    let seed = 14;
    const random = (): number => {
      seed = (seed + 0x6d2b79f5) | 0;
      let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const context = app.page.context();
    await context.route(/^http:\/\/127/, (route) =>
      random() < 0.5 ? route.abort('connectionreset') : route.continue(),
    );
    for (let turn = 0; turn < 5; turn += 1) {
      portal.control.expireAccessTokens();
      await Promise.all([
        ...[1, 2, 3].map((index) => app.fetch(app.hosted(countQuery(10 * turn + index)))),
        app.loadImage(app.hosted(tile(turn))),
        app.fetch(app.federated(countQuery(turn))),
      ]);
      await expectSignedIn(app);
    }
    await context.unroute(/^http:\/\/127/);
    await app.advanceWorkerClock(5_001);
    expect(await app.fetchJson(app.hosted(countQuery(99)))).toEqual(aCount);
    expect(await app.fetchJson(app.federated(countQuery(99)))).toEqual(aCount);
    await expectSignedIn(app);
  });

  test('a network that comes back in the middle of a refresh: the refresh token is used again', async ({
    app,
    portal,
  }) => {
    portal.control.expireAccessTokens();
    const hold = portal.control.hold('/oauth2/token');
    const outcome = app.fetch(app.hosted(countQuery(1)));
    await hold.reached(1);
    await app.page.context().setOffline(true);
    hold.release();
    await outcome;
    await app.page.context().setOffline(false);
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    await expectSignedIn(app);
  });

  for (const [name, rotates, fault] of [
    ['does not rotate, and whose answer was lost', false, { drop: 'answer' }],
    ['does not rotate, and whose answer broke off', false, { drop: 'body' }],
    ['rotates, and that was not reached', true, { drop: 'request' }],
    ['rotates, and was behind a captive portal', true, { html: true }],
  ] as const)
    test(`a refresh at a server that ${name}`, async ({ app, portal }) => {
      portal.control.setRotateOnRefresh(rotates);
      portal.control.setRevokeFamilyOnReuse(true);
      portal.control.expireAccessTokens();
      const repair = portal.control.fault('/oauth2/token', fault);
      const answer = app.fetchJson(app.hosted(countQuery(1)));
      await expect.poll(() => app.tokenRequests('refresh_token')).toBeGreaterThan(0);
      await expectSignedIn(app);
      repair();
      expect(await answer).toEqual(aCount);
      await expectSignedIn(app);
    });

  test('back online, all requests that wait share one renewal', async ({ app, portal }) => {
    await app.page.context().setOffline(true);
    portal.control.expireAccessTokens();
    await app.advanceWorkerClock(3600_000);
    await Promise.all([1, 2, 3].map((index) => app.fetch(app.hosted(countQuery(index)))));
    await app.page.context().setOffline(false);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => app.fetchJson(app.hosted(countQuery(10 + index)))),
    );
    expect(answers).toEqual(Array.from({ length: 8 }, () => aCount));
    expect(app.tokenRequests()).toBe(1);
    // Renewed first: no request was sent with the old token.
    expect(portal.log.count({ path: /query$/ })).toBe(8);
    await expectSignedIn(app);
  });
});

test('a session that cannot be renewed does not end by this machine’s clock', async ({ app, portal }) => {
  await app.open();
  const keep = app.page.context().route(/oauth2\/token/, async (route) => {
    const response = await route.fetch();
    const { refresh_token: _, ...tokens } = (await response.json()) as Record<string, unknown>;
    await route.fulfill({ response, json: tokens });
  });
  await keep;
  await app.signIn('ana');
  portal.log.clear();
  await app.advanceWorkerClock(3600_000);
  await app.page.context().setOffline(true);
  expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
  await expectSignedIn(app);
  await app.page.context().setOffline(false);
  expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
  await expectSignedIn(app);
});

test.describe('nobody signed in', () => {
  for (const [name, fault] of [...captive, ['no network', { drop: true }]] as const)
    test(
      `pictures that meet ${name} are asked for again later: the service is not public for that`,
      { tag: ['@user-interface'] },
      async ({ app, portal }) => {
        await app.open();
        const leave = portal.control.fault(/tile/, fault);
        const image = app.loadImage(app.hosted(tile(1)));
        image.catch(() => undefined);
        if ('status' in fault && fault.status === 401) {
          // The one that looks like a service's own answer.
          await app.waitForDialog();
        } else expect(await image).toBe(0);
        leave();
        await app.advanceWorkerClock(31_000);
        app.loadImage(app.hosted(tile(2))).catch(() => undefined);
        await app.waitForDialog();
        expect(await app.fetchJson(app.hosted(publicCountQuery()))).toEqual(aCount);
      },
    );
});

test.describe('a portal with no name in the DNS', () => {
  test.use({ identityConfig: registeredWith({ resources: ['https://services.invalid'] }) });

  test('is a network error, without a prompt', async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
    const url = 'https://services.invalid/rest/services/A/FeatureServer/0/query?f=json';
    expect(await app.fetch(url)).toEqual({ error: 'TypeError' });
    await expectSignedIn(app);
  });
});

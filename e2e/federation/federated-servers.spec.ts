/** Federated servers, rows 29 to 32 of the conformance list: found by themselves, with tokens of their own; impostors get nothing. */
import { expect, registration, test, type IdentityConfig, type Portal, type TestApp } from '../support/fixtures.js';

const count = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;
const aCount = { count: expect.any(Number) as unknown };

const exchanges = ({ portal }: TestApp) => portal.log.requests({ path: /generateToken$/ });
const atServer = ({ portal }: TestApp) => portal.log.requests({ server: 'server', path: /rest\/services/ });

/** Nothing secret ever reached somebody else's server. */
function expectForeignKnowsNothing({ log }: Portal): void {
  const entries = log.requests({ server: 'foreign' });
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.flatMap(({ secrets, tokenId }) => [...secrets, ...(tokenId ? [tokenId] : [])])).toEqual([]);
}

test.describe('a server that no registration names', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
  });

  test('29: is asked who owns it, and gets a token of its own, once', async ({ app }) => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => app.fetchJson(app.federated(count(index)))),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, () => aCount));
    expect(exchanges(app)).toHaveLength(1);
    expect(app.portal.log.count({ server: 'server', path: /rest\/info$/ })).toBe(1);
    expect(await app.fetchJson(app.federated(count(10)))).toEqual(aCount);
    const last = atServer(app).at(-1);
    expect(last).toMatchObject({ tokenId: expect.stringMatching(/^server-/), user: 'ana' });
    // The portal's own token never goes there.
    expect(
      atServer(app).flatMap(({ secrets }) => secrets.filter((label) => !label.startsWith('server-'))),
    ).toEqual([]);
    expect(exchanges(app)).toHaveLength(1);
  });

  test('29: keeps its token when the worker was stopped', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    await app.stopWorker();
    app.portal.log.clear();
    expect(await app.fetchJson(app.federated(count(2)))).toEqual(aCount);
    expect(exchanges(app)).toEqual([]);
    expect(app.portal.log.count({ path: /rest\/info$/ })).toBe(0);
    expect(atServer(app)).toMatchObject([{ tokenId: expect.stringMatching(/^server-/), user: 'ana' }]);
  });

  test('29: does not share its token with the portal or its hosted services', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    await app.fetchJson(app.hosted(count(2)));
    await app.fetchJson(`${app.portal.url}/sharing/rest/portals/self?f=json`);
    const placed = app.portal.log.requests({
      where: ({ server, path }) => server !== 'server' && !path.endsWith('/generateToken'),
    });
    expect(placed.flatMap(({ secrets }) => secrets.filter((label) => label.startsWith('server-')))).toEqual(
      [],
    );
    expect(placed.map(({ user }) => user)).toEqual(['ana', 'ana']);
  });

  test('29: gets pictures shown, tiles and exported ones, without CORS', async ({ app }) => {
    for (const operation of [
      'Terrain/MapServer/tile/1/0/1',
      'Terrain/MapServer/export?bbox=-180,-90,180,90&bboxSR=4326&size=256,256&f=image',
    ]) {
      expect(await app.loadImage(app.federated(operation))).toBe(256);
    }
    expect(exchanges(app)).toHaveLength(1);
    expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  });

  test('29: shows what is public to everybody', async ({ app }) => {
    expect(await app.loadImage(app.federated('Basemap/MapServer/tile/0/0/0'))).toBe(256);
    const places = await app.fetchJson(
      app.federated('Places/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json'),
    );
    expect(places).toEqual(aCount);
  });

  test('G11: its token lives its own life: the portal’s may expire meanwhile', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    app.portal.control.expireAccessTokens({ kind: 'access' });
    expect(await app.fetchJson(app.federated(count(2)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(0);
    app.portal.control.expireAccessTokens({ kind: 'server' });
    app.portal.log.clear();
    const answers = await Promise.all([3, 4, 5].map((index) => app.fetchJson(app.federated(count(index)))));
    expect(answers).toEqual([aCount, aCount, aCount]);
    expect(app.tokenRequests()).toBe(1);
  });

  test('G11: a server token that is refused alone costs one exchange and no refresh', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    app.portal.control.expireAccessTokens({ kind: 'server' });
    app.portal.log.clear();
    expect(await app.fetchJson(app.federated(count(2)))).toEqual(aCount);
    expect(exchanges(app)).toHaveLength(1);
    expect(app.tokenRequests()).toBe(0);
    expect(atServer(app)).toHaveLength(2);
  });

  test('G11: its token is renewed by its own clock, before it is used', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    app.portal.log.clear();
    // The server's token lives an hour, the portal's half of it.
    await app.advanceWorkerClock(59.5 * 60_000);
    expect(await app.fetchJson(app.federated(count(2)))).toEqual(aCount);
    expect(exchanges(app)).toHaveLength(1);
    expect(atServer(app)).toHaveLength(1);
    expect(app.tokenRequests()).toBe(1);
  });

  test('G12: both tokens expired cost one refresh and then one exchange', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    app.portal.control.expireAccessTokens();
    app.portal.log.clear();
    const answers = await Promise.all([2, 3, 4].map((index) => app.fetchJson(app.federated(count(index)))));
    expect(answers).toEqual([aCount, aCount, aCount]);
    expect(app.tokenRequests()).toBe(1);
    expect(exchanges(app).filter(({ secrets }) => secrets.length > 0).length).toBeLessThanOrEqual(2);
    expect(app.portal.control.tokens().filter(({ kind }) => kind === 'server')).toHaveLength(2);
    expect(await app.isAsking()).toBe(false);
  });

  test('G12: everything dead costs one sign-in', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    app.portal.control.expireAccessTokens();
    app.portal.control.revokeRefreshTokens();
    app.portal.control.endSessions();
    await app.clickForgotten();
    const answer = app.fetchJson(app.federated(count(2)));
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests('authorization_code')).toBe(1);
  });

  test('29: a portal that cannot be reached for the exchange is a network error, and loses nothing', async ({
    app,
  }) => {
    const repair = app.portal.control.fault(/generateToken$/, { status: 503 });
    expect(await app.fetch(app.federated(count(1)))).toEqual({ error: 'TypeError' });
    repair();
    expect(await app.fetchJson(app.federated(count(2)))).toEqual(aCount);
    expect(await app.isAsking()).toBe(false);
  });

  test('29: signing out ends its token too', async ({ app }) => {
    await app.fetchJson(app.federated(count(1)));
    await app.run(() => window.identity.signOut());
    await app.clickForgotten();
    app.portal.log.clear();
    void app.fetch(app.federated(count(2))).catch(() => undefined);
    await app.dialogShown();
    expect(atServer(app).map(({ tokenPlacement }) => tokenPlacement)).toEqual(['none']);
  });

  test('30: one that is not federated at all is left alone', async ({ app }) => {
    const url = `${app.portal.aloneUrl}/rest/services/${count()}`;
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    const sent = app.portal.log.requests({ server: 'alone', path: /query$/ });
    expect(sent.map(({ tokenPlacement, secrets }) => [tokenPlacement, secrets])).toEqual([
      ['none', []],
      ['none', []],
    ]);
    expect(exchanges(app)).toEqual([]);
    expect(await app.isAsking()).toBe(false);
  });

  test('30, 31: a foreign one that claims our portal gets no token, and its refusal reaches the page', async ({
    app,
  }) => {
    const { portal } = app;
    const url = `${portal.foreign.origin}/server/rest/services/Countries/FeatureServer/0/query?f=json`;
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await app.fetchJson(`${url}&turn=${turn}`)).toMatchObject({ error: { code: 499 } });
    }
    await app.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'f=json',
    });
    await app.loadImage(`${portal.foreign.origin}/server/rest/services/Terrain/MapServer/tile/1/0/1`);
    // It was asked who owns it, and lied; the portal was asked once, and refused.
    expect(portal.log.count({ server: 'foreign', path: /rest\/info$/ })).toBe(1);
    expect(exchanges(app)).toHaveLength(1);
    expectForeignKnowsNothing(portal);
    await app.stopWorker();
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    expectForeignKnowsNothing(portal);
    expect(await app.isAsking()).toBe(false);
    // The real server works beside it.
    expect(await app.fetchJson(app.federated(count()))).toEqual(aCount);
  });
});

test('29: a stranger’s first request to a federated server asks for a sign-in and then succeeds', async ({
  app,
}) => {
  await app.open();
  const answers = Promise.all([
    app.fetchJson(app.federated(count(1))),
    app.fetchJson(app.federated(count(2))),
    app.loadImage(app.federated('Terrain/MapServer/tile/1/0/1')),
  ]);
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answers).toEqual([aCount, aCount, 256]);
  expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
  expect(exchanges(app)).toHaveLength(1);
});

for (const [name, urlOf] of [
  [
    'another port, same path',
    (portal: Portal) => `${portal.foreign.origin}/portal/sharing/rest/portals/self?f=json`,
  ],
  [
    'the portal’s address in the path',
    (portal: Portal) => `${portal.foreign.origin}/${portal.url}/sharing/rest/x?f=json`,
  ],
  [
    'the portal’s address in the query',
    (portal: Portal) => `${portal.foreign.origin}/x?u=${encodeURIComponent(portal.url)}/sharing/rest`,
  ],
  [
    'the portal’s host as a part of another',
    (portal: Portal) =>
      `${portal.foreign.origin.replace('127.0.0.1', '127.0.0.1.localhost')}/portal/sharing/rest/portals/self?f=json`,
  ],
] as const) {
  test(`32: ${name} is somebody else’s`, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const url = urlOf(app.portal);
    await app.fetch(url);
    await app.loadImage(url);
    expectForeignKnowsNothing(app.portal);
    expect(await app.isAsking()).toBe(false);
  });
}

test('32: the portal’s host as user info is somebody else’s', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  const { host } = new URL(app.portal.url);
  const url = `http://${host.replace(':', '%3A')}@${new URL(app.portal.foreign.origin).host}/portal/sharing/rest/x`;
  // The browser refuses such addresses to scripts and pictures; what it would let through must carry nothing.
  expect(await app.fetch(url)).toEqual({ error: 'TypeError' });
  expect(await app.loadImage(url)).toBe(0);
  const entries = app.portal.log.requests({ server: 'foreign' });
  expect(entries.flatMap(({ secrets }) => secrets)).toEqual([]);
});

for (const [name, pathOf] of [
  ['a longer name', (path: string) => path.replace('/portal/', '/portal2/')],
  ['an encoded slash', (path: string) => path.replace('/portal/', '/portal%2Fx/')],
  ['a path beside sharing', (path: string) => path.replace('/sharing/', '/sharing2/')],
] as const) {
  test(`32: ${name} at the portal’s own origin is not signed`, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
    await app.fetch(app.portal.origin + pathOf('/portal/sharing/rest/portals/self?f=json'));
    expect(app.portal.log.entries).toMatchObject([{ tokenPlacement: 'none', secrets: [] }]);
    // Control: the real one is.
    await app.fetch(`${app.portal.url}/sharing/rest/portals/self?f=json`);
    expect(app.portal.log.entries).toMatchObject([{}, { tokenPlacement: 'query', user: 'ana' }]);
  });
}

test.describe('registered servers', () => {
  const servers: IdentityConfig = {
    make: (portal) => ({
      arcgis: [{ ...registration(portal), servers: [portal.serverUrl, `${portal.foreign.origin}/server`] }],
    }),
  };
  test.use({ identityConfig: servers });

  test('29: are not asked who owns them, and get a token on the first try', async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
    expect(await app.fetchJson(app.federated(count(1)))).toEqual(aCount);
    expect(await app.loadImage(app.federated('Terrain/MapServer/tile/1/0/1'))).toBe(256);
    expect(atServer(app).map(({ user }) => user)).toEqual(['ana', 'ana']);
    expect(app.portal.log.count({ path: /rest\/info$/ })).toBe(0);
    expect(exchanges(app)).toHaveLength(1);
  });

  test('29: a request before the sign-in waits for it', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.federated(count()));
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await answer).toEqual(aCount);
  });

  test('30: one that the portal does not know gets nothing, registered or not', async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    const url = `${app.portal.foreign.origin}/server/rest/services/Countries/FeatureServer/0/query?f=json`;
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 499 } });
    expect(await app.fetchJson(`${url}&again=1`)).toMatchObject({ error: { code: 499 } });
    expect(exchanges(app)).toHaveLength(1);
    expectForeignKnowsNothing(app.portal);
    expect(await app.isAsking()).toBe(false);
  });
});

/** Field cases F and G (docs/field-cases.md): tokens through lost networks, sleeping machines, other users, and the ways of ArcGIS. */
import { expect, registration, test, type IdentityConfig, type Portal, type TestApp } from '../support/fixtures.js';
import { startRawServer, type RawServer } from '../support/raw-server.js';

const count = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;
const aCount = { count: expect.any(Number) as unknown };
const tile = (index: number): string => `Terrain/MapServer/tile/1/0/1?n=${index}`;
const hourMs = 3600 * 1000;

const withOptions = (options: (portal: Portal) => Record<string, unknown>): IdentityConfig => ({
  make: (portal) => ({ arcgis: [{ ...registration(portal), ...options(portal) }] }),
});

test.describe('signed in', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
  });

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
      ({ portal }: TestApp) =>
        portal.control.fault('/oauth2/token', { html: '<h1>Welcome to our WLAN</h1>' }),
    ],
  ] as const) {
    test(`F1: a refresh that meets ${name} is a network error to data and pictures, and nothing is lost`, async ({
      app,
    }) => {
      app.portal.control.expireAccessTokens();
      const repair = await fail(app);
      expect(await app.fetch(app.hosted(count(1)))).toEqual({ error: 'TypeError' });
      expect(await app.loadImage(app.hosted(tile(1)))).toBe(0);
      expect(await app.fetch(app.federated(count(1)))).toEqual({ error: 'TypeError' });
      expect(await app.isAsking()).toBe(false);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
      await repair();
      expect(await app.fetchJson(app.hosted(count(2)))).toEqual(aCount);
      expect(await app.loadImage(app.hosted(tile(2)))).toBe(256);
      expect(app.tokenRequests('authorization_code')).toBe(0);
      expect(await app.isAsking()).toBe(false);
    });
  }

  test('F1: offline for two hours, a page is signed in when it is back', async ({ app }) => {
    await app.page.context().setOffline(true);
    await app.advanceWorkerClock(2 * hourMs);
    expect(await app.fetch(app.hosted(count(1)))).toEqual({ error: 'TypeError' });
    expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
    await app.page.context().setOffline(false);
    expect(await app.fetchJson(app.hosted(count(2)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    expect(await app.isAsking()).toBe(false);
  });

  for (const [name, load, good] of [
    ['data', (app: TestApp, n: number) => app.fetchJson(app.hosted(count(n))), aCount],
    ['a picture', (app: TestApp, n: number) => app.loadImage(app.hosted(tile(n))), 256],
    ['a federated picture', (app: TestApp, n: number) => app.loadImage(app.federated(tile(n))), 256],
  ] as const) {
    test(`F2, G6: after two hours of sleep ${name} costs one refresh, before a dead token is tried`, async ({
      app,
    }) => {
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
      expect(await app.isAsking()).toBe(false);
    });
  }

  test('F2: a clock set back by two hours costs nothing', async ({ app }) => {
    await app.advanceWorkerClock(-2 * hourMs);
    for (const index of [1, 2]) expect(await app.fetchJson(app.hosted(count(index)))).toEqual(aCount);
    expect(await app.loadImage(app.hosted(tile(1)))).toBe(256);
    expect(app.tokenRequests()).toBe(0);
    expect(app.portal.log.count({ path: /query$/ })).toBe(2);
  });

  test('F6: what one user’s browser may keep is not shown to the next, or after signing out', async ({
    app,
  }) => {
    // Kept for an hour, by its server’s own word.
    const url = app.hosted('Basemap/MapServer/tile/0/0/0');
    const users = () => app.portal.log.requests({ path: /tile\/0\/0\/0$/ }).map(({ user }) => user);
    for (let turn = 0; turn < 2; turn += 1) expect(await app.fetch(url)).toMatchObject({ status: 200 });
    // Control: it is kept.
    expect(users()).toEqual(['ana']);
    await app.run(() => window.identity.signOut());
    expect(await app.fetch(url)).toMatchObject({ status: 200 });
    expect(users()).toEqual(['ana', undefined]);
    app.portal.control.endSessions();
    await app.signIn('ben');
    expect(await app.fetch(url)).toMatchObject({ status: 200 });
    expect(users()).toEqual(['ana', undefined, 'ben']);
    // Nothing of ours lies in the caches that scripts can read.
    expect(await app.run(() => caches.keys())).toEqual([]);
  });

  test('F6: an app’s own cache keeps what it was given, with no token in its keys or values', async ({
    app,
  }) => {
    const url = app.hosted(count());
    const kept = await app.run(async (address) => {
      const cache = await caches.open('tiles');
      await cache.add(address);
      await cache.put(`${address}&second`, await fetch(address));
      const texts = [];
      for (const request of await cache.keys()) {
        const response = await cache.match(request);
        texts.push(
          request.url,
          ...request.headers,
          response?.url,
          ...(response?.headers ?? []),
          await response?.text(),
        );
      }
      return JSON.stringify(texts);
    }, url);
    expect(kept).toContain('count');
    expect(app.portal.log.leaks(kept)).toEqual([]);
    expect(app.portal.log.count({ path: /query$/, where: ({ user }) => user === 'ana' })).toBe(2);
  });
});

/** Fails every request to the token endpoint as a browser does. */
async function cut(app: TestApp, errorCode: string): Promise<() => Promise<void>> {
  const context = app.page.context();
  await context.route(/oauth2\/token/, (route) => route.abort(errorCode));
  return () => context.unroute(/oauth2\/token/);
}

/** A private vector style and everything it names, as a map library asks for it: by whole URLs, without a token. */
const vectorStyle: [name: string, path: string, type: string][] = [
  ['source', '?f=json', 'application/json'],
  ['style', '/resources/styles/root.json', 'application/json'],
  ['sprite index', '/resources/sprites/sprite@2x.json', 'application/json'],
  ['sprite', '/resources/sprites/sprite@2x.png', 'image/png'],
  ['glyphs', '/resources/fonts/Arial/0-255.pbf', 'application/x-protobuf'],
  ['tile', '/tile/0/0/0.pbf', 'application/x-protobuf'],
];

const vectorTileServers: [name: string, rootOf: (portal: Portal) => string][] = [
  ['hosted', ({ hostedUrl }) => `${hostedUrl}/Countries/VectorTileServer`],
  ['federated', ({ serverUrl }) => `${serverUrl}/rest/services/Countries/VectorTileServer`],
];

for (const [server, rootOf] of vectorTileServers) {
  const typesOf = (app: TestApp, turn: string): Promise<string[]> =>
    app.run(
      (urls) =>
        Promise.all(
          urls.map(async (url) => {
            const response = await fetch(url);
            const { size, type } = await response.blob();
            return `${size > 10 ? type : 'nothing'} ${String(response.url === url)}`;
          }),
        ),
      vectorStyle.map(
        ([, path]) => `${rootOf(app.portal)}${path}${path.includes('?') ? '&' : '?'}turn=${turn}`,
      ),
    );
  const expected = vectorStyle.map(([, , type]) => expect.stringMatching(`^${type}.* true$`) as unknown);

  test(`G1, G2, G3: every part of a private ${server} style waits for the sign-in, is signed, and outlives its token`, async ({
    app,
  }) => {
    await app.open();
    const first = typesOf(app, 'first');
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await first).toEqual(expected);
    app.portal.log.clear();
    expect(await typesOf(app, 'second')).toEqual(expected);
    const parts = app.portal.log.requests({ path: /VectorTileServer/ });
    expect(parts.map(({ user }) => user)).toEqual(vectorStyle.map(() => 'ana'));
    // Mid-session, and nobody has touched the map.
    app.portal.control.expireAccessTokens();
    app.portal.log.clear();
    expect(await typesOf(app, 'third')).toEqual(expected);
    expect(app.tokenRequests()).toBe(1);
    expect(await app.isAsking()).toBe(false);
  });
}

for (const [name, path, type] of vectorStyle) {
  test(`G1, G4: the ${name} of a private style alone starts the sign-in, and a refresh when its token is refused`, async ({
    app,
  }) => {
    await app.open();
    const url = `${app.portal.hostedUrl}/Countries/VectorTileServer${path}`;
    const load = (): Promise<string> =>
      app.run(async (address) => (await (await fetch(address)).blob()).type, url);
    const first = load();
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await first).toContain(type);
    app.portal.control.expireAccessTokens();
    expect(await load()).toContain(type);
    expect(app.tokenRequests('refresh_token')).toBe(1);
  });
}

test.describe('G9: spellings of the portal', () => {
  for (const [name, spelled] of [
    ['with a slash at the end', (url: string) => `${url}/`],
    ['with its sharing API', (url: string) => `${url}/sharing/rest`],
    ['with its home page', (url: string) => `${url}/home/index.html`],
    ['with a path that goes back', (url: string) => `${url}/x/../`],
    ['with its scheme in capitals', (url: string) => url.replace('http:', 'HTTP:')],
    ['with another spelling of its address', (url: string) => url.replace('127.0.0.1', '127.1')],
  ] as const) {
    test.describe(() => {
      test.use({ identityConfig: withOptions(({ url }) => ({ url: spelled(url) })) });

      test(`G9: a portal registered ${name} is the owner that its servers name`, async ({ app }) => {
        await app.open();
        await app.signIn('ana');
        expect(await app.fetchJson(app.federated(count()))).toEqual(aCount);
        expect(await app.fetchJson(app.hosted(count()))).toEqual(aCount);
        expect(await app.fetchJson(`${app.portal.url}/sharing/rest/portals/self?f=json`)).toMatchObject({
          user: { username: 'ana' },
        });
        expect(app.portal.log.count({ path: /generateToken$/ })).toBe(1);
        // Calls of the page know it by every spelling, too.
        for (const call of [app.portal.url, spelled(app.portal.url)])
          await app.run((portal) => window.identity.signOut(portal), call);
        expect(await app.run(() => window.identity.credentials)).toEqual([]);
      });
    });
  }
});

test.describe('G11: two servers of one portal', () => {
  test.use({ identityConfig: withOptions(() => ({ resources: [] })) });

  test('G11: each has one exchange, one token and one life of its own', async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
    const both = (index: number) =>
      Promise.all(
        [0, 1, 2].flatMap((n) => {
          const operation = count(10 * index + n);
          return [app.fetchJson(app.hosted(operation)), app.fetchJson(app.federated(operation))];
        }),
      );
    const exchanges = () => app.portal.log.count({ path: /generateToken$/ });
    expect(await both(1)).toEqual(Array.from({ length: 6 }, () => aCount));
    expect(exchanges()).toBe(2);
    app.portal.log.clear();
    expect(await both(2)).toEqual(Array.from({ length: 6 }, () => aCount));
    const tokensAt = (server: 'hosted' | 'server') => [
      ...new Set(app.portal.log.requests({ server, path: /query$/ }).map(({ tokenId }) => tokenId)),
    ];
    const [hosted, ...moreHosted] = tokensAt('hosted');
    const [federated, ...moreFederated] = tokensAt('server');
    expect([...moreHosted, ...moreFederated]).toEqual([]);
    expect(hosted).toMatch(/^hosted-/);
    expect(federated).toMatch(/^server-/);
    // One of them dies: the other, and the portal's, are left alone.
    app.portal.control.expireAccessTokens({ kind: 'server' });
    app.portal.log.clear();
    expect(await both(3)).toEqual(Array.from({ length: 6 }, () => aCount));
    expect(exchanges()).toBe(1);
    expect(tokensAt('hosted')).toEqual([hosted]);
    expect(app.tokenRequests()).toBe(0);
  });
});

test('G18: a token that the page brings is its own to renew: its refusal is passed on, and nobody is asked', async ({
  app,
}) => {
  await app.open();
  const response = await fetch(`${app.portal.url}/sharing/rest/generateToken`, {
    method: 'POST',
    body: new URLSearchParams({
      username: 'ana',
      password: 'ana-demo-1',
      client: 'referer',
      referer: app.url,
      f: 'json',
    }),
  });
  const { token } = (await response.json()) as { token: string };
  const url = app.hosted(`${count()}&token=${token}`);
  expect(await app.fetchJson(url)).toEqual(aCount);
  app.portal.control.expireAccessTokens();
  app.portal.log.clear();
  expect(await app.fetchJson(url)).toMatchObject({ error: { code: 498 } });
  expect(app.portal.log.entries).toHaveLength(1);
  expect(await app.isAsking()).toBe(false);
});

test.describe('F6: an API that takes its token in a header', () => {
  const tokens = new Set<string>();
  let api: RawServer;
  test.beforeAll(async () => {
    // It lets every browser keep its answers, and forgets to say whose they are.
    api = await startRawServer(({ request, response }) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'max-age=3600' });
      const { authorization } = request.headers;
      if (authorization !== undefined) tokens.add(authorization);
      response.end(
        authorization === undefined ? 'nobody' : `token ${[...tokens].indexOf(authorization) + 1}`,
      );
    });
  });
  test.afterAll(() => api.close());
  test.use({
    identityConfig: {
      make: ({ oauth }) => ({
        oauth: [
          {
            issuer: oauth.issuer,
            resources: [api.origin],
            clientId: oauth.clientId,
            redirectUri: '/signed-in.html',
            scope: 'tiles',
          },
        ],
      }),
    },
  });

  test('F6: what an API let the browser keep is not shown after signing out, or to the next user', async ({
    app,
  }) => {
    const signIn = async (user: 'ana' | 'ben'): Promise<void> => {
      const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
      await app.fillIn(popup, user);
      await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(1);
    };
    const seen = async (): Promise<string> => {
      const outcome = await app.fetch(`${api.origin}/mine`);
      return 'text' in outcome ? outcome.text : outcome.error;
    };
    await app.open();
    await signIn('ana');
    expect(await seen()).toBe('token 1');
    await app.run(() => window.identity.signOut());
    expect(await seen()).toBe('nobody');
    app.portal.control.endSessions();
    await signIn('ben');
    expect(await seen()).toBe('token 2');
  });
});

/** Federated servers: found by the worker, or registered, each with a token of its own. */
import {
  expect,
  openSignedIn,
  registeredWith,
  registration,
  test,
  type IdentityConfig,
  type TestApp,
} from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';

const exchanges = ({ portal }: TestApp) => portal.log.requests({ path: /generateToken$/ });
const atServer = ({ portal }: TestApp) => portal.log.requests({ server: 'server', path: /rest\/services/ });

test.describe('without a registration', () => {
  test.beforeEach(openSignedIn);

  test(
    'a federated server is asked who owns it, and gets a token of its own, once',
    { tag: ['@G11'] },
    async ({ app }) => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => app.fetchJson(app.federated(countQuery(index)))),
      );
      expect(answers).toEqual(Array.from({ length: 10 }, () => aCount));
      expect(exchanges(app)).toHaveLength(1);
      expect(app.portal.log.count({ server: 'server', path: /rest\/info$/ })).toBe(1);
      expect(await app.fetchJson(app.federated(countQuery(10)))).toEqual(aCount);
      const last = atServer(app).at(-1);
      expect(last).toMatchObject({ tokenId: expect.stringMatching(/^server-/), user: 'ana' });
      // The portal's own token never goes there.
      expect(
        atServer(app).flatMap(({ secrets }) => secrets.filter((label) => !label.startsWith('server-'))),
      ).toEqual([]);
      expect(exchanges(app)).toHaveLength(1);
    },
  );

  test('a federated server that is known gets a new token when the worker was stopped', async ({ app }) => {
    await app.fetchJson(app.federated(countQuery(1)));
    await app.stopWorker();
    app.portal.log.clear();
    expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
    // It is not stored: put back by page script, it would outlive a sign-out.
    expect(exchanges(app)).toHaveLength(1);
    expect(app.portal.log.count({ path: /rest\/info$/ })).toBe(0);
    expect(atServer(app)).toMatchObject([{ tokenId: expect.stringMatching(/^server-/), user: 'ana' }]);
  });

  test(
    'a federated server does not share its token with the portal or its hosted services',
    { tag: ['@G11'] },
    async ({ app }) => {
      await app.fetchJson(app.federated(countQuery(1)));
      await app.fetchJson(app.hosted(countQuery(2)));
      await app.fetchJson(`${app.portal.url}/sharing/rest/portals/self?f=json`);
      const placed = app.portal.log.requests({
        where: ({ server, path }) => server !== 'server' && !path.endsWith('/generateToken'),
      });
      expect(placed.flatMap(({ secrets }) => secrets.filter((label) => label.startsWith('server-')))).toEqual(
        [],
      );
      expect(placed.map(({ user }) => user)).toEqual(['ana', 'ana']);
    },
  );

  test('pictures of a federated server are shown, tiles and exported ones, without CORS', async ({ app }) => {
    for (const operation of [
      'Terrain/MapServer/tile/1/0/1',
      'Terrain/MapServer/export?bbox=-180,-90,180,90&bboxSR=4326&size=256,256&f=image',
    ]) {
      expect(await app.loadImage(app.federated(operation))).toBe(256);
    }
    expect(exchanges(app)).toHaveLength(1);
    expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  });

  test('public layers of a federated server are shown', async ({ app }) => {
    expect(await app.loadImage(app.federated('Basemap/MapServer/tile/0/0/0'))).toBe(256);
    const places = await app.fetchJson(app.federated(publicCountQuery()));
    expect(places).toEqual(aCount);
  });

  test('a federated server’s token outlives the portal’s', { tag: ['@G11'] }, async ({ app }) => {
    await app.fetchJson(app.federated(countQuery(1)));
    app.portal.control.expireAccessTokens({ kind: 'access' });
    expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(0);
    app.portal.control.expireAccessTokens({ kind: 'server' });
    app.portal.log.clear();
    const answers = await Promise.all(
      [3, 4, 5].map((index) => app.fetchJson(app.federated(countQuery(index)))),
    );
    expect(answers).toEqual([aCount, aCount, aCount]);
    expect(app.tokenRequests()).toBe(1);
  });

  test(
    'a server token that is refused alone costs one exchange and no refresh',
    { tag: ['@F5', '@G11'] },
    async ({ app }) => {
      await app.fetchJson(app.federated(countQuery(1)));
      app.portal.control.expireAccessTokens({ kind: 'server' });
      app.portal.log.clear();
      expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
      expect(exchanges(app)).toHaveLength(1);
      expect(app.tokenRequests()).toBe(0);
      expect(atServer(app)).toHaveLength(2);
    },
  );

  test(
    'a federated server’s token is renewed by its own clock, before it is used',
    { tag: ['@G11'] },
    async ({ app }) => {
      await app.fetchJson(app.federated(countQuery(1)));
      app.portal.log.clear();
      // The server's token lives an hour, the portal's half of it.
      await app.advanceWorkerClock(59.5 * 60_000);
      expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
      expect(exchanges(app)).toHaveLength(1);
      expect(atServer(app)).toHaveLength(1);
      expect(app.tokenRequests()).toBe(1);
    },
  );

  test(
    'an expired portal token and server token cost one refresh and then one exchange',
    { tag: ['@G12'] },
    async ({ app }) => {
      await app.fetchJson(app.federated(countQuery(1)));
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      const answers = await Promise.all(
        [2, 3, 4].map((index) => app.fetchJson(app.federated(countQuery(index)))),
      );
      expect(answers).toEqual([aCount, aCount, aCount]);
      expect(app.tokenRequests()).toBe(1);
      expect(exchanges(app).filter(({ secrets }) => secrets.length > 0).length).toBeLessThanOrEqual(2);
      expect(app.portal.control.tokens().filter(({ kind }) => kind === 'server')).toHaveLength(2);
      expect(await app.isPrompting()).toBe(false);
    },
  );

  test(
    'a dead refresh token and an expired server token cost one sign-in',
    { tag: ['@G12', '@user-interface'] },
    async ({ app }) => {
      await app.fetchJson(app.federated(countQuery(1)));
      app.portal.control.expireAccessTokens();
      app.portal.control.revokeRefreshTokens();
      app.portal.control.endSessions();
      await app.consumeUserActivation();
      const answer = app.fetchJson(app.federated(countQuery(2)));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await answer).toEqual(aCount);
      expect(app.tokenRequests('authorization_code')).toBe(1);
    },
  );

  test('a portal that cannot be reached for the exchange costs a wait, and nothing is lost', async ({
    app,
  }) => {
    const repair = app.portal.control.fault(/generateToken$/, { status: 503 });
    const answer = app.fetchJson(app.federated(countQuery(1)));
    await expect.poll(() => app.portal.log.count({ path: /generateToken$/ })).toBeGreaterThan(0);
    repair();
    expect(await answer).toEqual(aCount);
    expect(await app.isPrompting()).toBe(false);
  });

  test('signing out ends a federated server’s token', { tag: ['@user-interface'] }, async ({ app }) => {
    await app.fetchJson(app.federated(countQuery(1)));
    await app.run(() => window.identity.signOut());
    await app.consumeUserActivation();
    app.portal.log.clear();
    void app.fetch(app.federated(countQuery(2))).catch(() => undefined);
    await app.waitForDialog();
    expect(atServer(app).map(({ tokenPlacement }) => tokenPlacement)).toEqual(['none']);
  });
});

test(
  'an anonymous request to a federated server prompts for a sign-in and then succeeds',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answers = Promise.all([
      app.fetchJson(app.federated(countQuery(1))),
      app.fetchJson(app.federated(countQuery(2))),
      app.loadImage(app.federated('Terrain/MapServer/tile/1/0/1')),
    ]);
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answers).toEqual([aCount, aCount, 256]);
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
    expect(exchanges(app)).toHaveLength(1);
  },
);

test.describe('registered servers', () => {
  const servers: IdentityConfig = {
    make: (portal) => ({
      arcgis: [{ ...registration(portal), servers: [portal.serverUrl, `${portal.foreign.origin}/server`] }],
    }),
  };
  test.use({ identityConfig: servers });

  test('registered servers are not asked who owns them, and get a token on the first try', async ({
    app,
  }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
    expect(await app.fetchJson(app.federated(countQuery(1)))).toEqual(aCount);
    expect(await app.loadImage(app.federated('Terrain/MapServer/tile/1/0/1'))).toBe(256);
    expect(atServer(app).map(({ user }) => user)).toEqual(['ana', 'ana']);
    expect(app.portal.log.count({ path: /rest\/info$/ })).toBe(0);
    expect(exchanges(app)).toHaveLength(1);
  });

  test(
    'a request to a registered server before the sign-in waits for it',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      const answer = app.fetchJson(app.federated(countQuery()));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await answer).toEqual(aCount);
    },
  );
});

test.describe('two servers of one portal', () => {
  test.use({ identityConfig: registeredWith(() => ({ resources: [] })) });

  test(
    'two servers of one portal have an exchange, a token and a lifetime each',
    { tag: ['@G11'] },
    async ({ app }) => {
      await app.open();
      await app.signIn('ana');
      app.portal.log.clear();
      const both = (index: number) =>
        Promise.all(
          [0, 1, 2].flatMap((n) => {
            const operation = countQuery(10 * index + n);
            return [app.fetchJson(app.hosted(operation)), app.fetchJson(app.federated(operation))];
          }),
        );
      const exchangeCount = () => app.portal.log.count({ path: /generateToken$/ });
      expect(await both(1)).toEqual(Array.from({ length: 6 }, () => aCount));
      expect(exchangeCount()).toBe(2);
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
      expect(exchangeCount()).toBe(1);
      expect(tokensAt('hosted')).toEqual([hosted]);
      expect(app.tokenRequests()).toBe(0);
    },
  );
});

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  for (const [name, fault] of [
    ['503', { status: 503, times: 1 }],
    ['a page', { html: true, times: 1 }],
  ] as const) {
    test(`a federated server whose self-description fails once with ${name} is found half a minute later`, async ({
      app,
    }) => {
      app.portal.control.fault(/rest\/info$/, fault);
      for (let index = 1; index <= 3; index += 1)
        expect(await app.fetchJson(app.federated(countQuery()))).toMatchObject({ error: { code: 499 } });
      expect(app.portal.log.count({ path: /rest\/info$/ })).toBe(1);
      await app.advanceWorkerClock(31_000);
      expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
    });
  }
});

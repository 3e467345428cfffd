/** Servers with every kind of CORS configuration, and the preflights that signing must not cause. */
import {
  expect,
  openSignedIn,
  registration,
  test,
  type IdentityConfig,
  type TestApp,
} from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const form = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'where=1%3D1&returnCountOnly=true&f=json',
};

const preflights = ({ portal }: TestApp) => portal.log.requests({ method: 'OPTIONS' });
const queries = ({ portal }: TestApp) => portal.log.requests({ server: 'hosted', path: /query$/ });

const placedInHeader: IdentityConfig = {
  make: (portal) => ({ arcgis: [{ ...registration(portal), tokenPlacement: 'header' }] }),
};

test.describe('default placement', () => {
  test.beforeEach(openSignedIn);

  test(
    'two hundred tiles cause no preflight, at the portal’s servers or its federated one',
    { tag: ['@G7'] },
    async ({ app }) => {
      const urls = Array.from({ length: 200 }, (_, index) => {
        const operation = `Terrain/MapServer/tile/1/${index % 2}/${(index >> 1) % 2}?index=${index}`;
        return index < 100 ? app.hosted(operation) : app.federated(operation);
      });
      const types = await app.run(
        (all) => Promise.all(all.map(async (url) => (await (await fetch(url)).blob()).type)),
        urls,
      );
      expect(types).toEqual(Array.from({ length: 200 }, () => 'image/png'));
      expect(app.portal.log.count({ path: /\/tile\// })).toBeGreaterThanOrEqual(200);
      expect(preflights(app)).toEqual([]);
    },
  );

  for (const mode of ['star', 'refuse-preflight', 'two-headers', 'echo-credentials'] as const) {
    test(
      `with CORS mode ${mode} queries, forms, pictures and a refresh need no preflight`,
      { tag: ['@C1'] },
      async ({ app }) => {
        app.portal.control.setCors(mode, 'hosted');
        expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
        expect(await app.fetchJson(app.hosted('Countries/FeatureServer/0/query'), form)).toEqual(aCount);
        expect(await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'))).toBe(256);
        expect(await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/0'), 'anonymous')).toBe(256);
        app.portal.control.expireAccessTokens();
        expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
        expect(preflights(app)).toEqual([]);
        expect(queries(app).map(({ tokenPlacement }) => tokenPlacement)).toEqual([
          'query',
          'form',
          'query',
          'query',
        ]);
      },
    );
  }

  test('requests with credentials work where the server allows them', async ({ app }) => {
    app.portal.control.setCors('echo-credentials', 'hosted');
    expect(await app.fetchJson(app.hosted(countQuery(1)), { credentials: 'include' })).toEqual(aCount);
    app.portal.control.setCors('two-headers', 'hosted');
    // `*` is no answer to a request with credentials (Fetch standard): as without us.
    expect(await app.fetch(app.hosted(countQuery(2)), { credentials: 'include' })).toEqual({
      error: 'TypeError',
    });
    expect(preflights(app)).toEqual([]);
  });

  for (const mode of ['unlisted', 'doubled-origin'] as const) {
    test(`with CORS mode ${mode} the page sees the network error it would see without the worker`, async ({
      app,
    }) => {
      app.portal.control.setCors(mode, 'hosted');
      expect(await app.fetch(app.hosted(countQuery()))).toEqual({ error: 'TypeError' });
      expect(await app.fetch(app.hosted('Countries/FeatureServer/0/query'), form)).toEqual({
        error: 'TypeError',
      });
      // A public picture is shown. A secured one would have to be obtained by an address with the token in it.
      expect(await app.loadImage(app.hosted('Basemap/MapServer/tile/0/0/0'))).toBe(256);
      expect(await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'))).toBe(0);
      expect(app.portal.log.requests({ path: /Terrain/ }).at(-1)).toMatchObject({ tokenPlacement: 'none' });
      expect(app.tokenRequests()).toBe(0);
      expect(preflights(app)).toEqual([]);
      expect(await app.isPrompting()).toBe(false);
    });
  }
});

for (const mode of ['unlisted', 'doubled-origin'] as const) {
  test(`with CORS mode ${mode} an anonymous page sees the same network error, and no prompt`, async ({
    app,
  }) => {
    app.portal.control.setCors(mode, 'hosted');
    await app.open();
    expect(await app.fetch(app.hosted(countQuery()))).toEqual({ error: 'TypeError' });
    expect(await app.loadImage(app.hosted('Basemap/MapServer/tile/0/0/0'))).toBe(256);
    expect(await app.isPrompting()).toBe(false);
  });
}

test(
  'a portal that does not list this site is reported as portal-unreachable',
  { tag: ['@G17'] },
  async ({ app }) => {
    app.portal.control.setCors('unlisted', 'portal');
    await app.open();
    await app.handleChallengesInApp();
    const outcome = await app.startSignIn();
    await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await outcome()).toBe('portal-unreachable');
  },
);

test.describe('placement in the header', () => {
  test.use({ identityConfig: placedInHeader });
  test.beforeEach(openSignedIn);

  test(
    'the token travels in the header where the server answers preflights',
    { tag: ['@G8'] },
    async ({ app }) => {
      app.portal.control.setCors('two-headers', 'hosted');
      const url = app.hosted(countQuery(1));
      expect(await app.fetch(url)).toMatchObject({ status: 200, url });
      expect(await app.fetchJson(app.hosted('Countries/FeatureServer/0/query'), form)).toEqual(aCount);
      app.portal.control.expireAccessTokens();
      expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
      const sent = queries(app).filter(({ method }) => method !== 'OPTIONS');
      expect(sent.map(({ tokenPlacement }) => tokenPlacement)).toEqual(
        Array.from({ length: 4 }, () => 'authorization'),
      );
      expect(sent.every(({ query }) => !query.includes('token='))).toBe(true);
      expect(preflights(app).length).toBeGreaterThan(0);
    },
  );

  for (const [mode, tokenPlacement] of [
    ['two-headers', 'authorization'],
    ['star', 'query'],
  ] as const)
    test(`a picture without CORS takes the ${tokenPlacement} with CORS mode ${mode}`, async ({ app }) => {
      app.portal.control.setCors(mode, 'hosted');
      for (const row of [0, 1])
        expect(await app.loadImage(app.hosted(`Terrain/MapServer/tile/1/${row}/1`))).toBe(256);
      const shown = app.portal.log.requests({ path: /\/tile\//, method: 'GET' });
      expect(shown.length).toBeGreaterThanOrEqual(2);
      for (const request of shown) expect(request).toMatchObject({ tokenPlacement, user: 'ana' });
      expect(preflights(app).length).toBeGreaterThan(0);
    });

  for (const mode of ['star', 'refuse-preflight', 'echo-credentials'] as const) {
    test(
      `with CORS mode ${mode} the header cannot pass, and reading falls back to the query for good`,
      { tag: ['@G8'] },
      async ({ app }) => {
        app.portal.control.setCors(mode, 'hosted');
        expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
        // The second tells a server that answers none from a connection that was dropped.
        expect(preflights(app)).toHaveLength(2);
        expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
        expect(preflights(app)).toHaveLength(2);
        const inQuery = { tokenPlacement: 'query', user: 'ana' };
        expect(queries(app).filter(({ method }) => method !== 'OPTIONS')).toMatchObject([inQuery, inQuery]);
      },
    );

    test(`with CORS mode ${mode} a write is not sent twice`, { tag: ['@G8'] }, async ({ app }) => {
      app.portal.control.setCors(mode, 'hosted');
      expect(await app.fetch(app.hosted('Countries/FeatureServer/0/query'), form)).toEqual({
        error: 'TypeError',
      });
      expect(queries(app).filter(({ method }) => method !== 'OPTIONS')).toEqual([]);
    });
  }

  test('a dropped connection does not move the token to the query for good', async ({ app }) => {
    app.portal.control.setCors('two-headers', 'hosted');
    // The browser itself asks twice before it gives up.
    app.portal.control.fault(/query$/, { drop: true, times: 2, method: 'GET' });
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    const sent = queries(app).filter(({ status }) => status === 200);
    const placements = sent
      .filter(({ method }) => method === 'GET')
      .map(({ tokenPlacement }) => tokenPlacement);
    expect(placements).toEqual(['authorization', 'authorization']);
  });

  test('with CORS mode unlisted the page sees the network error it would see without the worker', async ({
    app,
  }) => {
    app.portal.control.setCors('unlisted', 'hosted');
    expect(await app.fetch(app.hosted(countQuery()))).toEqual({ error: 'TypeError' });
    expect(app.tokenRequests()).toBe(0);
    expect(await app.isPrompting()).toBe(false);
  });
});

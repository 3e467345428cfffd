/** How a refused token is recognised, in every form that servers give a refusal, and what is not one. */
import { expect, openSignedIn, test, type Portal, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, tile, publicCountQuery } from '../support/services.js';

const query = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true';

/** An organisation's web map: anonymous requests are told that it does not exist. */
const webMap = 'content/items/0a1b2c3d4e5f60718293a4b5c6d7e8f5?f=json';

const queries = (portal: Portal) => portal.log.requests({ path: /Countries\/FeatureServer\/0\/query$/ });

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test('a token that the portal calls expired is renewed without a prompt, whatever the clock says', async ({
    app,
  }) => {
    app.portal.control.expireAccessTokens();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(1);
    expect(queries(app.portal)).toHaveLength(2);
    expect(await app.isPrompting()).toBe(false);
  });

  for (const [name, operation, type] of [
    ['JSON', 'Countries/FeatureServer/0/query?where=1%3D1&f=json&resultRecordCount=1', 'application/json'],
    [
      'indented JSON',
      'Countries/FeatureServer/0/query?where=1%3D1&f=pjson&resultRecordCount=1',
      'application/json',
    ],
    ['GeoJSON', 'Countries/FeatureServer/0/query?where=1%3D1&f=geojson&resultRecordCount=1', 'json'],
    [
      'pbf',
      'Countries/FeatureServer/0/query?where=1%3D1&f=pbf&resultRecordCount=1',
      'application/x-protobuf',
    ],
    ['a vector tile', 'Countries/VectorTileServer/tile/0/0/0.pbf', 'protobuf'],
  ] as const) {
    test(
      `498 inside HTTP 200 on ${name} is recognised, and the page gets the data`,
      { tag: ['@F5'] },
      async ({ app }) => {
        app.portal.control.expireAccessTokens();
        const answer = await app.run(async (url) => {
          const response = await fetch(url);
          return {
            type: response.headers.get('content-type'),
            size: (await response.arrayBuffer()).byteLength,
          };
        }, app.hosted(operation));
        expect(answer.type).toContain(type);
        expect(answer.size).toBeGreaterThan(100);
        expect(app.tokenRequests('refresh_token')).toBe(1);
      },
    );
  }

  for (const style of ['status498', 'status401', 'html200'] as const) {
    test(`a tile refused as ${style} is requested again with a new token`, async ({ app }) => {
      app.portal.control.setErrorStyle(style);
      app.portal.control.expireAccessTokens();
      const size = await app.run(
        async (url) => (await (await fetch(url)).blob()).type,
        app.hosted('Terrain/MapServer/tile/1/0/1'),
      );
      expect(size).toBe('image/png');
      expect(app.tokenRequests('refresh_token')).toBe(1);
    });
  }

  for (const shape of ['string-code', 'string-details', 'no-details'] as const) {
    for (const format of ['json', 'pjson'] as const) {
      test(`a refusal with ${shape} in ${format} is recognised`, async ({ app }) => {
        app.portal.control.setEnvelopeShape(shape);
        app.portal.control.expireAccessTokens();
        expect(await app.fetchJson(app.hosted(`${query}&f=${format}`))).toEqual(aCount);
        expect(app.tokenRequests('refresh_token')).toBe(1);
        expect(queries(app.portal)).toHaveLength(2);
      });
    }
  }

  for (const style of ['status401', 'status403', 'status498'] as const) {
    test(`a refusal with ${style} and an envelope is recognised`, async ({ app }) => {
      app.portal.control.setErrorStyle(style);
      app.portal.control.expireAccessTokens();
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      expect(app.tokenRequests('refresh_token')).toBe(1);
      expect(queries(app.portal)).toHaveLength(2);
    });
  }

  for (const style of ['html200', 'json200', 'status498', 'status403'] as const) {
    for (const [name, operation] of [
      ['a tile', tile(0)],
      [
        'an exported picture',
        'Terrain/MapServer/export?bbox=-180,-90,180,90&bboxSR=4326&size=256,256&f=image',
      ],
    ] as const) {
      for (const crossOrigin of ['anonymous', undefined] as const) {
        const how = crossOrigin === undefined ? 'without CORS' : 'with crossorigin';
        test(
          `${name} refused with ${style} is shown after a refresh, ${how}`,
          { tag: ['@F5'] },
          async ({ app }) => {
            app.portal.control.setErrorStyle(style);
            app.portal.control.expireAccessTokens();
            expect(await app.loadImage(app.hosted(operation), crossOrigin)).toBe(256);
            expect(app.tokenRequests('refresh_token')).toBe(1);
          },
        );
      }
    }
  }

  for (const [name, load] of [
    ['data', (app: TestApp, index: number) => app.fetchJson(app.hosted(countQuery(index)))],
    // Pictures of one address are taken from the page's own memory.
    [
      'a picture',
      (app: TestApp, index: number) => app.loadImage(app.hosted(`Terrain/MapServer/tile/1/0/1?n=${index}`)),
    ],
    [
      'a federated server’s data',
      (app: TestApp, index: number) => app.fetchJson(app.federated(countQuery(index))),
    ],
  ] as const) {
    test(
      `a token revoked at the portal is not used again for ${name}, whatever the clock says`,
      { tag: ['@D7'] },
      async ({ app }) => {
        const first = await load(app, 1);
        app.portal.control.revokeAccessTokens();
        // What a page saw a minute ago vouches for a token no longer.
        await app.advanceWorkerClock(61_000);
        app.portal.log.clear();
        expect(await load(app, 2)).toEqual(first);
        expect(await load(app, 3)).toEqual(first);
        expect(app.tokenRequests()).toBe(1);
        const good = app.portal.log.requests({ path: /rest\/services/, status: 200 });
        expect(good.at(-1)).toMatchObject({ user: 'ana' });
        expect(await app.isPrompting()).toBe(false);
      },
    );
  }

  test('a public layer is shown without a token that cannot be renewed, and without a prompt', async ({
    app,
  }) => {
    app.portal.control.expireAccessTokens();
    app.portal.control.revokeRefreshTokens();
    const answer = await app.fetchJson(app.hosted(publicCountQuery()));
    expect(answer).toEqual(aCount);
    expect(await app.isPrompting()).toBe(false);
  });

  test('a request that a signed-in user may not make is passed on, without a prompt or a second request', async ({
    app,
  }) => {
    await app.run(() => window.identity.signOut());
    app.portal.control.endSessions();
    await app.signIn('ben');
    app.portal.log.clear();
    const answer = await app.fetchJson(app.hosted('Sites/FeatureServer/0/query?where=1%3D1&f=json'));
    expect(answer).toMatchObject({ error: { code: 403, messageCode: 'GWM_0003' } });
    expect(app.portal.log.count({ path: /Sites/ })).toBe(1);
    expect(app.tokenRequests()).toBe(0);
  });

  test('a demand for https reaches the page, with no second request and no prompt', async ({ app }) => {
    app.portal.control.setSslRequired('Countries');
    expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({
      error: { code: 403, subcode: 4 },
    });
    expect(queries(app.portal)).toHaveLength(1);
    expect(app.tokenRequests()).toBe(0);
    await app.run(() => window.identity.signOut());
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toMatchObject({
      error: { code: 403, subcode: 4 },
    });
    expect(await app.isPrompting()).toBe(false);
  });

  test('a missing item is passed on to a signed-in user too', async ({ app }) => {
    const url = `${app.portal.url}/sharing/rest/content/items/ffffffffffffffffffffffffffffffff?f=json`;
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 400 } });
    expect(app.portal.log.entries).toHaveLength(1);
  });

  test('data that only looks like an error is delivered as it is', async ({ app }) => {
    const seen = await app.fetch(app.hosted('Big?mb=1&trap=1&f=json'));
    const text = 'text' in seen ? seen.text : '';
    expect(text).toHaveLength(1024 * 1024);
    expect(text.startsWith(' \n{"features":[{"attributes":{"text":"{\\"error\\":{\\"code\\":498}}"}}')).toBe(
      true,
    );
    expect(app.portal.log.count({ path: /Big$/ })).toBe(1);
    expect(app.tokenRequests()).toBe(0);
  });
});

test.describe('anonymous', () => {
  test.beforeEach(({ app }) => app.open());

  test('an anonymous “does not exist” is passed on, without a prompt', async ({ app }) => {
    expect(await app.fetchJson(`${app.portal.url}/sharing/rest/${webMap}`)).toMatchObject({
      error: { code: 400, messageCode: 'CONT_0001' },
    });
    expect(app.portal.log.entries).toHaveLength(1);
    expect(await app.isPrompting()).toBe(false);
  });
});

/** No loops: a portal or service that refuses is left alone for a while. */
import { expect, openSignedIn, test } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';

test.beforeEach(openSignedIn);

test(
  'a service that refuses every token costs one renewal, not one per request',
  { tag: ['@D6'] },
  async ({ app, portal }) => {
    portal.control.setAlwaysRefuse('Countries');
    for (let index = 1; index <= 10; index += 1) {
      expect(await app.fetchJson(app.hosted(countQuery(index)))).toMatchObject({ error: { code: 498 } });
      // Never more than the request and one repetition.
      expect(portal.log.count({ path: /query$/ })).toBe(2 * index);
    }
    expect(app.tokenRequests()).toBe(1);
    expect(await app.isPrompting()).toBe(false);
    // The token itself is good, and other services go on with it.
    expect(await app.fetchJson(app.hosted('Terrain/MapServer?f=json'))).toHaveProperty('mapName');
    portal.control.setAlwaysRefuse('Countries', false);
    expect(await app.fetchJson(app.hosted(countQuery(11)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
  },
);

test('pictures of a service that refuses every token cost one renewal', async ({ app, portal }) => {
  portal.control.setAlwaysRefuse('Terrain');
  // Only a token that no readable answer has vouched for lately is tried.
  await app.stopWorker();
  for (let index = 1; index <= 5; index += 1)
    expect(await app.loadImage(app.hosted(`Terrain/MapServer/tile/1/0/1?index=${index}`))).toBe(0);
  expect(app.tokenRequests()).toBe(1);
});

test('a public layer that refuses the token is shown without it', async ({ app, portal }) => {
  portal.control.setAlwaysRefuse('Places');
  const places = (index: number): string => app.hosted(publicCountQuery(index));
  expect(await app.fetchJson(places(1))).toMatchObject({ error: { code: 498 } });
  portal.control.setAlwaysRefuse('Places', false);
  expect(await app.fetchJson(places(2))).toEqual(aCount);
});

for (const [name, fault] of [
  ['429', { status: 429 }],
  [
    '400 with an error that is not about the grant',
    { status: 400, html: '{"error":"temporarily_unavailable"}' },
  ],
] as const) {
  test(
    `a token endpoint that answers ${name} is left alone for a while`,
    { tag: ['@E6'] },
    async ({ app, portal }) => {
      const undo = portal.control.fault('/oauth2/token', fault);
      portal.control.expireAccessTokens();
      for (let index = 1; index <= 5; index += 1)
        expect(await app.fetchJson(app.hosted(countQuery(index)))).toMatchObject({ error: { code: 498 } });
      expect(app.tokenRequests()).toBe(1);
      undo();
      // Nothing is lost: three quarters of a minute later, at most, the session goes on.
      await app.advanceWorkerClock(46_000);
      expect(await app.fetchJson(app.hosted(countQuery(6)))).toEqual(aCount);
      expect(await app.isPrompting()).toBe(false);
    },
  );
}

test('a portal that refuses a server’s token is not asked for it with every request', async ({
  app,
  portal,
}) => {
  const undo = portal.control.fault('/generateToken', { status: 429 });
  for (let index = 1; index <= 5; index += 1) await app.fetch(app.federated(countQuery(index)));
  expect(portal.log.count({ path: /generateToken$/ })).toBe(1);
  undo();
  await app.advanceWorkerClock(46_000);
  expect(await app.fetchJson(app.federated(countQuery(6)))).toEqual(aCount);
});

test('a server that always refuses costs one refresh and one more request, and the page gets its answer', async ({
  app,
}) => {
  app.portal.control.setAlwaysRefuse('Countries');
  expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 498 } });
  expect(app.portal.log.requests({ path: /query$/ })).toHaveLength(2);
  expect(app.tokenRequests('refresh_token')).toBe(1);
});

for (const style of ['json200', 'status498', 'status401', 'status403'] as const) {
  test(
    `a service that refuses every token with ${style} costs one refresh and one more request, and the session stays`,
    { tag: ['@D6'] },
    async ({ app }) => {
      app.portal.control.setErrorStyle(style);
      app.portal.control.setAlwaysRefuse('Countries');
      expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 498 } });
      const sent = app.portal.log.requests({ path: /Countries/ });
      expect(sent).toHaveLength(2);
      expect(sent[0]?.tokenId).not.toBe(sent[1]?.tokenId);
      expect(app.tokenRequests()).toBe(1);
      // The new token is good elsewhere, and stays.
      expect(await app.fetchJson(app.hosted(countQuery().replace('Countries', 'Sites')))).toMatchObject({
        count: expect.any(Number),
      });
      expect(app.tokenRequests()).toBe(1);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
      expect(await app.isPrompting()).toBe(false);
    },
  );
}

test(
  'pictures of a service that refuses every token fail after one refresh',
  { tag: ['@D6'] },
  async ({ app }) => {
    app.portal.control.setAlwaysRefuse('Terrain');
    for (const turn of [1, 2, 3]) {
      expect(await app.loadImage(app.hosted(`Terrain/MapServer/tile/1/0/1?n=${turn}`))).toBe(0);
      // First with either token, then with the new one and without.
      expect(app.portal.log.count({ path: /Terrain/ })).toBe(2 * turn);
    }
    expect(app.tokenRequests()).toBe(1);
    expect(await app.isPrompting()).toBe(false);
    // Nothing sticks to the rest of the portal.
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
  },
);

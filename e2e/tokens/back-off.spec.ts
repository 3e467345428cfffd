/** No loops: what a portal or a service refuses is not asked for again and again. */
import { expect, test } from '../support/fixtures.js';

const count = (index: number): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;
const aCount = { count: expect.any(Number) as unknown };

test.beforeEach(async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
});

test('a service that refuses every token costs one renewal, not one a request', async ({ app, portal }) => {
  portal.control.setAlwaysRefuse('Countries');
  for (let index = 1; index <= 10; index += 1) {
    expect(await app.fetchJson(app.hosted(count(index)))).toMatchObject({ error: { code: 498 } });
    // Never more than the request and one repetition.
    expect(portal.log.count({ path: /query$/ })).toBe(2 * index);
  }
  expect(app.tokenRequests()).toBe(1);
  expect(await app.isAsking()).toBe(false);
  // The token itself is good, and other services go on with it.
  expect(await app.fetchJson(app.hosted('Terrain/MapServer?f=json'))).toHaveProperty('mapName');
  portal.control.setAlwaysRefuse('Countries', false);
  expect(await app.fetchJson(app.hosted(count(11)))).toEqual(aCount);
  expect(app.tokenRequests()).toBe(1);
});

test('pictures of a service that refuses every token cost one renewal, too', async ({ app, portal }) => {
  portal.control.setAlwaysRefuse('Terrain');
  // Only a token that no readable answer has vouched for lately is tried.
  await app.stopWorker();
  for (let index = 1; index <= 5; index += 1)
    expect(await app.loadImage(app.hosted(`Terrain/MapServer/tile/1/0/1?index=${index}`))).toBe(0);
  expect(app.tokenRequests()).toBe(1);
});

test('a public layer that refuses our token shows itself without it', async ({ app, portal }) => {
  portal.control.setAlwaysRefuse('Places');
  const places = (index: number): string =>
    app.hosted(`Places/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`);
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
  test(`a token endpoint that answers ${name} is left alone for a while`, async ({ app, portal }) => {
    const undo = portal.control.fault('/oauth2/token', fault);
    portal.control.expireAccessTokens();
    for (let index = 1; index <= 5; index += 1)
      expect(await app.fetch(app.hosted(count(index)))).toEqual({ error: 'TypeError' });
    expect(app.tokenRequests()).toBe(1);
    undo();
    // Nothing is lost: three quarters of a minute later, at most, the session goes on.
    await app.advanceWorkerClock(46_000);
    expect(await app.fetchJson(app.hosted(count(6)))).toEqual(aCount);
    expect(await app.isAsking()).toBe(false);
  });
}

test('a portal that refuses a server’s token is not asked for it by every request', async ({
  app,
  portal,
}) => {
  const undo = portal.control.fault('/generateToken', { status: 429 });
  for (let index = 1; index <= 5; index += 1) await app.fetch(app.federated(count(index)));
  expect(portal.log.count({ path: /generateToken$/ })).toBe(1);
  undo();
  await app.advanceWorkerClock(46_000);
  expect(await app.fetchJson(app.federated(count(6)))).toEqual(aCount);
});

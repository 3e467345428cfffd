/** A token endpoint in trouble takes nothing along: what is public is shown, and what is not waits a while, or gets its server's own answer. */
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';

test.beforeEach(openSignedIn);

/** The access token ends now, by the clock of the worker. */
const endToken = (app: TestApp): Promise<void> => app.advanceWorkerClock(30 * 60_000);

/** Public layers and pictures are there, while the trouble lasts. */
async function expectPublic(app: TestApp, index: number): Promise<void> {
  expect(await app.fetchJson(app.hosted(publicCountQuery(index)))).toEqual(aCount);
  expect(await app.loadImage(app.hosted(`Basemap/MapServer/tile/1/0/${index % 2}`))).toBeGreaterThan(0);
}

for (const [name, fault] of [
  ['503', { status: 503 }],
  ['a reset', { drop: 'request' }],
  ['a page', { html: true }],
  ['403 of a firewall', { status: 403, html: true }],
  ['half an answer', { truncate: true }],
] as const)
  test(`a token endpoint that answers ${name}`, { tag: ['@F1'] }, async ({ app, portal }) => {
    const repair = portal.control.fault('/oauth2/token', fault);
    await endToken(app);
    await expectPublic(app, 1);
    const secured = app.fetchJson(app.hosted(countQuery(2)));
    await expectPublic(app, 3);
    repair();
    // It was not lost: it goes through as soon as the trouble is over.
    expect(await secured).toEqual(aCount);
    expect(await app.isPrompting()).toBe(false);
    expect(app.tokenRequests('authorization_code')).toBe(0);
  });

test(
  'a token endpoint that never answers: what needs a token gets its server’s own answer, in time',
  { tag: ['@F1'] },
  async ({ app, portal }) => {
    await app.shortenWorkerTimeLimits(10);
    const repair = portal.control.fault('/oauth2/token', { hang: true });
    await endToken(app);
    await expectPublic(app, 1);
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toMatchObject({ error: { code: 499 } });
    expect(await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'))).toBe(0);
    await expectPublic(app, 3);
    repair();
    await expect.poll(() => app.fetchJson(app.hosted(countQuery(4)))).toEqual(aCount);
    expect(await app.isPrompting()).toBe(false);
  },
);

test('an exchange in trouble leaves the public layers of its server', async ({ app, portal }) => {
  const repair = portal.control.fault('/generateToken', { status: 503 });
  expect(await app.fetchJson(app.federated(publicCountQuery(1)))).toEqual(aCount);
  const secured = app.fetchJson(app.federated(countQuery(2)));
  expect(await app.fetchJson(app.federated(publicCountQuery(3)))).toEqual(aCount);
  expect(await app.fetchJson(app.hosted(countQuery(4)))).toEqual(aCount);
  repair();
  expect(await secured).toEqual(aCount);
});

test('what changes something is never sent in nobody’s name', async ({ app, portal }) => {
  await app.shortenWorkerTimeLimits(30);
  portal.control.fault('/oauth2/token', { status: 503 });
  await endToken(app);
  portal.control.expireAccessTokens();
  await app.fetch(app.hosted('Notes/FeatureServer/0/applyEdits'), {
    method: 'POST',
    body: new URLSearchParams({ f: 'json', adds: '[]' }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const sent = portal.log.requests({ path: /applyEdits$/ });
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.every(({ tokenId }) => tokenId !== undefined)).toBe(true);
});

test('a request that may outlive its page waits for nothing', async ({ app, portal }) => {
  const hold = portal.control.hold('/oauth2/token');
  await endToken(app);
  const sent = app.fetch(app.hosted(publicCountQuery(1)), { keepalive: true });
  expect(await sent).toMatchObject({ status: 200 });
  await expect.poll(() => hold.held).toBe(1);
  hold.release();
  expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
});

test('services that refuse every token cost a renewal each, and nobody else’s', async ({ app, portal }) => {
  portal.control.setAlwaysRefuse('Countries');
  portal.control.setAlwaysRefuse('Terrain');
  for (let index = 1; index <= 15; index += 1) {
    await app.fetch(app.hosted(countQuery(index)));
    await app.fetch(app.hosted(`Terrain/MapServer?f=json&index=${index}`));
  }
  expect(app.tokenRequests()).toBe(2);
  expect(await app.isPrompting()).toBe(false);
  expect(await app.fetchJson(app.hosted('Sites/FeatureServer/0?f=json'))).toHaveProperty('name');
});

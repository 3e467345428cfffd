/** A token endpoint in trouble takes nothing along: what is public is shown, and what is not waits a while, or gets its server's own answer. */
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';

test.beforeEach(openSignedIn);

const publicTile = (app: TestApp, index: number): string =>
  app.hosted(`Basemap/MapServer/tile/1/0/${index}`);

/** Public layers and pictures are there, while the trouble lasts. */
async function expectPublic(app: TestApp, from: number): Promise<void> {
  expect(await app.fetchJson(app.hosted(publicCountQuery(from)))).toEqual(aCount);
  expect(await app.loadImage(publicTile(app, from % 2))).toBeGreaterThan(0);
}

for (const [name, fault] of [
  ['503', { status: 503 }],
  ['nothing', { hang: true }],
  ['a reset', { drop: 'request' }],
  ['a page', { html: true }],
  ['403 of a firewall', { status: 403, html: true }],
] as const)
  test(`a token endpoint that answers ${name}`, { tag: ['@F1'] }, async ({ app, portal }) => {
    const repair = portal.control.fault('/oauth2/token', fault);
    await app.letTokensExpire();
    await expectPublic(app, 1);
    const secured = app.fetchJson(app.hosted(countQuery(2)));
    await expectPublic(app, 3);
    repair();
    // It was not lost: it goes through as soon as the trouble is over.
    expect(await secured).toEqual(aCount);
    expect(await app.isDialogOpen()).toBe(false);
    expect(app.tokenRequests('authorization_code')).toBe(0);
  });

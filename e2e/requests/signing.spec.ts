/** What becomes of a request of somebody who is signed in: signed, judged, renewed, sent once more, or left alone. */
import { createHash } from 'node:crypto';
import { expect, test, type Portal } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const queries = (portal: Portal) => portal.log.requests({ path: /Countries\/FeatureServer\/0\/query$/ });

test.beforeEach(async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
});

test('the token travels to the portal and nothing of it comes back to the page', async ({ app }) => {
  const url = app.hosted(count);
  const seen = await app.fetch(url);
  expect(seen).toMatchObject({ status: 200, url });
  expect(queries(app.portal)).toMatchObject([{ tokenPlacement: 'query', user: 'ana' }]);
  expect(app.portal.log.leaks(JSON.stringify(seen))).toEqual([]);
});

test('a token that the portal calls expired is renewed without a prompt, whatever the clock says', async ({
  app,
}) => {
  app.portal.control.expireAccessTokens();
  expect(await app.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests('refresh_token')).toBe(1);
  expect(queries(app.portal)).toHaveLength(2);
  expect(await app.page.locator('identity-worker-dialog').count()).toBe(0);
});

test('a token near its end is renewed before it is used', async ({ app, page }) => {
  await app.run(() => window.identity.signOut());
  app.portal.control.endSessions();
  app.portal.control.setExpiresIn(40);
  app.portal.control.setAccessTokenLifetime(40);
  await app.signIn('ana');
  app.portal.log.clear();
  // The worker's clock moves, the portal's does not.
  const worker = page.context().serviceWorkers()[0];
  await worker?.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 38_000;
  });
  expect(await app.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests('refresh_token')).toBe(1);
  expect(queries(app.portal)).toHaveLength(1);
});

for (const [name, operation, type] of [
  ['JSON', 'Countries/FeatureServer/0/query?where=1%3D1&f=json&resultRecordCount=1', 'application/json'],
  [
    'indented JSON',
    'Countries/FeatureServer/0/query?where=1%3D1&f=pjson&resultRecordCount=1',
    'application/json',
  ],
  ['GeoJSON', 'Countries/FeatureServer/0/query?where=1%3D1&f=geojson&resultRecordCount=1', 'json'],
  ['pbf', 'Countries/FeatureServer/0/query?where=1%3D1&f=pbf&resultRecordCount=1', 'application/x-protobuf'],
  ['a vector tile', 'Countries/VectorTileServer/tile/0/0/0.pbf', 'protobuf'],
] as const) {
  test(`498 inside HTTP 200 on ${name} is found, and the page gets the data`, async ({ app }) => {
    app.portal.control.expireAccessTokens();
    const answer = await app.run(async (url) => {
      const response = await fetch(url);
      return { type: response.headers.get('content-type'), size: (await response.arrayBuffer()).byteLength };
    }, app.hosted(operation));
    expect(answer.type).toContain(type);
    expect(answer.size).toBeGreaterThan(100);
    expect(app.tokenRequests('refresh_token')).toBe(1);
  });
}

for (const style of ['status498', 'status401', 'html200'] as const) {
  test(`a tile refused as ${style} is asked for again with a new token`, async ({ app }) => {
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

for (const [name, headers, body] of [
  [
    'a form',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'where=1%3D1&note=gr%C3%BC%C3%9Fe&f=json',
  ],
  ['JSON', { 'content-type': 'application/json' }, '{"adds":[{"attributes":{"name":"Ünïcode"}}]}'],
] as const) {
  test(`${name} is sent once more with the same bytes after an expired token`, async ({ app }) => {
    app.portal.control.expireAccessTokens();
    const seen = await app.fetch(app.hosted('Echo/FeatureServer/echo?f=json'), {
      method: 'POST',
      headers,
      body,
    });
    expect(seen).toMatchObject({ status: 200 });
    const sent = app.portal.log.requests({ path: /Echo/, method: 'POST' });
    expect(sent).toHaveLength(2);
    const [first, second] = sent;
    if (name === 'JSON') {
      expect(second?.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
      expect(first?.bodySha256).toBe(second?.bodySha256);
    } else {
      // The token stands in the form: the page's own bytes stay in front of it, unchanged.
      expect(second?.tokenPlacement).toBe('form');
      expect(second?.bodyLength).toBe(first?.bodyLength);
    }
    expect(app.tokenRequests('refresh_token')).toBe(1);
  });
}

test('a multipart upload keeps its boundary and its bytes', async ({ app }) => {
  app.portal.control.expireAccessTokens();
  const echoed = await app.run(async (url) => {
    const bytes = new Uint8Array(300_000).map((_, index) => (index * 31) % 256);
    const form = new FormData();
    form.set('file', new File([bytes], 'a.bin'));
    return (await fetch(url, { method: 'POST', body: form })).json() as Promise<{ bodyLength: number }>;
  }, app.hosted('Echo/FeatureServer/echo?f=json'));
  expect(echoed.bodyLength).toBeGreaterThan(300_000);
  expect(app.portal.log.requests({ path: /Echo/ })).toMatchObject([
    { tokenPlacement: 'form' },
    { tokenPlacement: 'form', user: 'ana' },
  ]);
});

test('a server that always refuses costs one refresh and one more request, and the page gets its answer', async ({
  app,
}) => {
  app.portal.control.setAlwaysRefuse('Countries');
  expect(await app.fetchJson(app.hosted(count))).toMatchObject({ error: { code: 498 } });
  expect(queries(app.portal)).toHaveLength(2);
  expect(app.tokenRequests('refresh_token')).toBe(1);
});

test('signed in but not allowed is the page’s business: no prompt, no second request', async ({ app }) => {
  await app.run(() => window.identity.signOut());
  app.portal.control.endSessions();
  await app.signIn('ben');
  app.portal.log.clear();
  const answer = await app.fetchJson(app.hosted('Sites/FeatureServer/0/query?where=1%3D1&f=json'));
  expect(answer).toMatchObject({ error: { code: 403, messageCode: 'GWM_0003' } });
  expect(app.portal.log.count({ path: /Sites/ })).toBe(1);
  expect(app.tokenRequests()).toBe(0);
});

test('fifty requests with an expired token from two tabs make one refresh', async ({ app }) => {
  const second = await app.newTab();
  app.portal.control.expireAccessTokens();
  const urls = Array.from({ length: 25 }, (_, index) => app.hosted(`${count}&index=${index}`));
  const answers = await Promise.all([app, second].flatMap((tab) => urls.map((url) => tab.fetchJson(url))));
  for (const answer of answers) expect(answer).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests()).toBe(1);
});

for (const [name, fault] of [
  ['503', { status: 503, retryAfterS: 1 }],
  ['an HTML page', { html: '<h1>Gateway</h1>' }],
  ['a cut-off answer', { truncate: true }],
  ['a dropped connection', { drop: 'request' }],
] as const) {
  test(`a refresh that meets ${name} loses nothing: a network error now, and it works when the portal does`, async ({
    app,
  }) => {
    app.portal.control.expireAccessTokens();
    const repair = app.portal.control.fault('/oauth2/token', fault);
    expect(await app.fetch(app.hosted(count))).toEqual({ error: 'TypeError' });
    repair();
    expect(await app.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
    expect(await app.page.locator('identity-worker-dialog').count()).toBe(0);
  });
}

test('a dead refresh token costs one prompt, not a loop', async ({ app }) => {
  app.portal.control.expireAccessTokens();
  app.portal.control.revokeRefreshTokens();
  app.portal.control.endSessions();
  await app.clickForgotten();
  const answer = app.fetchJson(app.hosted(count));
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answer).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests('refresh_token')).toBe(1);
  expect(app.tokenRequests('authorization_code')).toBe(1);
});

test('a bad token is worse than none: a public layer is shown without it, and nobody is asked', async ({
  app,
}) => {
  app.portal.control.expireAccessTokens();
  app.portal.control.revokeRefreshTokens();
  const answer = await app.fetchJson(
    app.hosted('Places/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json'),
  );
  expect(answer).toEqual({ count: expect.any(Number) });
  expect(await app.page.locator('identity-worker-dialog').count()).toBe(0);
});

test('what brings its own credential is left alone', async ({ app }) => {
  for (const init of [
    { headers: { authorization: 'Bearer own' } },
    { headers: { 'x-esri-authorization': 'Bearer own' } },
  ]) {
    app.portal.control.setCors('two-headers');
    await app.fetch(app.hosted(count), init);
  }
  await app.fetch(app.hosted(`${count}&token=own`));
  await app.fetch(app.hosted(`${count}&Token=own`));
  for (const { tokenId } of queries(app.portal).filter(({ method }) => method === 'GET'))
    expect([undefined, 'unknown']).toContain(tokenId);
});

test('endpoints that issue tokens are never signed', async ({ app }) => {
  for (const path of [
    'generateToken',
    'oauth2/token',
    'GenerateToken',
    'oauth2/revokeToken',
    '/oauth2//token',
    'oauth2%2Ftoken',
  ]) {
    await app.fetch(`${app.portal.url}/sharing/rest/${path}?f=json&request=getToken`);
  }
  expect(app.portal.log.entries.map(({ tokenPlacement }) => tokenPlacement)).not.toContain('query');
  expect(app.portal.log.entries.length).toBeGreaterThan(3);
});

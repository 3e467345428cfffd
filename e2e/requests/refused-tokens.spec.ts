/** Conformance list, rows 27 to 55: what becomes of single requests and of their answers. */
import { createHash } from 'node:crypto';
import { expect, test, TestApp } from '../support/fixtures.js';

const query = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true';
const count = (index = 0): string => `${query}&f=json&index=${index}`;
const aCount = { count: expect.any(Number) as unknown };
const tile = (index: number): string => `Terrain/MapServer/tile/1/0/1?index=${index}`;

/** An organisation's web map: strangers are told that it does not exist. */
const webMap = 'content/items/0a1b2c3d4e5f60718293a4b5c6d7e8f5?f=json';

const queries = (app: TestApp) => app.portal.log.requests({ path: /Countries\/FeatureServer\/0\/query$/ });

/** A token of the portal that its page got with a password, bound to pages of an origin. */
async function generateToken({ portal }: TestApp, referer: string): Promise<string> {
  const response = await fetch(`${portal.url}/sharing/rest/generateToken`, {
    method: 'POST',
    body: new URLSearchParams({
      username: 'ana',
      password: 'ana-demo-1',
      client: 'referer',
      referer,
      f: 'json',
    }),
  });
  const { token } = (await response.json()) as { token: string };
  return token;
}

test.describe('nobody is signed in', () => {
  test.beforeEach(({ app }) => app.open());

  test('27: a token that the page brought, bound to its origin, works from the worker', async ({ app }) => {
    const own = await generateToken(app, app.url);
    expect(await app.fetchJson(app.hosted(`${count()}&token=${own}`))).toEqual(aCount);
    const foreign = await generateToken(app, 'https://elsewhere.example');
    expect(await app.fetchJson(app.hosted(`${count()}&token=${foreign}`))).toMatchObject({
      error: { code: 498 },
    });
    expect(queries(app)).toHaveLength(2);
    expect(await app.isAsking()).toBe(false);
  });

  for (const [name, fields, details] of [
    ['a bad password', { username: 'ana', password: 'wrong' }, ['Invalid username or password.']],
    ['a missing field', { username: 'ana' }, ["'password' must be specified."]],
  ] as const) {
    test(`28: the refusal of ${name} by generateToken is the page’s own business`, async ({ app }) => {
      const url = `${app.portal.url}/sharing/rest/generateToken`;
      const body = String(new URLSearchParams({ ...fields, client: 'requestip', f: 'json' }));
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(await app.fetchJson(url, { method: 'POST', headers, body })).toMatchObject({
        error: { code: 400, details },
      });
      expect(app.portal.log.entries).toMatchObject([{ method: 'POST', tokenPlacement: 'none' }]);
      expect(await app.isAsking()).toBe(false);
    });
  }

  test('41: a stranger’s “does not exist” is passed on and asks nobody', async ({ app }) => {
    expect(await app.fetchJson(`${app.portal.url}/sharing/rest/${webMap}`)).toMatchObject({
      error: { code: 400, messageCode: 'CONT_0001' },
    });
    expect(app.portal.log.entries).toHaveLength(1);
    expect(await app.isAsking()).toBe(false);
  });
});

test.describe('signed in', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
  });

  test('37: the token is there on the first try once it is known, at the portal too', async ({ app }) => {
    const { portal } = app;
    expect(await app.fetchJson(app.hosted(count()))).toEqual(aCount);
    expect(await app.fetchJson(`${portal.url}/sharing/rest/${webMap}`)).toMatchObject({ title: 'World map' });
    expect(await app.fetchJson(`${portal.url}/sharing/rest/portals/self?f=json`)).toMatchObject({
      user: { username: 'ana' },
    });
    expect(portal.log.entries.map(({ user }) => user)).toEqual(['ana', 'ana', 'ana']);
  });

  for (const shape of ['string-code', 'string-details', 'no-details'] as const) {
    for (const format of ['json', 'pjson'] as const) {
      test(`34: a refusal with ${shape} in ${format} is found`, async ({ app }) => {
        app.portal.control.setEnvelopeShape(shape);
        app.portal.control.expireAccessTokens();
        expect(await app.fetchJson(app.hosted(`${query}&f=${format}`))).toEqual(aCount);
        expect(app.tokenRequests('refresh_token')).toBe(1);
        expect(queries(app)).toHaveLength(2);
      });
    }
  }

  for (const style of ['status401', 'status403', 'status498'] as const) {
    test(`38: a refusal with ${style} and an envelope is found`, async ({ app }) => {
      app.portal.control.setErrorStyle(style);
      app.portal.control.expireAccessTokens();
      expect(await app.fetchJson(app.hosted(count()))).toEqual(aCount);
      expect(app.tokenRequests('refresh_token')).toBe(1);
      expect(queries(app)).toHaveLength(2);
    });
  }

  for (const style of ['html200', 'json200', 'status498', 'status403'] as const) {
    for (const [name, operation] of [
      ['tile', tile(0)],
      ['exported picture', 'Terrain/MapServer/export?bbox=-180,-90,180,90&bboxSR=4326&size=256,256&f=image'],
    ] as const) {
      for (const crossOrigin of ['anonymous', undefined] as const) {
        const how = crossOrigin === undefined ? 'without CORS' : 'with crossorigin';
        test(`36: a ${name} refused with ${style} is shown after a refresh, ${how}`, async ({ app }) => {
          app.portal.control.setErrorStyle(style);
          app.portal.control.expireAccessTokens();
          expect(await app.loadImage(app.hosted(operation), crossOrigin)).toBe(256);
          expect(app.tokenRequests('refresh_token')).toBe(1);
        });
      }
    }
  }

  test('40: a demand for https reaches the page, with no second request and no prompt', async ({ app }) => {
    app.portal.control.setSslRequired('Countries');
    expect(await app.fetchJson(app.hosted(count()))).toMatchObject({ error: { code: 403, subcode: 4 } });
    expect(queries(app)).toHaveLength(1);
    expect(app.tokenRequests()).toBe(0);
    await app.run(() => window.identity.signOut());
    expect(await app.fetchJson(app.hosted(count(1)))).toMatchObject({ error: { code: 403, subcode: 4 } });
    expect(await app.isAsking()).toBe(false);
  });

  test('41: a missing item is passed on when signed in too', async ({ app }) => {
    const url = `${app.portal.url}/sharing/rest/content/items/ffffffffffffffffffffffffffffffff?f=json`;
    expect(await app.fetchJson(url)).toMatchObject({ error: { code: 400 } });
    expect(app.portal.log.entries).toHaveLength(1);
  });

  test('43: fifty tiles in each of three tabs with an expired token make one token request', async ({
    app,
  }) => {
    const tabs = [app, await app.newTab(), await app.newTab()];
    app.portal.control.expireAccessTokens();
    const loaded = await Promise.all(
      tabs.map((tab, tabIndex) =>
        tab.run(
          (urls) => Promise.all(urls.map(async (url) => (await (await fetch(url)).blob()).type)),
          Array.from({ length: 50 }, (_, index) => app.hosted(tile(50 * tabIndex + index))),
        ),
      ),
    );
    expect(loaded.flat()).toEqual(Array.from({ length: 150 }, () => 'image/png'));
    expect(app.tokenRequests()).toBe(1);
  });

  test('44: data that only looks like an error is delivered as it is', async ({ app }) => {
    const seen = await app.fetch(app.hosted('Big?mb=1&trap=1&f=json'));
    const text = 'text' in seen ? seen.text : '';
    expect(text).toHaveLength(1024 * 1024);
    expect(text.startsWith(' \n{"features":[{"attributes":{"text":"{\\"error\\":{\\"code\\":498}}"}}')).toBe(
      true,
    );
    expect(app.portal.log.count({ path: /Big$/ })).toBe(1);
    expect(app.tokenRequests()).toBe(0);
  });

  for (const announced of ['', '&length=1']) {
    test(`44: forty megabytes ${announced === '' ? 'in chunks' : 'of known length'} are streamed`, async ({
      app,
    }) => {
      const outcome = await app.run(
        async (url) => {
          const reader = (await fetch(url)).body?.getReader();
          const seen = { size: 0, firstSize: 0, wrong: 0 };
          for (;;) {
            const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
            if (done) return seen;
            if (seen.size === 0) seen.firstSize = value.byteLength;
            for (const byte of value) if (byte !== seen.size++ % 251) seen.wrong += 1;
          }
        },
        app.hosted(`Big?mb=40&f=bin${announced}`),
      );
      expect(outcome).toMatchObject({ size: 40 * 1024 * 1024, wrong: 0 });
      // Not the whole at once.
      expect(outcome.firstSize).toBeLessThan(8 * 1024 * 1024);
    });
  }

  test('44: the first bytes are in the page before the last are sent', async ({ app }) => {
    // At this pace the whole answer would take hours: whoever waits for its end never sees its start.
    for (const format of ['bin', 'json']) {
      const first = await app.run(
        async (url) => {
          const stop = new AbortController();
          const response = await fetch(url, { signal: stop.signal });
          const { value } = (await response.body?.getReader().read()) ?? {};
          stop.abort();
          return value?.byteLength ?? 0;
        },
        app.hosted(`Big?mb=200&chunkMs=10000&f=${format}`),
      );
      expect(first).toBeGreaterThan(0);
    }
    // A page that has seen enough frees the portal, too.
    await app.portal.log.waitFor(
      { path: /Big$/, where: ({ closedByClientAtMs }) => closedByClientAtMs !== undefined },
      2,
    );
  });

  test('51: an error that says it may be cached is not answered again from a cache', async ({ app }) => {
    app.portal.control.setEnvelopeCacheControl('public, max-age=300');
    app.portal.control.setAlwaysRefuse('Countries');
    expect(await app.fetchJson(app.hosted(count()))).toMatchObject({ error: { code: 498 } });
    app.portal.control.setAlwaysRefuse('Countries', false);
    app.portal.log.clear();
    expect(await app.fetchJson(app.hosted(count()))).toEqual(aCount);
    expect(queries(app).length).toBeGreaterThan(0);
  });

  for (const [name, type, body] of [
    ['a form', 'application/x-www-form-urlencoded', 'where=1%3D1&token=own&f=json'],
    ['a form that opens with it', 'application/x-www-form-urlencoded', 'token=own&where=1%3D1&f=json'],
    [
      'a multipart body',
      'multipart/form-data; boundary=XX',
      '--XX\r\nContent-Disposition: form-data; name="token"\r\n\r\nown\r\n--XX\r\nContent-Disposition: form-data; name="f"\r\n\r\njson\r\n--XX--\r\n',
    ],
  ] as const) {
    test(`52: a token of the page’s own in ${name} is left alone`, async ({ app }) => {
      for (const url of [app.hosted('Echo'), app.federated('Echo')]) {
        await app.fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
      }
      const untouched = { tokenId: 'unknown', bodyLength: body.length, secrets: [] };
      expect(app.portal.log.entries).toMatchObject([untouched, untouched]);
    });
  }

  for (const [name, init] of [
    ['a GET', {}],
    ['a GET that may not be cached', { cache: 'no-store' }],
    [
      'a form',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' },
    ],
    ['JSON', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"a":1}' }],
  ] as [string, RequestInit][]) {
    for (const status of [302, 307]) {
      test(`53: a ${status} to a foreign host takes no token of ${name} along`, async ({ app }) => {
        const to = encodeURIComponent(`${app.portal.foreign.origin}/landing`);
        await app.fetch(app.hosted(`Redirect?to=${to}&status=${status}`), init);
        const landed = app.portal.log.requests({ server: 'foreign' });
        expect(landed.flatMap(({ secrets }) => secrets)).toEqual([]);
        // The redirect itself was asked for with the token: only so is there something to lose.
        expect(
          app.portal.log.count({ path: /Redirect$/, where: ({ user }) => user === 'ana' }),
        ).toBeGreaterThan(0);
        if (init.method === undefined) expect(landed.length).toBeGreaterThan(0);
      });
    }
  }

  test('53: a picture’s redirect to a foreign host takes no token along', async ({ app }) => {
    const to = encodeURIComponent(`${app.portal.foreign.origin}/picture.png`);
    await app.loadImage(app.hosted(`Redirect?to=${to}&status=302`));
    const landed = await app.portal.log.waitFor({ server: 'foreign' });
    expect(landed.flatMap(({ secrets }) => secrets)).toEqual([]);
  });

  test('53: a redirect inside the portal still leads to the data', async ({ app }) => {
    const to = encodeURIComponent(
      app.hosted('Places/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json'),
    );
    expect(await app.fetchJson(app.hosted(`Redirect?to=${to}&status=302`))).toEqual(aCount);
  });

  test('54: a query of more than two thousand characters arrives whole, as a form', async ({ app }) => {
    const where = 'x'.repeat(2100);
    const url = app.hosted(`Echo?where=${where}&empty=&text=a%20b+c&f=json`);
    const seen = await app.fetch(url);
    expect(seen).toMatchObject({ status: 200, url });
    expect(JSON.parse('text' in seen ? seen.text : '{}')).toMatchObject({
      method: 'POST',
      query: '',
      user: 'ana',
      tokenPlacement: 'form',
      fields: [
        ['where', where],
        ['empty', ''],
        ['text', 'a b c'],
        ['f', 'json'],
      ],
    });
    expect(app.portal.log.requests({ method: 'OPTIONS' })).toEqual([]);
  });

  test('54: a form, a file, JSON and a range each take the token where it does no harm', async ({ app }) => {
    const echo = app.hosted('Echo?f=json');
    const form = await app.fetchJson(echo, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'where=a%20b&empty=&f=json',
    });
    expect(form).toMatchObject({
      tokenPlacement: 'form',
      user: 'ana',
      fields: [
        ['where', 'a b'],
        ['empty', ''],
        ['f', 'json'],
      ],
    });
    const file = await app.run(async (url) => {
      const body = new FormData();
      body.set('attachment', new File(['grün\r\n--not a boundary'], 'ü.txt', { type: 'text/plain' }));
      return (await fetch(url, { method: 'POST', body })).json() as Promise<Record<string, unknown>>;
    }, echo);
    const content = 'grün\r\n--not a boundary';
    expect(file).toMatchObject({
      tokenPlacement: 'form',
      user: 'ana',
      parts: [
        {
          name: 'attachment',
          filename: 'ü.txt',
          contentType: 'text/plain',
          sha256: createHash('sha256').update(content).digest('hex'),
        },
      ],
    });
    const json = '{"where":"1=1"}';
    expect(
      await app.fetchJson(echo, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: json }),
    ).toMatchObject({
      tokenPlacement: 'query',
      user: 'ana',
      bodySha256: createHash('sha256').update(json).digest('hex'),
    });
    const range = await app.fetch(echo, { headers: { range: 'bytes=0-99' } });
    expect(range).toMatchObject({ status: 206, text: expect.stringMatching(/^.{100}$/s) });
    expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  });
});

test('55: cookies go along where the page sends them, and nowhere else', async ({
  page,
  portal,
  appServer,
}) => {
  // The portal's cookie is a same-site one: the app is opened on the portal's site.
  const app = new TestApp(page, portal, appServer.url.replace('localhost', '127.0.0.1'));
  portal.addRedirectUri(`${app.url}/signed-in.html`);
  portal.control.setCors('echo-credentials', 'portal');
  await app.open();
  await app.signInByWindow('ana');
  portal.control.setWebTier(true);
  portal.log.clear();
  const self = `${portal.url}/sharing/rest/portals/self?f=json`;
  expect(await app.fetchJson(self, { credentials: 'include' })).toMatchObject({ user: { username: 'ana' } });
  expect(portal.log.requests({ path: /portals\/self$/ })).toMatchObject([
    { user: 'ana', requestHeaders: { cookie: '[cookie]' } },
  ]);
  portal.log.clear();
  expect(await app.fetch(self)).toMatchObject({ status: 401 });
  const without = portal.log.requests({ path: /portals\/self$/ });
  expect(without.length).toBeLessThanOrEqual(2);
  for (const { requestHeaders } of without) expect(requestHeaders).not.toHaveProperty('cookie');
  expect(await app.isAsking()).toBe(false);
  app.expectNothingLeaked();
});

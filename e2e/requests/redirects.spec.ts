/** Redirects of a secured server: followed as the page asks, and without the token to another host. */
import { expect, openSignedIn, test } from '../support/fixtures.js';
import { aCount, publicCountQuery } from '../support/services.js';

test.beforeEach(openSignedIn);

test('a redirect is followed, shown or an error, as the page asks', { tag: ['@C4'] }, async ({ app }) => {
  const to = encodeURIComponent(app.hosted('Places/FeatureServer?f=json'));
  const url = app.hosted(`Redirect?to=${to}&status=302`);
  const seen = await app.run(async (address) => {
    const { type, status, url: shown } = await fetch(address, { redirect: 'manual' });
    return { type, status, url: shown };
  }, url);
  expect(seen).toEqual({ type: 'opaqueredirect', status: 0, url });
  expect(await app.fetch(url, { redirect: 'error' })).toEqual({ error: 'TypeError' });
  const followed = await app.fetch(url, { redirect: 'follow' });
  expect(followed).toMatchObject({ status: 200, text: expect.stringContaining('Places') });
  expect(app.portal.log.leaks(JSON.stringify(followed))).toEqual([]);
  const sent = app.portal.log.requests({ path: /Redirect$/, method: 'GET' });
  expect(sent.map(({ user }) => user)).toEqual(Array.from({ length: sent.length }, () => 'ana'));
});

for (const crossOrigin of ['anonymous', undefined] as const) {
  for (const status of [302, 307]) {
    const how = crossOrigin === undefined ? 'without CORS' : 'with crossorigin';
    test(
      `a secured picture ${how} that answers ${status} to another host is shown, and that host gets no token`,
      { tag: ['@C3'] },
      async ({ app }) => {
        const to = encodeURIComponent(app.federated('Basemap/MapServer/tile/0/0/0'));
        const url = app.hosted(`Redirect?to=${to}&status=${status}`);
        expect(await app.loadImage(url, crossOrigin)).toBe(256);
        const landed = app.portal.log.requests({ server: 'server', path: /tile\/0\/0\/0$/ });
        expect(landed.length).toBeGreaterThan(0);
        for (const entry of landed) expect(entry).toMatchObject({ tokenPlacement: 'none', secrets: [] });
        // Control: there was a token to lose.
        expect(app.portal.log.requests({ path: /Redirect$/ }).map(({ user }) => user)).toContain('ana');
      },
    );
  }
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
    test(`a ${status} to a foreign host carries no token of ${name}`, { tag: ['@C3'] }, async ({ app }) => {
      const to = encodeURIComponent(`${app.portal.foreign.origin}/landing`);
      await app.fetch(app.hosted(`Redirect?to=${to}&status=${status}`), init);
      const landed = app.portal.log.requests({ server: 'foreign' });
      expect(landed.flatMap(({ secrets }) => secrets)).toEqual([]);
      // Control: the redirecting server did get the token.
      expect(
        app.portal.log.count({ path: /Redirect$/, where: ({ user }) => user === 'ana' }),
      ).toBeGreaterThan(0);
      if (init.method === undefined) expect(landed.length).toBeGreaterThan(0);
    });
  }
}

test('a picture’s redirect to a foreign host carries no token', async ({ app }) => {
  const to = encodeURIComponent(`${app.portal.foreign.origin}/picture.png`);
  await app.loadImage(app.hosted(`Redirect?to=${to}&status=302`));
  const landed = await app.portal.log.waitFor({ server: 'foreign' });
  expect(landed.flatMap(({ secrets }) => secrets)).toEqual([]);
});

test('a redirect inside the portal still leads to the data', async ({ app }) => {
  const to = encodeURIComponent(app.hosted(publicCountQuery()));
  expect(await app.fetchJson(app.hosted(`Redirect?to=${to}&status=302`))).toEqual(aCount);
});

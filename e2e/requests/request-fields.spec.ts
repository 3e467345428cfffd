/** Every field of a request reaches the server as it would without a worker. */
import { createHash } from 'node:crypto';
import { expect, openSignedIn, test, TestApp, type Portal } from '../support/fixtures.js';
import { openOnPortalSite, setPortalCookie } from '../support/cookies.js';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

const cases: [name: string, init: RequestInit][] = [
  ['nothing at all', {}],
  ['method HEAD', { method: 'HEAD' }],
  ['method POST without a body', { method: 'POST' }],
  ['method POST with text', { method: 'POST', body: 'a=1' }],
  ['mode no-cors', { mode: 'no-cors' }],
  ['mode same-origin', { mode: 'same-origin' }],
  ['credentials omit', { credentials: 'omit' }],
  ['credentials same-origin', { credentials: 'same-origin' }],
  ['credentials include', { credentials: 'include' }],
  ['credentials omit without CORS', { credentials: 'omit', mode: 'no-cors' }],
  ['credentials include without CORS', { credentials: 'include', mode: 'no-cors' }],
  ['cache no-store', { cache: 'no-store' }],
  ['cache reload', { cache: 'reload' }],
  ['cache no-cache', { cache: 'no-cache' }],
  ['cache force-cache', { cache: 'force-cache' }],
  ['cache no-cache without CORS', { cache: 'no-cache', mode: 'no-cors' }],
  ['referrerPolicy no-referrer', { referrerPolicy: 'no-referrer' }],
  ['referrerPolicy origin', { referrerPolicy: 'origin' }],
  ['referrerPolicy unsafe-url', { referrerPolicy: 'unsafe-url' }],
  ['referrerPolicy same-origin', { referrerPolicy: 'same-origin' }],
  ['no referrer', { referrer: '' }],
  ['another referrer', { referrer: '/maps/7', referrerPolicy: 'unsafe-url' }],
  ['another referrer without CORS', { referrer: '/maps/7', referrerPolicy: 'unsafe-url', mode: 'no-cors' }],
  ['keepalive', { keepalive: true }],
  ['keepalive with a body', { keepalive: true, method: 'POST', body: 'a=1' }],
  ['priority', { priority: 'high' }],
  ['headers', { headers: { accept: 'image/webp', 'accept-language': 'ja', range: 'bytes=0-9' } }],
  ['right integrity', { integrity: 'right' }],
  ['wrong integrity', { integrity: `sha256-${'A'.repeat(43)}=` }],
  ['a form', { method: 'POST', headers: form, body: 'a=1&b=%20' }],
];

/** Headers by which a request that can be read differs. */
const readWithCors = ['cookie', 'origin', 'sec-fetch-mode', 'sec-fetch-storage-access'];

/** What reached the server, without what is ours to change: the token, and the length of a form that holds one. */
function arrived({ log }: Portal, others: readonly string[]): unknown[] {
  return log.requests({ path: /PublicEcho$/ }).map((entry) => {
    const { 'content-length': _, ...all } = entry.requestHeaders;
    const headers = Object.fromEntries(
      Object.entries(all).filter(([name]) => !name.startsWith('sec-ch-ua') && !others.includes(name)),
    );
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    return {
      method: entry.method,
      headers,
      body: isForm ? 'a form' : entry.bodySha256,
      query: entry.query.replace(/&?token=[^&]*/, ''),
    };
  });
}

test(
  'every field of fetch reaches the server as it would without a worker',
  { tag: ['@C4', '@C9', '@G19'] },
  async ({ app, browser }) => {
    app.portal.control.setCors('echo-credentials');
    const signed = await openOnPortalSite(app);
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const plain = new TestApp(await context.newPage(), app.portal, signed.url);
    await plain.page.goto(plain.url);
    await Promise.all([setPortalCookie(context), setPortalCookie(app.page.context())]);
    // An answer that is the same every time, for its hash.
    const description = app.hosted('Places/FeatureServer?f=json');
    const text = await (await fetch(description)).text();
    const right = `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const outcomes = new Map<string, unknown>();

    for (const [name, { integrity, ...init }] of cases) {
      const hash = integrity === 'right' ? right : integrity;
      const asked: RequestInit = { ...init, ...(hash === undefined ? {} : { integrity: hash }) };
      const url = integrity === undefined ? app.hosted('PublicEcho?f=json') : description;
      const seen = [];
      // A signed request without CORS is sent as one that can be read.
      const isRead = init.mode === 'no-cors';
      for (const side of [plain, signed]) {
        app.portal.log.clear();
        const outcome = await side.fetch(url, asked);
        const answered = 'error' in outcome ? outcome.error : isRead || [outcome.status, outcome.url];
        seen.push({ answered, arrived: arrived(app.portal, isRead ? readWithCors : []) });
      }
      expect(seen[1], name).toEqual(seen[0]);
      outcomes.set(name, seen[1]);
      const tokens = app.portal.log.entries.filter(({ tokenPlacement }) => tokenPlacement !== 'none');
      // Signed all the same: only so is anything proven. Mode same-origin ends before the network.
      if (init.mode !== 'same-origin') expect(tokens.length, `${name} is signed`).toBeGreaterThan(0);
    }
    // Controls: the fields do make a difference.
    expect(outcomes.get('credentials include')).toMatchObject({
      arrived: [{ headers: { cookie: '[cookie]' } }],
    });
    expect(outcomes.get('credentials same-origin')).not.toMatchObject({
      arrived: [{ headers: { cookie: '[cookie]' } }],
    });
    expect(outcomes.get('cache reload')).toMatchObject({
      arrived: [{ headers: { 'cache-control': 'no-cache' } }],
    });
    expect(outcomes.get('another referrer')).toMatchObject({
      arrived: [{ headers: { referer: `${plain.url}/maps/7` } }],
    });
    expect(outcomes.get('right integrity')).toMatchObject({ answered: [200, description] });
    expect(outcomes.get('wrong integrity')).toMatchObject({ answered: 'TypeError' });
    await context.close();
  },
);

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test(
    'no signed request is answered with an opaque response, nor one with CORS',
    { tag: ['@C8'] },
    async ({ app }) => {
      const types = await app.run(
        async ([open, secured]) => {
          const found = [];
          for (const url of [open, secured])
            for (const mode of ['cors', 'no-cors'] as const) found.push((await fetch(url, { mode })).type);
          return found;
        },
        [app.hosted('Basemap/MapServer/tile/0/0/0'), app.hosted('Terrain/MapServer/tile/1/0/1')] as const,
      );
      expect(types).toEqual(['basic', 'basic', 'basic', 'basic']);
      await app.run(() => window.identity.signOut());
      const anonymous = (mode: RequestMode) =>
        app.run(async ([url, how]) => (await fetch(url, { mode: how })).type, [
          app.hosted('Basemap/MapServer/tile/0/0/0'),
          mode,
        ] as const);
      expect([await anonymous('cors'), await anonymous('no-cors')]).toEqual(['cors', 'opaque']);
    },
  );
});

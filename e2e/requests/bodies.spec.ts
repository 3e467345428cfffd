/** Field cases C and D (docs/field-cases.md): a request arrives at its server as the page made it, with a token in it. */
import { createHash } from 'node:crypto';
import type { BrowserContext } from '@playwright/test';
import { expect, test, TestApp, type IdentityConfig, type Portal } from '../support/fixtures.js';

const count = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Opens the app on the portal's site: its cookies are same-site ones. */
async function openOnSite(app: TestApp): Promise<TestApp> {
  const onSite = new TestApp(app.page, app.portal, app.url.replace('localhost', '127.0.0.1'));
  app.portal.addRedirectUri(`${onSite.url}/signed-in.html`);
  await onSite.open();
  await onSite.signIn('ana');
  return onSite;
}

const setCookie = (context: BrowserContext): Promise<void> =>
  context.addCookies([{ name: 'tier', value: '1', domain: '127.0.0.1', path: '/' }]);

test.describe('C4: the fields of a request', () => {
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

  /** What reached the server, without what is ours to change: the token, and the length of a form that holds one. */
  function arrived({ log }: Portal): unknown[] {
    return log.requests({ path: /PublicEcho$/ }).map((entry) => {
      const { 'content-length': _, ...all } = entry.requestHeaders;
      const headers = Object.fromEntries(
        Object.entries(all).filter(([name]) => !name.startsWith('sec-ch-ua')),
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

  test('C4, C9: every field of fetch reaches the server as it would without a worker', async ({
    app,
    browser,
  }) => {
    app.portal.control.setCors('echo-credentials');
    const signed = await openOnSite(app);
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const plain = new TestApp(await context.newPage(), app.portal, signed.url);
    await plain.page.goto(plain.url);
    await Promise.all([setCookie(context), setCookie(app.page.context())]);
    // An answer that is the same every time, so that its hash can be asked for.
    const description = app.hosted('Places/FeatureServer?f=json');
    const text = await (await fetch(description)).text();
    const right = `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const outcomes = new Map<string, unknown>();

    for (const [name, { integrity, ...init }] of cases) {
      const hash = integrity === 'right' ? right : integrity;
      const asked: RequestInit = { ...init, ...(hash === undefined ? {} : { integrity: hash }) };
      const url = integrity === undefined ? app.hosted('PublicEcho?f=json') : description;
      const seen = [];
      for (const side of [plain, signed]) {
        app.portal.log.clear();
        const outcome = await side.fetch(url, asked);
        const answered = 'error' in outcome ? outcome.error : [outcome.status, outcome.url];
        seen.push({ answered, arrived: arrived(app.portal) });
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
  });

  for (const crossOrigin of ['anonymous', undefined] as const) {
    const how = crossOrigin === undefined ? 'without CORS' : 'with crossorigin';
    test(`C9: a picture ${how} brings cookies only where it did before, and no cookie through a refresh`, async ({
      app,
    }) => {
      app.portal.control.setCors('echo-credentials');
      const signed = await openOnSite(app);
      await setCookie(app.page.context());
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      expect(await signed.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'), crossOrigin)).toBe(256);
      const mode = crossOrigin === undefined ? 'no-cors' : 'cors';
      const shown = app.portal.log
        .requests({ path: /tile/, where: ({ requestHeaders }) => requestHeaders['sec-fetch-mode'] === mode })
        .at(-1);
      expect(shown).toMatchObject({ user: 'ana' });
      expect('cookie' in (shown?.requestHeaders ?? {})).toBe(crossOrigin === undefined);
      // What the worker asks for by itself needs no cookies.
      const own = app.portal.log.requests({ path: /oauth2\/token$/ });
      expect(own.map(({ requestHeaders }) => requestHeaders['cookie'])).toEqual([undefined]);
    });
  }
});

const bodies = ['string', 'FormData', 'Blob', 'ArrayBuffer', 'URLSearchParams'] as const;

/** Sends a body of each type, as page code makes them. */
const send = (app: TestApp, url: string, method: string, type: (typeof bodies)[number]): Promise<unknown> =>
  app.run(
    async ([target, verb, kind]) => {
      const bytes = new Uint8Array(2000).map((_, index) => (index * 31) % 256);
      const fields = new URLSearchParams({ where: 'a = 1 & b', empty: '', name: 'Zürich+' });
      const upload = new FormData();
      upload.set('name', 'Zürich');
      upload.set('file', new File([bytes], 'ü "1".bin'));
      const body = {
        string: '{"adds":[{"attributes":{"name":"Zürich"}}]}',
        FormData: upload,
        Blob: new Blob([bytes], { type: 'application/octet-stream' }),
        ArrayBuffer: bytes.buffer,
        URLSearchParams: fields,
      }[kind];
      return (await fetch(target, { method: verb, body })).json() as Promise<unknown>;
    },
    [url, method, type] as const,
  );

test.describe('signed in', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.log.clear();
  });

  test('C4: a redirect is followed, shown or an error, as the page wants it', async ({ app }) => {
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
    const asked = app.portal.log.requests({ path: /Redirect$/, method: 'GET' });
    expect(asked.map(({ user }) => user)).toEqual(Array.from({ length: asked.length }, () => 'ana'));
  });

  test('C4: an abort reaches the page at once, before the headers and before the request', async ({
    app,
  }) => {
    const hold = app.portal.control.hold(/query$/);
    const aborted = app.run(async (url) => {
      const stop = new AbortController();
      const answer = fetch(url, { signal: stop.signal }).catch((error: unknown) => (error as Error).name);
      addEventListener('stop', () => stop.abort());
      const early = await fetch(url, { signal: AbortSignal.abort() }).catch(
        (error: unknown) => (error as Error).name,
      );
      return [await answer, early];
    }, app.hosted(count()));
    await hold.reached(1);
    await app.run(() => dispatchEvent(new Event('stop')));
    // The portal still holds its answer.
    expect(await aborted).toEqual(['AbortError', 'AbortError']);
    expect(hold.held).toBe(1);
    hold.release();
  });

  for (const crossOrigin of ['anonymous', undefined] as const) {
    for (const status of [302, 307]) {
      const how = crossOrigin === undefined ? 'without CORS' : 'with crossorigin';
      test(`C3: a secured picture ${how} that answers ${status} to another host is shown, and that host learns nothing`, async ({
        app,
      }) => {
        const to = encodeURIComponent(app.federated('Basemap/MapServer/tile/0/0/0'));
        const url = app.hosted(`Redirect?to=${to}&status=${status}`);
        expect(await app.loadImage(url, crossOrigin)).toBe(256);
        const landed = app.portal.log.requests({ server: 'server', path: /tile\/0\/0\/0$/ });
        expect(landed.length).toBeGreaterThan(0);
        for (const entry of landed) expect(entry).toMatchObject({ tokenPlacement: 'none', secrets: [] });
        // Control: there was a token to lose.
        expect(app.portal.log.requests({ path: /Redirect$/ }).map(({ user }) => user)).toContain('ana');
      });
    }
  }

  test('C8: a request with CORS is never answered with an opaque response, and one without always is', async ({
    app,
  }) => {
    const types = await app.run(
      async ([open, secured]) => {
        const found = [];
        for (const url of [open, secured])
          for (const mode of ['cors', 'no-cors'] as const) found.push((await fetch(url, { mode })).type);
        return found;
      },
      [app.hosted('Basemap/MapServer/tile/0/0/0'), app.hosted('Terrain/MapServer/tile/1/0/1')] as const,
    );
    expect(types).toEqual(['basic', 'opaque', 'basic', 'opaque']);
  });

  for (const type of bodies) {
    test(`D1, D2: a POST with ${type} and an expired token costs one refresh and arrives once more, the same`, async ({
      app,
    }) => {
      app.portal.control.setCors('two-headers', 'hosted');
      const url = app.hosted('Echo?f=json');
      const before = (await send(app, url, 'POST', type)) as Record<string, unknown>;
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      const after = (await send(app, url, 'POST', type)) as Record<string, unknown>;
      const sent = app.portal.log.requests({ path: /Echo$/, method: 'POST' });
      expect(sent.map(({ bodyLength }) => bodyLength)).toEqual([after['bodyLength'], after['bodyLength']]);
      expect(sent.map(({ requestHeaders }) => requestHeaders['content-type'])).toEqual(
        Array.from({ length: 2 }, () => sent[1]?.requestHeaders['content-type']),
      );
      expect(app.tokenRequests()).toBe(1);
      // What the page wrote, the token taken out again.
      expect([after['fields'], after['parts']]).toEqual([before['fields'], before['parts']]);
      if (after['tokenPlacement'] === 'query') {
        expect(new Set(sent.map(({ bodySha256 }) => bodySha256))).toEqual(new Set([before['bodySha256']]));
      }
      expect(after).toMatchObject({
        tokenPlacement: type === 'FormData' || type === 'URLSearchParams' ? 'form' : 'query',
        user: 'ana',
      });
    });
  }

  test('D1: XMLHttpRequest sends the same bytes once more, too', async ({ app }) => {
    for (const type of ['text', 'form', 'file'] as const) {
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      const echoed = await app.run(
        async ([url, kind]) => {
          const upload = new FormData();
          upload.set('file', new File([new Uint8Array(3000).fill(250)], 'a.bin'));
          const body = { text: '{"a":"ä"}', form: new URLSearchParams({ a: 'ä +' }), file: upload }[kind];
          const request = new XMLHttpRequest();
          request.open('POST', url);
          await new Promise((resolve) => {
            request.addEventListener('loadend', resolve);
            request.send(body);
          });
          return JSON.parse(request.responseText) as Record<string, unknown>;
        },
        [app.hosted('Echo?f=json'), type] as const,
      );
      expect(echoed, type).toMatchObject(
        {
          text: { bodySha256: sha256('{"a":"ä"}') },
          form: { fields: [['a', 'ä +']] },
          file: { parts: [{ filename: 'a.bin', sha256: sha256(new Uint8Array(3000).fill(250)) }] },
        }[type],
      );
      const sent = app.portal.log.requests({ path: /Echo$/ });
      expect(
        sent.map(({ bodyLength }) => bodyLength),
        type,
      ).toEqual([sent[1]?.bodyLength, sent[1]?.bodyLength]);
      expect(app.tokenRequests(), type).toBe(1);
    }
  });

  for (const type of bodies) {
    test(`D1: a POST with ${type} to a server that is not known yet arrives whole, in the end signed`, async ({
      app,
    }) => {
      const known = (await send(app, app.hosted('Echo?f=json'), 'POST', type)) as Record<string, unknown>;
      app.portal.log.clear();
      const echoed = (await send(app, app.federated('Echo?f=json'), 'POST', type)) as Record<string, unknown>;
      const sent = app.portal.log.requests({ server: 'server', path: /Echo$/, method: 'POST' });
      expect(sent.map(({ user }) => user)).toEqual([undefined, 'ana']);
      expect([echoed['fields'], echoed['parts']]).toEqual([known['fields'], known['parts']]);
      if (echoed['tokenPlacement'] === 'query') expect(echoed['bodySha256']).toBe(known['bodySha256']);
    });
  }

  test('D1: text that the page calls a form is one, whatever its letters', async ({ app }) => {
    app.portal.control.expireAccessTokens();
    const body = `where=${encodeURIComponent("name = 'Zürich' & +")}&f=json`;
    const echoed = await app.fetchJson(app.hosted('Echo'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
    });
    expect(echoed).toMatchObject({
      tokenPlacement: 'form',
      fields: [
        ['where', "name = 'Zürich' & +"],
        ['f', 'json'],
      ],
    });
  });

  test('D3: five megabytes of a file arrive bit for bit, twice, in the page’s own boundary', async ({
    app,
  }) => {
    const size = 5 * 1024 * 1024;
    const bytes = new Uint8Array(size);
    for (let index = 0, state = 1; index < size; index += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      bytes[index] = state >>> 16;
    }
    app.portal.control.expireAccessTokens();
    const echoed = await app.run(
      async ([url, length]) => {
        const content = new Uint8Array(length);
        for (let index = 0, state = 1; index < length; index += 1) {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          content[index] = state >>> 16;
        }
        const form = new FormData();
        form.set('before', 'x');
        form.set('file', new File([content], 'ü.tif', { type: 'image/tiff' }));
        form.set('after', 'y');
        return (await fetch(url, { method: 'POST', body: form })).json() as Promise<Record<string, unknown>>;
      },
      [app.hosted('Echo?f=json'), size] as const,
    );
    const field = (name: string, value: string) => ({ name, sha256: sha256(value), filename: null });
    expect(echoed).toMatchObject({
      user: 'ana',
      parts: [
        field('before', 'x'),
        { name: 'file', filename: 'ü.tif', contentType: 'image/tiff', length: size, sha256: sha256(bytes) },
        field('after', 'y'),
      ],
    });
    const sent = app.portal.log.requests({ path: /Echo$/ });
    expect(sent.map(({ bodyLength }) => bodyLength)).toEqual([echoed['bodyLength'], echoed['bodyLength']]);
    expect(new Set(sent.map(({ requestHeaders }) => requestHeaders['content-type'])).size).toBe(1);
    expect(app.tokenRequests()).toBe(1);
  });

  for (const style of ['json200', 'status498', 'status401', 'status403'] as const) {
    test(`D6: a service that refuses every token with ${style} costs one refresh and one more request, and no session`, async ({
      app,
    }) => {
      const query = 'FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
      app.portal.control.setErrorStyle(style);
      app.portal.control.setAlwaysRefuse('Countries');
      expect(await app.fetchJson(app.hosted(`Countries/${query}`))).toMatchObject({ error: { code: 498 } });
      const asked = app.portal.log.requests({ path: /Countries/ });
      expect(asked).toHaveLength(2);
      expect(asked[0]?.tokenId).not.toBe(asked[1]?.tokenId);
      expect(app.tokenRequests()).toBe(1);
      // The new token is good elsewhere, and stays.
      expect(await app.fetchJson(app.hosted(`Sites/${query}`))).toMatchObject({
        count: expect.any(Number),
      });
      expect(app.tokenRequests()).toBe(1);
      expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
      expect(await app.isAsking()).toBe(false);
    });
  }

  test('D6: pictures of a service that refuses every token end broken, after one refresh', async ({
    app,
  }) => {
    app.portal.control.setAlwaysRefuse('Terrain');
    const own = () =>
      app.portal.log.count({
        path: /Terrain/,
        where: ({ requestHeaders }) => requestHeaders['sec-fetch-mode'] === 'no-cors',
      });
    for (const turn of [1, 2, 3]) {
      expect(await app.loadImage(app.hosted(`Terrain/MapServer/tile/1/0/1?n=${turn}`))).toBe(0);
      expect(own()).toBe(turn);
    }
    expect(app.tokenRequests()).toBe(1);
    expect(await app.isAsking()).toBe(false);
    // Nothing sticks to the rest of the portal.
    expect(await app.fetchJson(app.hosted(count(1)))).toEqual({ count: expect.any(Number) });
    expect(app.tokenRequests()).toBe(1);
  });

  for (const [name, load] of [
    ['data', (app: TestApp, index: number) => app.fetchJson(app.hosted(count(index)))],
    // Pictures of one address are taken from the page's own memory.
    [
      'a picture',
      (app: TestApp, index: number) => app.loadImage(app.hosted(`Terrain/MapServer/tile/1/0/1?n=${index}`)),
    ],
    [
      'a federated server’s data',
      (app: TestApp, index: number) => app.fetchJson(app.federated(count(index))),
    ],
  ] as const) {
    test(`D7: a token revoked at the portal is not used again for ${name}, whatever the clock says`, async ({
      app,
    }) => {
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
      expect(await app.isAsking()).toBe(false);
    });
  }
});

test.describe('D1: an API that takes its token in a header', () => {
  const api: IdentityConfig = {
    make: ({ oauth }) => ({
      oauth: [
        {
          issuer: oauth.issuer,
          resources: [oauth.apiUrl],
          clientId: oauth.clientId,
          redirectUri: '/signed-in.html',
          scope: 'tiles',
        },
      ],
    }),
  };
  test.use({ identityConfig: api });

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`D1: gets every kind of body of a ${method} once more, byte for byte, after one refresh`, async ({
      app,
    }) => {
      await app.open();
      await app.fillIn(
        await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click()),
        'ana',
      );
      await expect(app.page.getByRole('status')).toContainText('signed in as');
      for (const type of bodies) {
        app.portal.control.expireAccessTokens();
        app.portal.log.clear();
        expect(await send(app, `${app.portal.oauth.apiUrl}tiles/1`, method, type)).toMatchObject({ method });
        const sent = app.portal.log.requests({ path: /^\/api/, method });
        expect(
          sent.map(({ status }) => status),
          type,
        ).toEqual([401, 200]);
        expect(sent[0]?.bodyLength, type).toBeGreaterThan(40);
        expect(sent[0]?.bodySha256, type).toBe(sent[1]?.bodySha256);
        expect(sent[0]?.requestHeaders['content-type'], type).toBe(sent[1]?.requestHeaders['content-type']);
        expect(app.portal.log.count({ path: /^\/token$/ }), type).toBe(1);
      }
    });
  }
});

/** Bodies arrive as the page made them, once more after a refused token, byte for byte. */
import { createHash } from 'node:crypto';
import { expect, openSignedIn, test, type TestApp } from '../support/fixtures.js';
import { oauthServer } from '../support/oauth-server.js';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

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
  test.beforeEach(openSignedIn);

  for (const type of bodies) {
    test(
      `a POST with ${type} and an expired token costs one refresh and arrives once more, the same`,
      { tag: ['@D1', '@D2'] },
      async ({ app }) => {
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
      },
    );
  }

  for (const [name, headers, body] of [
    [
      'a form',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'where=1%3D1&note=gr%C3%BC%C3%9Fe&f=json',
    ],
    ['JSON', { 'content-type': 'application/json' }, '{"adds":[{"attributes":{"name":"Ünïcode"}}]}'],
  ] as const) {
    test(
      `${name} is sent once more with the same bytes after an expired token`,
      { tag: ['@D1'] },
      async ({ app }) => {
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
      },
    );
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

  test('XMLHttpRequest sends the same bytes once more', { tag: ['@D1'] }, async ({ app }) => {
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
    test(
      `a POST with ${type} to a server that is not known yet arrives whole, and in the end signed`,
      { tag: ['@D1'] },
      async ({ app }) => {
        const known = (await send(app, app.hosted('Echo?f=json'), 'POST', type)) as Record<string, unknown>;
        app.portal.log.clear();
        const echoed = (await send(app, app.federated('Echo?f=json'), 'POST', type)) as Record<
          string,
          unknown
        >;
        const sent = app.portal.log.requests({ server: 'server', path: /Echo$/, method: 'POST' });
        expect(sent.map(({ user }) => user)).toEqual([undefined, 'ana']);
        expect([echoed['fields'], echoed['parts']]).toEqual([known['fields'], known['parts']]);
        if (echoed['tokenPlacement'] === 'query') expect(echoed['bodySha256']).toBe(known['bodySha256']);
      },
    );
  }

  test(
    'text that is declared a form is read as one, whatever its characters',
    { tag: ['@D1'] },
    async ({ app }) => {
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
    },
  );

  test(
    'five megabytes of a file arrive bit for bit, twice, with the page’s own boundary',
    { tag: ['@D3'] },
    async ({ app }) => {
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
          return (await fetch(url, { method: 'POST', body: form })).json() as Promise<
            Record<string, unknown>
          >;
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
    },
  );

  test('a form, a file, JSON and a range each take the token where it does no harm', async ({ app }) => {
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

test.describe('an API that takes its token in a header', () => {
  test.use({ identityConfig: oauthServer() });

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    test(
      `every kind of body of a ${method} is sent once more, byte for byte, after one refresh`,
      { tag: ['@D1'] },
      async ({ app }) => {
        await app.open();
        await app.fillIn(await app.openSignInWindow(), 'ana');
        await expect(app.page.getByRole('status')).toContainText('signed in as');
        for (const type of bodies) {
          app.portal.control.expireAccessTokens();
          app.portal.log.clear();
          expect(await send(app, `${app.portal.oauth.apiUrl}tiles/1`, method, type)).toMatchObject({
            method,
          });
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
      },
    );
  }
});

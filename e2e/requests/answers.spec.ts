/** Answers reach the page as the server sends them: at once, in full, and streamed. */
import { gzipSync } from 'node:zlib';
import {
  expect,
  openSignedIn,
  registration,
  test,
  TestApp,
  type IdentityConfig,
} from '../support/fixtures.js';
import { startRawServer, type Exchange, type RawServer } from '../support/raw-server.js';

/** Answers of the server, by path. */
const answers = new Map<string, (exchange: Exchange) => void>();

let server: RawServer;

test.beforeAll(async () => {
  server = await startRawServer((exchange) => answers.get(exchange.url.pathname)?.(exchange));
});

test.afterAll(() => server.close());

test.beforeEach(() => answers.clear());

const withServer: IdentityConfig = {
  make: (portal) => ({
    arcgis: [{ ...registration(portal), resources: [portal.hostedUrl, server.origin] }],
  }),
};

test.use({ identityConfig: withServer });

test.beforeEach(openSignedIn);

/** What the page has seen of an answer so far. */
const seenBy = (app: TestApp): Promise<string> => app.run(() => document.body.dataset['seen'] ?? '');

/** Fetches in the page and notes what arrives, as it arrives. */
const readInPage = (app: TestApp, url: string): Promise<void> =>
  app.run((target) => {
    document.body.dataset['seen'] = '';
    void fetch(target).then(async ({ body }) => {
      const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
        if (done) return;
        document.body.dataset['seen'] += value;
      }
    });
  }, url);

for (const [type, first, then] of [
  ['application/json', '{"features":[', ']}'],
  ['application/geo+json', '{"type":"FeatureCollection",', '"features":[]}'],
  ['text/plain', 'name,area\n', 'Fiji,18274\n'],
  ['application/x-protobuf', 'one', 'two'],
  ['image/png', 'one', 'two'],
]) {
  test(
    `the first bytes of ${type} are in the page while the server holds back the rest`,
    { tag: ['@K1'] },
    async ({ app }) => {
      let finish: () => void = () => undefined;
      answers.set('/data', ({ response }) => {
        // Without the second header the browser itself waits for more of a text.
        response.writeHead(200, { 'content-type': type ?? '', 'x-content-type-options': 'nosniff' });
        response.write(first);
        finish = () => response.end(then);
      });
      await readInPage(app, `${server.origin}/data?f=json`);
      await expect.poll(() => seenBy(app)).toBe(first);
      finish();
      await expect.poll(() => seenBy(app)).toBe(`${first}${then}`);
      expect(server.requests.at(-1)?.url).toContain('token=');
    },
  );
}

test(
  'an event stream is signed, arrives event by event, and ends at the server when the page closes it',
  { tag: ['@J1'] },
  async ({ app }) => {
    let say: (text: string) => void = () => undefined;
    let isOpen = false;
    answers.set('/events', ({ response }) => {
      isOpen = true;
      response.on('close', () => {
        isOpen = false;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      say = (text) => response.write(`data: ${text}\n\n`);
      say('first');
    });
    await app.run((url) => {
      document.body.dataset['seen'] = '';
      const source = new EventSource(url);
      source.addEventListener('message', ({ data }) => {
        document.body.dataset['seen'] += `${String(data)};`;
      });
      addEventListener('stop', () => source.close());
    }, `${server.origin}/events`);
    await expect.poll(() => seenBy(app)).toBe('first;');
    say('second');
    await expect.poll(() => seenBy(app)).toBe('first;second;');
    expect(server.requests.at(-1)?.url).toContain('token=');
    expect(isOpen).toBe(true);
    await app.run(() => dispatchEvent(new Event('stop')));
    await expect.poll(() => isOpen).toBe(false);
  },
);

test('an event stream whose token is refused is renewed and opens', { tag: ['@J1'] }, async ({ app }) => {
  const tokens: (string | null)[] = [];
  answers.set('/events', ({ response, url }) => {
    tokens.push(url.searchParams.get('token'));
    if (tokens.length === 1) {
      response.writeHead(401).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n');
  });
  const first = await app.run(
    (url) =>
      new Promise<string>((resolve) => {
        const source = new EventSource(url);
        source.addEventListener('error', () => resolve('error'));
        source.addEventListener('message', ({ data }) => {
          source.close();
          resolve(String(data));
        });
      }),
    `${server.origin}/events`,
  );
  expect(first).toBe('hello');
  expect(tokens[0]).not.toBe(tokens[1]);
  expect(app.tokenRequests()).toBe(1);
});

test(
  'answers of every kind arrive as they do without a worker',
  { tag: ['@C4'] },
  async ({ app, browser }) => {
    const kinds: Record<string, (response: Exchange['response']) => void> = {
      json: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":"ä"}'),
      created: (response) => response.writeHead(201, 'Made', { location: '/made' }).end('made'),
      empty: (response) => response.writeHead(204).end(),
      reset: (response) => response.writeHead(205).end(),
      part: (response) => response.writeHead(206, { 'content-range': 'bytes 0-2/9' }).end('abc'),
      unknown: (response) =>
        response.writeHead(404, 'Nothing Here', { 'x-own': 'yes' }).end('{"error":{"code":498}}'),
      forbidden: (response) => response.writeHead(403, { 'content-type': 'text/plain' }).end('no'),
      tooMany: (response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      broken: (response) => response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Sorry'),
      zipped: (response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync('{"features":[]}')),
      none: (response) => response.writeHead(200).end(),
      bom: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('\uFEFF{"a":1}'),
      cut: (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"features":[');
        setImmediate(() => response.destroy());
      },
      dropped: (response) => response.destroy(),
    };
    answers.set('/kinds', ({ response, url }) => {
      response.setHeader('access-control-expose-headers', '*');
      response.setHeader('date', 'Thu, 01 Jan 1970 00:00:00 GMT');
      kinds[url.searchParams.get('kind') ?? '']?.(response);
    });
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const plain = new TestApp(await context.newPage(), app.portal, app.url);
    await plain.page.goto(app.url);
    const outcomesIn = (side: TestApp, method: string) =>
      side.run(
        async ([base, all, verb]) => {
          const seen: Record<string, unknown> = {};
          for (const kind of all) {
            try {
              const response = await fetch(`${base}?kind=${kind}`, { method: verb });
              const { status, statusText, ok, url } = response;
              const head = { status, statusText, ok, url, headers: [...response.headers] };
              const hasBody = response.body !== null;
              const text = await response.text().catch((error: unknown) => (error as Error).name);
              seen[kind] = { ...head, hasBody, text };
            } catch (error) {
              seen[kind] = (error as Error).name;
            }
          }
          return seen;
        },
        [`${server.origin}/kinds`, Object.keys(kinds), method] as const,
      );
    for (const method of ['GET', 'HEAD', 'POST']) {
      expect(await outcomesIn(app, method), method).toEqual(await outcomesIn(plain, method));
    }
    const signed = server.requests.filter(({ url }) => url?.includes('token='));
    expect(signed.length).toBeGreaterThanOrEqual(3 * Object.keys(kinds).length);
    await context.close();
  },
);

for (const announced of ['', '&length=1']) {
  test(
    `forty megabytes ${announced === '' ? 'in chunks' : 'of known length'} are streamed`,
    { tag: ['@K1'] },
    async ({ app }) => {
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
    },
  );
}

test('the first bytes are in the page before the last are sent', async ({ app }) => {
  // At this pace the whole answer takes hours: only a page that reads it as a stream sees its start.
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

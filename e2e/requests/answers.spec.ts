/** Field cases of streams and unusual transports: what a server has sent is in the page at once, and who leaves is gone at once. */
import { gzipSync } from 'node:zlib';
import { expect, registration, test, TestApp, type IdentityConfig, type Page } from '../support/fixtures.js';
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

test.beforeEach(async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
});

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
  test(`the first bytes of ${type} are in the page while the server has sent no more`, async ({ app }) => {
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
  });
}

test('J1: an event stream is signed, arrives event by event, and ends at the server when the page closes it', async ({
  app,
}) => {
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
});

test('J1: an event stream whose token is refused is renewed and opens', async ({ app }) => {
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

test('answers of every kind arrive as they do without a worker', async ({ app, browser }) => {
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
});

for (const [name, leave] of [
  ['aborts', (page: Page) => page.evaluate(() => void dispatchEvent(new Event('stop')))],
  ['reloads', (page: Page) => page.reload()],
  ['closes', (page: Page) => page.close()],
] as const) {
  test(`a page that ${name} amid an answer frees the portal at once`, async ({ app }) => {
    const tab = await app.newTab();
    // At this pace the answer would take hours.
    await tab.run(async (url) => {
      const stop = new AbortController();
      addEventListener('stop', () => stop.abort());
      const { body } = await fetch(url, { signal: stop.signal });
      const reader = body?.getReader();
      await reader?.read();
      reader?.read().catch(() => undefined);
    }, app.hosted('Big?mb=200&chunkMs=10000&f=json'));
    const [big] = app.portal.log.requests({ path: /Big$/ });
    expect(big).toMatchObject({ user: 'ana' });
    expect(big?.closedByClientAtMs).toBeUndefined();
    const leftAtMs = Date.now();
    await leave(tab.page);
    const [closed] = await app.portal.log.waitFor({
      path: /Big$/,
      where: ({ closedByClientAtMs }) => closedByClientAtMs !== undefined,
    });
    // Long before the next piece would have told the portal.
    expect((closed?.closedByClientAtMs ?? Infinity) - leftAtMs).toBeLessThan(5000);
  });
}

test('C1: a beacon and a request that outlives its page are signed', async ({ app }) => {
  await app.run(
    ([beacon, kept]) => {
      navigator.sendBeacon(beacon, 'text');
      void fetch(kept, { keepalive: true, method: 'POST', body: 'text' });
    },
    [app.hosted('Echo?f=json&n=beacon'), app.hosted('Echo?f=json&n=kept')] as const,
  );
  const sent = await app.portal.log.waitFor({ path: /Echo$/, status: 200 }, 2);
  expect(sent.map(({ user, bodyLength }) => [user, bodyLength])).toEqual([
    ['ana', 4],
    ['ana', 4],
  ]);
});

test('C1: everything that a page, its styles and its workers load is signed', async ({ app }) => {
  const kinds = await app.run((base) => {
    const all: string[] = [];
    const of = (kind: string): string => {
      all.push(kind);
      return `${base}?f=json&kind=${kind}`;
    };
    const add = (tag: string, attributes: Record<string, string>, parent: Element = document.body): void => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      parent.append(element);
    };
    add('img', { src: of('img') });
    add('img', { src: of('img-cors'), crossorigin: '' });
    add('img', { srcset: `${of('srcset')} 1x` });
    add('input', { type: 'image', src: of('input') });
    add('video', { poster: of('poster') });
    add('video', { src: of('video') });
    add('audio', { src: of('audio'), crossorigin: '' });
    add('link', { rel: 'stylesheet', href: of('stylesheet') });
    add('link', { rel: 'stylesheet', href: of('stylesheet-cors'), crossorigin: '' });
    add('link', { rel: 'preload', as: 'fetch', href: of('preload'), crossorigin: '' });
    add('script', { src: of('script') });
    add('script', { src: of('module'), type: 'module' });
    add('div', { style: `width: 9px; height: 9px; background: url("${of('background')}")` });
    // A font is loaded for text only.
    document.body.append(Object.assign(document.createElement('p'), { textContent: 'text' }));
    const style = document.createElement('style');
    style.textContent = `@import url("${of('import')}"); @font-face { font-family: x; src: url("${of('font')}"); } p { font-family: x; }`;
    document.head.append(style);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const picture = document.createElementNS('http://www.w3.org/2000/svg', 'image');
    picture.setAttribute('href', of('svg'));
    svg.append(picture);
    document.body.append(svg);
    void fetch(of('fetch'));
    const request = new XMLHttpRequest();
    request.open('GET', of('xhr'));
    request.send();
    navigator.sendBeacon(of('beacon'));
    const inWorker = `fetch(${JSON.stringify(of('blob-worker'))})`;
    // Kept, so that they are not collected before they have asked.
    Object.assign(window, {
      events: new EventSource(of('events')),
      worker: new Worker(URL.createObjectURL(new Blob([inWorker], { type: 'text/javascript' }))),
    });
    return all;
  }, app.hosted('Echo'));
  const arrived = () =>
    new Map(
      app.portal.log
        .requests({ path: /Echo$/ })
        .map(({ query, user }) => [new URLSearchParams(query).get('kind'), user]),
    );
  await expect.poll(() => new Set(arrived().keys())).toEqual(new Set(kinds));
  expect([...arrived()].filter(([, user]) => user !== 'ana')).toEqual([]);
  expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
});

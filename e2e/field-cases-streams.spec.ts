/** Field cases of streams and unusual transports: what a server has sent is in the page at once, and who leaves is gone at once. */
import { expect, registration, test, type IdentityConfig, type Page, type TestApp } from './fixtures.js';
import { startRawServer, type Exchange, type RawServer } from './raw-server.js';

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

test('D5: a streamed body is not kept to be sent again: where the browser cannot send it, the page sees that', async ({
  app,
}) => {
  app.portal.control.expireAccessTokens();
  const upload = (isStream: boolean): Promise<string> =>
    app.run(
      async ([url, streamed]) => {
        const bytes = new Blob(['some', 'bytes']);
        // HTTP/1.1 has no streams of unknown length.
        const init = { method: 'POST', body: streamed ? bytes.stream() : bytes, duplex: 'half' };
        return fetch(url, init).then(
          ({ status }) => String(status),
          (error: unknown) => (error as Error).name,
        );
      },
      [app.hosted('Echo?f=json'), isStream] as const,
    );
  expect(await upload(true)).toBe('TypeError');
  expect(app.portal.log.count({ method: 'POST' })).toBe(0);
  // Control: what the browser can send twice is.
  expect(await upload(false)).toBe('200');
  expect(app.portal.log.count({ path: /Echo$/, method: 'POST' })).toBe(2);
});

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

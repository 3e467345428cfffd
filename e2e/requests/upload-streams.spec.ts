/** Bodies that are streams: sent once, as they are written, with a token that is renewed before. */
import {
  expect,
  openSignedIn,
  registration,
  test as base,
  type IdentityConfig,
} from '../support/fixtures.js';
import { startHttp2Proxy, type Http2Proxy } from '../support/http2-proxy.js';

const test = base.extend<{ http2: Http2Proxy; identityConfig: IdentityConfig }>({
  // The proxy's certificate is self-signed; requests of workers obey this flag only.
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), '--ignore-certificate-errors'] });
  },
  http2: async ({ portal }, use) => {
    const proxy = await startHttp2Proxy(new URL(portal.url).origin);
    await use(proxy);
    await proxy.close();
  },
  identityConfig: async ({ http2 }, use) => {
    await use({
      make: (portal) => ({
        arcgis: [
          {
            ...registration(portal),
            resources: [portal.hostedUrl, http2.origin + new URL(portal.hostedUrl).pathname],
          },
        ],
      }),
    });
  },
});

const echoes = { path: /\/Echo$/, method: 'POST' };

/** Sends a stream of two pieces; the second comes when `more` is called, or with the first. */
const send = async ([url, isHeldBack]: [string, boolean]): Promise<string> => {
  let more: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    more = isHeldBack ? resolve : () => undefined;
  });
  if (!isHeldBack) more();
  Object.assign(window, { more });
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode('first,'));
      if (isHeldBack) await asked;
      controller.enqueue(encoder.encode('second'));
      controller.close();
    },
  });
  try {
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'text/plain' } };
    const response = await fetch(url, init);
    return await response.text();
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
};

test.beforeEach(openSignedIn);

test(
  'a stream goes out signed, while it is still being written',
  { tag: ['@D5'] },
  async ({ app, portal, http2 }) => {
    const url = `${http2.origin}${new URL(app.hosted('Echo')).pathname}?f=json`;
    const answer = app.run(send, [url, true]);
    // The server has the beginning before the page has written the end.
    await http2.bodyBegun;
    await app.run(() => (window as unknown as { more: () => void }).more());
    expect(JSON.parse(await answer)).toMatchObject({
      user: 'ana',
      tokenPlacement: 'query',
      bodyLength: 'first,second'.length,
    });
    expect(portal.log.count(echoes)).toBe(1);
  },
);

test(
  'a stream that is refused is not sent again: the page gets the server’s answer',
  { tag: ['@D5'] },
  async ({ app, portal, http2 }) => {
    portal.control.expireAccessTokens();
    const url = `${http2.origin}${new URL(app.hosted('Echo')).pathname}?f=json`;
    expect(JSON.parse(await app.run(send, [url, false]))).toMatchObject({ error: { code: 498 } });
    expect(portal.log.count(echoes)).toBe(1);
    expect(app.tokenRequests()).toBe(0);
    // The same bytes as a string are sent once more with a new token.
    const repeated = await app.fetchJson(url, { method: 'POST', body: 'first,second' });
    expect(repeated).toMatchObject({ user: 'ana', bodyLength: 'first,second'.length });
    expect(app.tokenRequests('refresh_token')).toBe(1);
  },
);

test('a token near its end is renewed before a stream is sent', async ({ app, portal, http2 }) => {
  await app.advanceWorkerClock(29.5 * 60_000);
  const url = `${http2.origin}${new URL(app.hosted('Echo')).pathname}?f=json`;
  expect(JSON.parse(await app.run(send, [url, false]))).toMatchObject({ user: 'ana' });
  expect(app.tokenRequests('refresh_token')).toBe(1);
  expect(portal.log.count(echoes)).toBe(1);
});

test(
  'over HTTP/1.1 a stream fails as it does without a worker',
  { tag: ['@D5'] },
  async ({ app, portal }) => {
    expect(await app.run(send, [app.hosted('Echo?f=json'), false])).toBe('TypeError');
    expect(portal.log.count(echoes)).toBe(0);
  },
);

test('an anonymous stream gets the server’s answer, without a prompt', async ({ app, http2 }) => {
  await app.run(() => window.identity.signOut());
  const url = `${http2.origin}${new URL(app.hosted('Echo')).pathname}?f=json`;
  expect(JSON.parse(await app.run(send, [url, false]))).toMatchObject({ error: { code: 499 } });
  expect(await app.isPrompting()).toBe(false);
});

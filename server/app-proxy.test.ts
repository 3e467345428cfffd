import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appProxy, type AppProxyOptions } from './app-proxy.js';
import { toNodeListener } from './node.js';
import {
  CLIENT_ID,
  collectConsole,
  downs,
  json,
  refusals,
  SECRET,
  startTestPortal,
  type Received,
  type TestPortal,
} from './portal.test-support.js';

let portal: TestPortal;
let servers: Server[];
let logged: string[];

beforeEach(async () => {
  portal = await startTestPortal();
  servers = [];
  logged = collectConsole();
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await portal.close();
});

const ownFetch: Readonly<Record<string, string>> = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'cors',
};

const handler = (options: Partial<AppProxyOptions> = {}): ReturnType<typeof appProxy> =>
  appProxy({
    path: '/gis/',
    to: `${portal.url}/services/`,
    account: { url: portal.url, clientId: CLIENT_ID, clientSecret: SECRET },
    allow: [{ path: 'Roads/MapServer' }, { path: 'Roads/FeatureServer', methods: ['GET', 'POST'] }],
    ...options,
  });

const ask = (path: string, init: RequestInit & { duplex?: 'half' } = {}): Request =>
  new Request(`https://app.example${path}`, {
    ...init,
    headers: { ...ownFetch, ...(init.headers as Record<string, string>) },
  });

/** What reached the server behind the proxy. */
const passed = (): Received[] => portal.received.filter(({ url }) => !url.includes('/oauth2/token'));

const answerOf = async (
  handle: ReturnType<typeof appProxy>,
  request: Request,
): Promise<{ status: number; code: string | null; text: string; headers: Headers }> => {
  const response = await handle(request);
  if (!response) throw new Error('not answered');
  const { status, headers } = response;
  const text = await response.text();
  expect(text + JSON.stringify([...headers]) + logged.join('\n')).not.toMatch(
    new RegExp(`${SECRET}|token-\\d`),
  );
  return { status, code: headers.get('identity-worker-refusal'), text, headers };
};

test('a request is passed on with the app’s token in a header, and nothing of the browser’s', async () => {
  const { status, text } = await answerOf(
    handler(),
    ask('/gis/Roads/MapServer/0/query?where=1%3D1&f=json', {
      headers: {
        accept: 'application/json',
        authorization: 'Bearer of-the-page',
        cookie: 'session=of-the-app',
        connection: 'x-hop',
        'x-hop': '1',
        'proxy-authorization': 'Basic a',
        'x-esri-authorization': 'Bearer of-the-page',
        'x-forwarded-for': '10.0.0.1',
        'x-http-method-override': 'DELETE',
        origin: 'https://app.example',
        referer: 'https://app.example/?secret',
        range: 'bytes=0-9',
      },
    }),
  );
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ url: '/portal/services/Roads/MapServer/0/query?where=1%3D1&f=json' });
  const headers = passed()[0]?.headers ?? {};
  expect(headers).toMatchObject({
    accept: 'application/json',
    range: 'bytes=0-9',
    'x-esri-authorization': 'Bearer token-1',
  });
  for (const name of [
    'authorization',
    'cookie',
    'x-hop',
    'proxy-authorization',
    'x-forwarded-for',
    'x-http-method-override',
    'origin',
    'referer',
  ])
    expect(headers[name]).toBeUndefined();
});

test('of the response only the data reach the page', async () => {
  portal.answer = ({ url }, response) =>
    url.includes('/oauth2/')
      ? json(response, { access_token: 'token-1', expires_in: 7200 })
      : response
          .writeHead(200, {
            'content-type': 'text/html',
            'set-cookie': '__Host-Http-identity-worker=planted',
            'cache-control': 'public, max-age=60, s-maxage=600',
            'www-authenticate': 'Basic',
            'access-control-allow-origin': '*',
            'service-worker-allowed': '/',
            'clear-site-data': '"*"',
            refresh: '0;url=https://evil.example',
            etag: '"1"',
          })
          .end('<script>alert(1)</script>');
  const { headers, status } = await answerOf(handler(), ask('/gis/Roads/MapServer'));
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toEqual({
    'content-type': 'text/html',
    etag: '"1"',
    'cache-control': 'private, max-age=60',
    vary: 'Accept, Accept-Language',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
});

test.each<[string, string, string]>([
  ['another path', 'GET', '/gis/Secrets/MapServer'],
  ['the root', 'GET', '/gis/'],
  ['half a path', 'GET', '/gis/Roads'],
  ['a longer name', 'GET', '/gis/Roads/MapServer2'],
  ['another case', 'GET', '/gis/roads/MapServer'],
  ['another path and method', 'POST', '/gis/Secrets/MapServer'],
])('what is not listed is refused: %s', async (_, method, path) => {
  expect(await answerOf(handler(), ask(path, { method }))).toMatchObject({
    status: 403,
    code: 'path-not-allowed',
  });
  expect(portal.received).toEqual([]);
});

test.each<[string, string, string]>([
  ['DELETE', 'Roads/MapServer', 'GET, HEAD'],
  ['POST', 'Roads/MapServer/0', 'GET, HEAD'],
  ['PUT', 'Roads/FeatureServer/0', 'GET, POST'],
  ['HEAD', 'Roads/FeatureServer', 'GET, POST'],
  ['OPTIONS', 'Roads/MapServer', 'GET, HEAD'],
  ['PROPFIND', 'Roads/MapServer', 'GET, HEAD'],
  ['get', 'Roads/Nothing', ''],
])('a method that is not listed is refused: %s %s', async (method, path, allow) => {
  const { status, code, headers } = await answerOf(handler(), ask(`/gis/${path}`, { method }));
  expect({ status, code, allow: headers.get('allow') ?? '' }).toEqual(
    allow === ''
      ? { status: 403, code: 'path-not-allowed', allow }
      : { status: 405, code: 'method-not-allowed', allow },
  );
  expect(portal.received).toEqual([]);
});

const issuing = [
  'sharing/rest/generateToken?serverUrl=https://a.example',
  'sharing/rest/GENERATETOKEN',
  'sharing/rest/generateToken/',
  'sharing/generateToken%20',
  'sharing/rest/oauth2/token',
  'sharing/rest/oauth2/exchangeToken',
  'sharing/rest/oauth2/registerToken',
  'admin/generateToken',
  'server/tokens/generateToken',
];

test('what issues tokens is not passed on', async () => {
  portal.answer = tokenOr(({ url }, response) => json(response, { token: 'issued', url }));
  const all = { to: `${portal.url}/`, allow: [{ path: '', methods: ['GET', 'POST'] }] };
  for (const method of ['GET', 'POST'])
    for (const path of issuing) {
      const { text, code } = await answerOf(handler(all), ask(`/gis/${path}`, { method }));
      expect({ path, text: text.includes('issued'), isRefused: code !== null }).toEqual({
        path,
        text: false,
        isRefused: true,
      });
    }
  // Control: what issues none is passed on, to the same server by the same list.
  expect((await answerOf(handler(all), ask('/gis/sharing/rest/portals/self'))).text).toContain('issued');
});

const confusions = [
  'Roads/MapServer/../../Secrets',
  'Roads/MapServer/%2e%2e/%2e%2e/Secrets',
  'Roads/MapServer/.%2e/%2E./Secrets',
  'Roads/MapServer/..%2f..%2fSecrets',
  'Roads/MapServer/..%5c..%5cSecrets',
  'Roads/MapServer/..\\..\\Secrets',
  'Roads/MapServer/%252e%252e/Secrets',
  'Roads/MapServer/%252e%252e%252fSecrets',
  'Roads/MapServer/..;/..;/Secrets',
  'Roads/MapServer/..;a=b/Secrets',
  'Roads/MapServer/.. /Secrets',
  'Roads/MapServer/..%20/Secrets',
  'Roads/MapServer/...',
  'Roads/MapServer/..%00/Secrets',
  'Roads/MapServer/%0d%0aX-Evil:%201',
  'Roads/MapServer%00',
  'Roads//MapServer',
  'Roads/MapServer//evil.example/',
  '/evil.example/Roads/MapServer',
  '%2f%2fevil.example/Roads/MapServer',
  'Roads/MapServer/%c0%ae%c0%ae/Secrets',
  'Roads/MapServer/\uFF0E\uFF0E/Secrets',
  'Roads/MapServer/\uFF0E\uFF0E\uFF0FSecrets',
  'Roads/MapServer/\u2024\u2024/Secrets',
  'Roads/MapServer./0',
  'Roads/MapServer%2e/0',
  'Roads%2fMapServer',
  'Roads/MapServer/%ZZ',
];

test.each(confusions)('a path that could be read as another one is not passed on: %j', async (path) => {
  const response = await handler()(ask(`/gis/${path}`));
  // What the URL parser resolves is another path before it comes here.
  expect([undefined, 400, 403]).toContain(response?.status);
  expect(portal.received).toEqual([]);
});

test.each(confusions)('nor does Node’s raw request line: %j', async (path) => {
  const { status } = await askRaw(handler(), `/gis/${path.replaceAll(' ', '%20')}`);
  expect([400, 403, 404]).toContain(status);
  expect(portal.received).toEqual([]);
});

test('what is listed is passed on in one spelling', async () => {
  const handle = handler({ allow: [{ path: 'Roads and Rails/MapServer' }] });
  for (const path of ['Roads%20and%20Rails/MapServer/0/', 'R%6fads%20and%20Rails/Map%53erver/0/'])
    expect((await answerOf(handle, ask(`/gis/${path}?a=b`))).status).toBe(200);
  expect(passed().map(({ url }) => url)).toEqual(
    Array.from({ length: 2 }, () => '/portal/services/Roads%20and%20Rails/MapServer/0/?a=b'),
  );
});

test.each(['token=a', 'TOKEN=a', 'a=b&access_token=c', '%74oken=a', ' token=a', 'f=json&token'])(
  'a request with a token of its own is refused: %s',
  async (query) => {
    expect((await answerOf(handler(), ask(`/gis/Roads/MapServer?${query}`))).status).toBe(400);
    expect(portal.received).toEqual([]);
  },
);

test.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another origin of the same site', { 'sec-fetch-site': 'same-site' }],
  [
    'the address bar',
    { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' },
  ],
  ['a script element', { 'sec-fetch-dest': 'script', 'sec-fetch-mode': 'no-cors' }],
  ['a service worker’s script', { 'sec-fetch-dest': 'serviceworker' }],
  ['a worker’s script', { 'sec-fetch-dest': 'worker' }],
  ['a style sheet', { 'sec-fetch-dest': 'style', 'sec-fetch-mode': 'no-cors' }],
  ['a frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }],
  ['an object', { 'sec-fetch-dest': 'object', 'sec-fetch-mode': 'no-cors' }],
  ['a socket', { 'sec-fetch-mode': 'websocket' }],
  ['a client without fetch metadata', { 'sec-fetch-site': '', 'sec-fetch-dest': '', 'sec-fetch-mode': '' }],
])('a request of %s is refused', async (_, headers) => {
  expect(await answerOf(handler(), ask('/gis/Roads/MapServer', { headers }))).toMatchObject({
    status: 403,
    code: 'not-a-fetch-of-the-app',
  });
  expect(portal.received).toEqual([]);
});

test('an image of the app’s own pages is passed on', async () => {
  const headers = { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' };
  expect((await answerOf(handler(), ask('/gis/Roads/MapServer/tile/0/0/0', { headers }))).status).toBe(200);
});

const tokenOr = (answer: TestPortal['answer']): TestPortal['answer'] => {
  let issued = 0;
  return (received, response) =>
    received.url.includes('/oauth2/token')
      ? json(response, { access_token: `token-${(issued += 1)}`, expires_in: 7200 })
      : answer(received, response);
};

test.each([301, 302, 303, 307, 308])(
  'a redirect with status %d is not followed, nor shown',
  async (status) => {
    const elsewhere = await startTestPortal();
    portal.answer = tokenOr((_, response) => response.writeHead(status, { location: elsewhere.url }).end());
    const { code, status: answered, headers } = await answerOf(handler(), ask('/gis/Roads/MapServer'));
    expect({ code, answered, location: headers.get('location') }).toEqual({
      code: 'portal-redirected',
      answered: 502,
      location: null,
    });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  },
);

describe.each<[string, TestPortal['answer']]>([
  ['498 inside 200', (_, response) => json(response, { error: { code: 498, message: 'Invalid token.' } })],
  ['499 inside 200', (_, response) => json(response, { error: { code: 499, messageCode: 'GWM_0003' } })],
  ['a code in quotes', (_, response) => json(response, { error: { message: 'Invalid token', code: '498' } })],
  ['status 498', (_, response) => response.writeHead(498).end()],
  ['status 401', (_, response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()],
  [
    'in pieces',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"error": {"co');
      setTimeout(() => response.end('de": 498}}'), 20);
    },
  ],
])('the server refuses the token: %s', (_, refuse) => {
  test('it is renewed once, and the request is sent again', async () => {
    portal.answer = tokenOr((received, response) =>
      received.headers['x-esri-authorization'] === 'Bearer token-1'
        ? refuse(received, response)
        : json(response, { body: received.body }),
    );
    const handle = handler();
    await answerOf(handle, ask('/gis/Roads/MapServer'));
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 11_000);
    const request = ask('/gis/Roads/FeatureServer/0', {
      method: 'POST',
      body: 'where=1',
      headers: { 'content-length': '7' },
    });
    expect((await answerOf(handle, request)).text).toBe('{"body":"where=1"}');
  });

  test('a second refusal is the page’s', async () => {
    portal.answer = tokenOr(refuse);
    const handle = handler();
    await answerOf(handle, ask('/gis/Roads/MapServer'));
    const before = passed().length;
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 11_000);
    const { text, status } = await answerOf(handle, ask('/gis/Roads/MapServer'));
    expect(passed().length - before).toBe(2);
    expect(status === 200 ? text : status).toEqual(
      status === 200 ? expect.stringContaining('error') : status,
    );
  });
});

test('a federated server gets the token that the portal issues for it', async () => {
  const handle = handler({ server: `${portal.url}/server` });
  expect((await answerOf(handle, ask('/gis/Roads/MapServer'))).status).toBe(200);
  const [, exchange, request] = portal.received;
  expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toMatchObject({
    token: 'token-1',
    serverUrl: `${portal.url}/server`,
  });
  expect(request?.headers['x-esri-authorization']).toBe('Bearer server-2');
});

test('an OAuth API gets the token as RFC 6750 says', async () => {
  const tokenEndpoint = portal.url.replace('/portal', '/rfc/token');
  const account = { url: 'https://id.example', clientId: 'a', clientSecret: SECRET, tokenEndpoint };
  await answerOf(handler({ account }), ask('/gis/Roads/MapServer'));
  expect(portal.received[1]?.headers['authorization']).toBe('Bearer token-1');
});

test.each(downs)('the portal is down: %s', async (_, answer) => {
  portal.answer = answer;
  const asked = await answerOf(handler(), ask('/gis/Roads/MapServer'));
  expect(asked).toMatchObject({ status: 503, code: 'portal-unavailable' });
  expect(Number(asked.headers.get('retry-after'))).toBeGreaterThan(0);
});

test.each(refusals)('the secret is refused: %s', async (_, answer, status) => {
  portal.answer = (_request, response) => json(response, answer, status);
  expect(await answerOf(handler(), ask('/gis/Roads/MapServer'))).toMatchObject({
    status: 502,
    code: 'account-refused',
  });
});

test('the server breaks off', async () => {
  portal.answer = tokenOr((_, response) => response.destroy());
  expect(await answerOf(handler(), ask('/gis/Roads/MapServer'))).toMatchObject({
    status: 503,
    code: 'portal-unavailable',
  });
});

test.each<[string, Partial<AppProxyOptions>, (index: number) => [string, RequestInit]]>([
  ['one address', {}, () => ['Roads/MapServer', {}]],
  ['many addresses', {}, (index) => [`Roads/MapServer/${index}?f=json&index=${index}`, {}]],
  ['other methods', {}, (index) => ['Roads/FeatureServer', { method: index % 2 === 0 ? 'POST' : 'GET' }]],
  ['browsers without a name', { clientOf: () => undefined }, () => ['Roads/MapServer', {}]],
  [
    'addresses that the client makes up',
    {},
    (index) => ['Roads/MapServer', { headers: { 'x-forwarded-for': `${index}` } }],
  ],
  [
    'one browser among others',
    { clientOf: ({ headers }) => headers.get('x-address') ?? undefined },
    () => ['Roads/MapServer', { headers: { 'x-address': '1' } }],
  ],
])('a flood is refused: %s', async (name, options, requestOf) => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  const handle = handler({ perMinute: 3, ...options });
  const statuses: number[] = [];
  for (let index = 0; index < 8; index += 1) {
    const [path, init] = requestOf(index);
    const { status, headers } = await answerOf(handle, ask(`/gis/${path}`, init));
    statuses.push(status);
    if (status === 429) expect(headers.get('retry-after')).toBe('20');
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
  const other = await answerOf(handle, ask('/gis/Roads/MapServer', { headers: { 'x-address': '2' } }));
  expect(other.status).toBe(name === 'one browser among others' ? 200 : 429);
  expect(passed()).toHaveLength(name === 'one browser among others' ? 4 : 3);
});

test.each<[string, string, Record<string, string>]>([
  ['in a query', '?a=b%0d%0aX-Evil:%201', {}],
  ['in a fragment of a query', '?f=json&%0d%0a%0d%0aGET%20/%20HTTP/1.1', {}],
  ['in headers that are passed on', '', { accept: 'application/json', 'if-none-match': '"a", x-evil: 1' }],
  ['in a header that names headers', '', { connection: 'x-esri-authorization', 'x-evil': '1' }],
  ['a token of its own', '', { 'x-esri-authorization': 'Bearer evil', authorization: 'Bearer evil' }],
  ['another host', '', { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }],
  ['another method', '', { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' }],
])('header lines of the page reach nobody: %s', async (_, query, headers) => {
  await answerOf(handler(), ask(`/gis/Roads/MapServer${query}`, { headers }));
  const received = passed()[0];
  expect(received).toMatchObject({ url: `/portal/services/Roads/MapServer${query}`, method: 'GET' });
  const sent = received?.headers ?? {};
  expect(sent['x-esri-authorization']).toBe('Bearer token-1');
  for (const name of Object.keys(sent)) expect(name).not.toMatch(/evil|forwarded|override|^authorization$/);
  expect(sent.host).toBe(new URL(portal.url).host);
});

test.each<[string, Partial<AppProxyOptions>]>([
  ['a path without a slash at its end', { path: '/gis' }],
  ['an address without a slash at its end', { to: 'https://gis.example/services' }],
  ['an address in the clear', { to: 'http://gis.example/services/' }],
  ['a look-alike of this machine', { to: 'http://localhost.evil.example/' }],
  ['an address with a query', { to: 'https://gis.example/?url=/' }],
  ['a path with steps', { allow: [{ path: '../admin' }] }],
  ['TRACE', { allow: [{ path: '', methods: ['TRACE'] }] }],
])('wrong options: %s', (_, options) => {
  expect(() => handler(options)).toThrow(expect.objectContaining({ code: 'proxy-invalid' }));
});

/** Sends a request line as it is to a Node server with the handler. */
async function askRaw(
  handle: ReturnType<typeof appProxy>,
  path: string,
  { method = 'GET', body }: { method?: string; body?: AsyncIterable<string> } = {},
): Promise<{ status: number | undefined; text: string }> {
  const listener = toNodeListener(handle);
  const server = createServer((request, response) => listener(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    let request;
    try {
      request = send({ port, host: '127.0.0.1', path, method, headers: ownFetch });
    } catch {
      // Node's own client refuses the line.
      return resolve({ status: 400, text: '' });
    }
    request.on('response', (message) => {
      let text = '';
      message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      message.on('end', () => resolve({ status: message.statusCode, text }));
    });
    request.on('error', reject);
    void (async () => {
      for await (const part of body ?? []) request.write(part);
      request.end();
    })();
  });
}

test('bodies are passed on as they come, in both directions', async () => {
  let release = (): void => undefined;
  const received = new Promise<void>((resolve) => (release = resolve));
  const upstream = createServer((request, response) => {
    if (request.url?.includes('/oauth2/token'))
      return json(response, { access_token: 'token-1', expires_in: 7200 });
    // The first part has come before the last was sent, and is answered at once.
    request.once('data', () => release());
    request.pipe(response.writeHead(200, { 'content-type': 'application/octet-stream' }));
  });
  servers.push(upstream);
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/portal`;
  const handle = handler({
    account: { url, clientId: CLIENT_ID, clientSecret: SECRET },
    to: `${url}/services/`,
  });
  async function* body(): AsyncGenerator<string> {
    yield 'a'.repeat(100_000);
    await received;
    yield 'b'.repeat(100_000);
  }
  const { status, text } = await askRaw(handle, '/gis/Roads/FeatureServer/0', {
    method: 'POST',
    body: body(),
  });
  expect(status).toBe(200);
  expect(text).toBe('a'.repeat(100_000) + 'b'.repeat(100_000));
});

import { describe, expect, test } from 'vitest';
import { INJECTED_KEYS_PROPERTY, REFUSAL_HEADER, SCOPE_HEADER } from '../protocol/sealed-script.js';
import { COOKIE_NAME } from './cookie.js';
import { sealWorkerScript, type SealOptions } from './seal-worker-script.js';
import { ask, cookieOf, cookieValue, older, other, secret, workerFetch } from './testing.js';

const script = 'self.addEventListener("fetch", () => {});';
const path = '/worker.js';
const make = (options: Partial<SealOptions> = {}): ReturnType<typeof sealWorkerScript> =>
  sealWorkerScript({ secrets: secret, path, script: () => script, ...options });

type Handler = ReturnType<typeof make>;

/** The `Cookie` header of a browser that has come once. */
const visit = async (handler: Handler): Promise<string> => cookieOf(await handler(ask(path, workerFetch)));

/** The sealed script that a browser gets. */
const fetchWorker = (handler: Handler, cookie: string, url = path): Promise<Response | undefined> =>
  handler(ask(url, { ...workerFetch, cookie }));

const keysIn = async (response: Response | undefined): Promise<string[]> => {
  const text = (await response?.text()) ?? '';
  const keys = /^self\.__identityWorkerKeys=(\[.*\]);\n/.exec(text)?.[1] ?? 'null';
  return JSON.parse(keys) as string[];
};

const expectRefusal = async (response: Response | undefined, status: number, code: string): Promise<void> => {
  const text = await response?.text();
  expect(response?.status).toBe(status);
  expect(response?.headers.get(REFUSAL_HEADER)).toBe(code);
  expect(response?.headers.get('cache-control')).toBe('no-store');
  expect(response?.headers.get('cdn-cache-control')).toBe('no-store');
  expect(response?.headers.get('vary')).toContain('Cookie');
  expect(response?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(response?.headers.get('x-content-type-options')).toBe('nosniff');
  expect(text).toMatch(/\.\n$/);
  expect(text).not.toContain(INJECTED_KEYS_PROPERTY);
  expect(text).not.toContain('addEventListener');
};

test('a browser that brings its cookie gets the script with its key', async () => {
  const handler = make();
  const response = await fetchWorker(handler, await visit(handler));
  expect(response?.status).toBe(200);
  expect(await response?.text()).toMatch(/^self\.__identityWorkerKeys=\["[\w-]{43}"\];\n/);
  expect(Object.fromEntries(response?.headers ?? [])).toEqual({
    'cache-control': 'no-store',
    'cdn-cache-control': 'no-store',
    'content-type': 'text/javascript; charset=utf-8',
    'cross-origin-resource-policy': 'same-origin',
    'set-cookie': expect.stringContaining(COOKIE_NAME),
    vary: 'Cookie, Sec-Fetch-Dest, Sec-Fetch-Site, Service-Worker',
    'x-content-type-options': 'nosniff',
  });
});

test.each<[string, Partial<SealOptions>, string]>([
  ['the folder of the script', {}, '/'],
  ['the folder of a script in a folder', { path: '/a/worker.js' }, '/a/'],
  ['what the header allows', { headers: { 'Service-Worker-Allowed': '/' }, path: '/a/worker.js' }, '/'],
  ['the option', { scope: '/app/' }, '/app/'],
  ['the option, relative to the script', { scope: '../app/', path: '/a/worker.js' }, '/app/'],
  ['the option, before the header', { scope: '/app/', headers: { 'service-worker-allowed': '/' } }, '/app/'],
])('the only scope is %s', async (_, options, scope) => {
  const handler = make(options);
  const url = options.path ?? path;
  const cookie = cookieOf(await handler(ask(url, workerFetch)));
  expect(await (await fetchWorker(handler, cookie, url))?.text()).toContain(`new URL("${scope}",`);
  // The page learns it with the refusal of its own fetch.
  expect((await handler(ask(url)))?.headers.get(SCOPE_HEADER)).toBe(scope);
});

test.each(['https://other.example/', '//other.example/', '/#x', 'http://['])('%s is no scope', (scope) => {
  expect(() => make({ scope })).toThrow(expect.objectContaining({ code: 'scope-invalid' }));
});

describe('where the server names the query', () => {
  const query = { portal: 'https://gis.example/portal', 'client-id': 'abc' };

  test.each([
    ['the same', '?portal=https%3A%2F%2Fgis.example%2Fportal&client-id=abc'],
    ['another order and spelling', '?client-id=%61bc&portal=https://gis.example/portal'],
  ])('%s is answered, and told to the worker', async (_, search) => {
    const handler = make({ query });
    const text = await (await fetchWorker(handler, await cookieFor(query), path + search))?.text();
    expect(text).toContain(
      'self.__identityWorkerQuery="client-id=abc&portal=https%3A%2F%2Fgis.example%2Fportal";',
    );
  });

  test.each([
    '',
    '?portal=https://gis.example/portal',
    '?portal=https://gis.example/portal&client-id=abc&resources=https://evil.example',
    '?portal=https://gis.example/portal&client-id=abc&client-id=abc',
    '?portal=https://gis.example/portal&client-id=ABC',
  ])('%s is refused', async (search) => {
    const response = await fetchWorker(make({ query }), await cookieFor(query), path + search);
    await expectRefusal(response, 403, 'another-query');
  });

  const cookieFor = async (right: Record<string, string>): Promise<string> =>
    cookieOf(await make({ query })(ask(`${path}?${new URLSearchParams(right)}`, workerFetch)));
});

test('without that option any query is answered', async () => {
  const handler = make();
  const response = await fetchWorker(handler, await visit(handler), `${path}?v=2`);
  expect(await response?.text()).not.toContain('__identityWorkerQuery');
});

test('the same bytes at every fetch, from every copy of the server', async () => {
  const cookie = await visit(make());
  const texts = await Promise.all(
    [make(), make(), make()].map(async (handler) => (await fetchWorker(handler, cookie))?.text()),
  );
  expect(new Set(texts).size).toBe(1);
});

test('two browsers get two keys', async () => {
  const handler = make();
  const [one] = await keysIn(await fetchWorker(handler, await visit(handler)));
  const [two] = await keysIn(await fetchWorker(handler, await visit(handler)));
  expect(one).not.toBe(two);
});

test('two workers of a site get two keys', async () => {
  const cookie = await visit(make());
  const [one] = await keysIn(await fetchWorker(make(), cookie));
  const [two] = await keysIn(await fetchWorker(make({ path: '/maps/worker.js' }), cookie, '/maps/worker.js'));
  expect(two).toMatch(/^[\w-]{43}$/);
  expect(one).not.toBe(two);
});

test('a query in the URL of the script changes nothing', async () => {
  const cookie = await visit(make());
  expect(await keysIn(await fetchWorker(make(), cookie, `${path}?portal=a`))).toEqual(
    await keysIn(await fetchWorker(make(), cookie)),
  );
});

test.each([
  '/',
  '/worker',
  '/worker.js/',
  '/Worker.js',
  '//worker.js',
  '/%77orker.js',
  '/other.js',
  '/a/worker.js',
])('other paths are not answered: %s', async (url) => {
  expect(await make()(ask(url, workerFetch))).toBeUndefined();
});

test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not allowed', async (method) => {
  const handler = make();
  const response = await handler(ask(path, { ...workerFetch, cookie: await visit(handler) }, method));
  expect(response?.headers.get('allow')).toBe('GET');
  expect(response?.headers.getSetCookie()).toEqual([]);
  await expectRefusal(response, 405, 'method-not-allowed');
});

const destinations =
  'audio audioworklet document embed empty fencedframe font frame iframe image json manifest object paintworklet report script sharedworker style track video webidentity worker xslt';

test.each([
  ...destinations.split(' ').map((dest) => ['sec-fetch-dest', dest] as const),
  ['sec-fetch-dest', undefined],
  ['sec-fetch-dest', ''],
  ['sec-fetch-dest', 'ServiceWorker'],
  ['sec-fetch-dest', 'serviceworker, serviceworker'],
  ['sec-fetch-dest', '"serviceworker"'],
  ['sec-fetch-dest', 'serviceworker;a=1'],
  ['sec-fetch-site', undefined],
  ['sec-fetch-site', ''],
  ['sec-fetch-site', 'none'],
  ['sec-fetch-site', 'same-site'],
  ['sec-fetch-site', 'cross-site'],
  ['sec-fetch-site', 'same-origin, cross-site'],
  ['service-worker', undefined],
  ['service-worker', ''],
  ['service-worker', 'Script'],
  ['service-worker', 'script, script'],
] as const)('with %s: %s it is not the browser’s fetch of its worker', async (name, value) => {
  const handler = make();
  const headers: Record<string, string> = { ...workerFetch, cookie: await visit(handler) };
  delete headers[name];
  const response = await handler(ask(path, value === undefined ? headers : { ...headers, [name]: value }));
  expect(response?.headers.getSetCookie()).toEqual([]);
  await expectRefusal(response, 403, 'not-a-worker-fetch');
});

test('without a cookie the response sets one and has no key; with it there is a key', async () => {
  const handler = make();
  const first = await handler(ask(path, workerFetch));
  const cookie = cookieOf(first);
  await expectRefusal(first, 403, 'cookie-missing');
  expect(await keysIn(await fetchWorker(handler, cookie))).toHaveLength(1);
});

test.each([
  ['made up', (): string => `${COOKIE_NAME}=abc`],
  [
    'of another server',
    (cookie: string): string => cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ],
  ['twice', (cookie: string): string => `${cookie}; ${cookie}`],
])('a cookie %s is replaced by one of a new browser', async (_, change) => {
  const handler = make();
  const genuine = await visit(handler);
  const response = await fetchWorker(handler, change(genuine));
  const replaced = cookieOf(response);
  await expectRefusal(response, 403, 'cookie-refused');
  expect(replaced).not.toBe(genuine);
  expect(await keysIn(await fetchWorker(handler, replaced))).not.toEqual(
    await keysIn(await fetchWorker(handler, genuine)),
  );
});

test('no part of a request is in a response', async () => {
  const handler = make();
  const marker = 'INJECTED';
  for (const cookie of [
    `${COOKIE_NAME}=${marker}`,
    `${COOKIE_NAME}="${marker}"`,
    `a=${marker}; ${await visit(handler)}`,
  ]) {
    const response = await handler(ask(`${path}?${marker}`, { ...workerFetch, cookie, referer: marker }));
    expect(JSON.stringify([...(response?.headers ?? [])]) + (await response?.text())).not.toContain(marker);
  }
});

test('a conditional or partial request is answered like any other', async () => {
  const handler = make();
  const cookie = await visit(handler);
  const plain = await (await fetchWorker(handler, cookie))?.text();
  const asked = { 'if-none-match': '*', 'if-modified-since': new Date().toUTCString(), range: 'bytes=0-9' };
  const response = await handler(ask(path, { ...workerFetch, cookie, ...asked }));
  expect(response?.status).toBe(200);
  expect(response?.headers.get('etag')).toBeNull();
  expect(await response?.text()).toBe(plain);
});

test('after a change of secrets the browser stays the same, and the old key comes second', async () => {
  const cookie = await visit(make({ secrets: older }));
  const [old] = await keysIn(await fetchWorker(make({ secrets: older }), cookie));
  const rotated = await fetchWorker(make({ secrets: [secret, older] }), cookie);
  const renewed = cookieOf(rotated);
  const keys = await keysIn(rotated);
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(old);
  // The renewed cookie outlives the old secret, and is the same browser's.
  expect(renewed).not.toBe(cookie);
  expect(await keysIn(await fetchWorker(make({ secrets: secret }), renewed))).toEqual([keys[0]]);
  // The cookie that was not renewed does not.
  await expectRefusal(await fetchWorker(make({ secrets: secret }), cookie), 403, 'cookie-refused');
});

test('the cookie is renewed with every script, for the same browser', async () => {
  const handler = make();
  const cookie = await visit(handler);
  expect(cookieOf(await fetchWorker(handler, cookie))).toBe(cookie);
});

test('three secrets give three keys, each the same as alone', async () => {
  const all = [secret, older, other];
  const cookie = await visit(make());
  const keys = await keysIn(await fetchWorker(make({ secrets: all }), cookie));
  const [first] = await keysIn(await fetchWorker(make(), cookie));
  expect(keys).toHaveLength(3);
  expect(keys[0]).toBe(first);
  expect(await keysIn(await fetchWorker(make({ secrets: all.join(' ') }), cookie))).toEqual(keys);
});

test('the source is asked without cookie and conditions, and its headers for caches are dropped', async () => {
  let asked: Request | undefined;
  const handler = make({
    script: (request) => {
      asked = request;
      return new Response(script, {
        headers: {
          'content-type': 'application/javascript',
          'cache-control': 'public, max-age=31536000, immutable',
          'cdn-cache-control': 'max-age=60',
          etag: '"1"',
          expires: new Date(0).toUTCString(),
          'last-modified': new Date(0).toUTCString(),
          'set-cookie': 'a=1',
          'access-control-allow-origin': '*',
          'content-security-policy': "default-src 'self'",
          'cross-origin-embedder-policy': 'require-corp',
          'service-worker-allowed': '/',
        },
      });
    },
    headers: { 'Cross-Origin-Embedder-Policy': 'credentialless', 'Cache-Control': 'max-age=9', Vary: '*' },
  });
  const response = await handler(
    ask(`${path}?v=1`, {
      ...workerFetch,
      cookie: await visit(handler),
      'if-none-match': '"1"',
      range: 'bytes=0-1',
    }),
  );
  expect(asked?.url).toBe(`https://app.example${path}?v=1`);
  expect([...(asked?.headers ?? [])]).toEqual([]);
  expect(cookieValue(response)).not.toBe('');
  expect(Object.fromEntries(response?.headers ?? [])).toEqual({
    'cache-control': 'no-store',
    'cdn-cache-control': 'no-store',
    'content-security-policy': "default-src 'self'",
    'content-type': 'text/javascript; charset=utf-8',
    'cross-origin-embedder-policy': 'credentialless',
    'cross-origin-resource-policy': 'same-origin',
    'service-worker-allowed': '/',
    'set-cookie': expect.stringContaining(COOKIE_NAME),
    vary: 'Cookie, Sec-Fetch-Dest, Sec-Fetch-Site, Service-Worker',
    'x-content-type-options': 'nosniff',
  });
});

test.each([
  ['is missing', new Response('none', { status: 404 }), 404, 'script-unavailable'],
  ['fails', new Response('none', { status: 503 }), 503, 'script-unavailable'],
  ['is not modified', new Response(null, { status: 304 }), 500, 'script-unavailable'],
  [
    'is the page of the app',
    new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    500,
    'script-wrong-type',
  ],
  ['has no type', new Response(new Uint8Array(1)), 500, 'script-wrong-type'],
])('a script that %s is not sealed', async (_, source, status, code) => {
  const handler = make({ script: () => source });
  const response = await fetchWorker(handler, await visit(make()));
  expect(response?.headers.getSetCookie()).toEqual([]);
  await expectRefusal(response, status, code);
});

test('what the source throws rejects', async () => {
  const handler = make({ script: () => Promise.reject(new Error('disk')) });
  await expect(fetchWorker(handler, await visit(make()))).rejects.toThrow('disk');
});

test.each([
  ['a relative path', { path: 'worker.js' }, 'path-invalid'],
  ['a URL', { path: 'https://app.example/worker.js' }, 'path-invalid'],
  ['another host', { path: '//app.example/worker.js' }, 'path-invalid'],
  ['a query', { path: '/worker.js?v=1' }, 'path-invalid'],
  ['a fragment', { path: '/worker.js#a' }, 'path-invalid'],
  ['dots', { path: '/a/../worker.js' }, 'path-invalid'],
  ['a space', { path: '/my worker.js' }, 'path-invalid'],
  ['nothing', { path: '' }, 'path-invalid'],
  ['no secret', { secrets: undefined }, 'secret-missing'],
  ['a short secret', { secrets: 'c2hvcnQ=' }, 'secret-too-short'],
])('%s is refused immediately', (_, options, code) => {
  expect(() => make(options)).toThrow(expect.objectContaining({ name: 'ServerConfigurationError', code }));
});

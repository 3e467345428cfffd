import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appTokenBinding } from '../protocol/app-tokens.js';
import type { AccountReport } from './app-account.js';
import { appTokens, type AppTokensOptions } from './app-tokens.js';
import { decodeBase64Url } from './base64url.js';
import { CachedToken, TokenTrouble } from './cached-token.js';
import { setNewCookie } from './cookie.js';
import { readSecrets } from './keys.js';
import { RateLimit } from './rate-limit.js';
import { older, secret } from './testing.js';
import {
  CLIENT_ID,
  collectConsole,
  downs,
  json,
  refusals,
  SECRET,
  startTestPortal,
  type TestPortal,
} from './portal.test-support.js';

let portal: TestPortal;
let reports: AccountReport[];
let logged: string[];

beforeEach(async () => {
  portal = await startTestPortal();
  reports = [];
  logged = collectConsole();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await portal.close();
});

const NONCE = 'a-nonce-of-the-workers';

const ownFetch: Readonly<Record<string, string>> = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'same-origin',
  'content-type': 'application/json',
};

const account = (): { url: string; clientId: string; clientSecret: string } => ({
  url: portal.url,
  clientId: CLIENT_ID,
  clientSecret: SECRET,
});

const handler = (options: Partial<AppTokensOptions> = {}): ReturnType<typeof appTokens> =>
  appTokens({
    path: '/app-tokens',
    portals: [account()],
    report: (report) => reports.push(report),
    ...options,
  });

/** A request of the worker's, with changes. */
const asked = (
  fields: Record<string, unknown> = {},
  headers: Record<string, string | undefined> = {},
  method = 'POST',
): Request => {
  const all = { ...ownFetch, ...headers };
  return new Request('https://app.example/app-tokens', {
    method,
    headers: Object.entries(all).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
    ...(method === 'GET' || method === 'HEAD'
      ? {}
      : { body: JSON.stringify({ portal: portal.url, nonce: NONCE, ...fields }) }),
  });
};

const answerOf = async (
  handle: ReturnType<typeof appTokens>,
  request: Request,
): Promise<{ status: number; code: string | null; retryAfter: number; text: string }> => {
  const response = await handle(request);
  if (!response) throw new Error('not answered');
  const text = await response.text();
  const told = text + JSON.stringify([...response.headers]) + logged.join('\n') + JSON.stringify(reports);
  expect(told).not.toContain(SECRET);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return {
    status: response.status,
    code: response.headers.get('identity-worker-refusal'),
    retryAfter: Number(response.headers.get('retry-after')),
    text,
  };
};

test('the worker gets a token that the portal issues for the secret, and the rest of its life', async () => {
  const handle = handler();
  const { status, text } = await answerOf(handle, asked());
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ access_token: 'token-1', expires_in: expect.any(Number) });
  expect(portal.received).toHaveLength(1);
  const [{ url, method, body } = { body: '' }] = portal.received;
  expect({ url, method }).toEqual({ url: '/portal/sharing/rest/oauth2/token', method: 'POST' });
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    grant_type: 'client_credentials',
    client_id: CLIENT_ID,
    client_secret: SECRET,
    f: 'json',
  });
});

test('requests for other paths go on', async () => {
  const handle = handler();
  expect(await handle(new Request('https://app.example/app-tokens/', { method: 'POST' }))).toBeUndefined();
  expect(await handle(new Request('https://app.example/'))).toBeUndefined();
});

test('a hundred browsers at once share one token, until shortly before it ends', async () => {
  const handle = handler({ perMinute: 1000 });
  await Promise.all(Array.from({ length: 100 }, () => answerOf(handle, asked())));
  expect(portal.received).toHaveLength(1);
  const now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 6_800_000);
  expect((await answerOf(handle, asked())).text).toMatch(
    /^\{"access_token":"token-1","expires_in":(399|400)\}$/,
  );
  clock.mockReturnValue(now + 6_960_000);
  expect((await answerOf(handle, asked())).text).toContain('token-2');
});

test('a portal in trouble costs nobody a token that is good', async () => {
  const handle = handler();
  await answerOf(handle, asked());
  portal.answer = (_, response) => response.writeHead(500).end();
  const now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 7_100_000);
  expect((await answerOf(handle, asked())).text).toContain('token-1');
  clock.mockReturnValue(now + 7_201_000);
  expect(await answerOf(handle, asked())).toMatchObject({ status: 503, code: 'portal-unavailable' });
});

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is refused', async (method) => {
  const response = await handler()(asked({}, {}, method));
  expect(response?.status).toBe(405);
  expect(response?.headers.get('allow')).toBe('POST');
  expect(portal.received).toEqual([]);
});

test.each<[string, Record<string, string | undefined>]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another origin of the same site', { 'sec-fetch-site': 'same-site' }],
  ['the address bar', { 'sec-fetch-site': 'none' }],
  ['a client without fetch metadata', { 'sec-fetch-site': undefined }],
  ['a form', { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }],
  ['a form in a frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }],
  ['a navigation', { 'sec-fetch-mode': 'navigate' }],
  ['an image', { 'sec-fetch-dest': 'image' }],
  ['a script', { 'sec-fetch-dest': 'script' }],
  ['two values of a header', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ['another case', { 'sec-fetch-site': 'SAME-ORIGIN' }],
])('a request of %s is refused', async (_, headers) => {
  expect(await answerOf(handler(), asked({}, headers))).toMatchObject({
    status: 403,
    code: 'not-a-fetch-of-the-app',
  });
  expect(portal.received).toEqual([]);
});

test.each<[string, (url: string) => unknown]>([
  ['another portal', () => 'https://evil.example/portal'],
  ['a look-alike', (url) => url.replace('127.0.0.1', '127.0.0.1.evil.example')],
  ['another path', (url) => `${url}2`],
  ['a path below', (url) => `${url}/sharing/rest`],
  ['user information', (url) => url.replace('//', '//evil@')],
  ['another case', (url) => url.toUpperCase()],
  ['header lines', (url) => `${url}\r\nX-Evil: 1`],
  ['nothing', () => ''],
  ['a name of objects', () => '__proto__'],
])('the portal is unknown: %s', async (_, change) => {
  expect(await answerOf(handler(), asked({ portal: change(portal.url) }))).toMatchObject({
    status: 404,
    code: 'portal-unknown',
  });
  expect(portal.received).toEqual([]);
});

test.each<[string, Record<string, unknown>, Record<string, string | undefined>]>([
  ['no nonce', { nonce: undefined }, {}],
  ['a short nonce', { nonce: 'short' }, {}],
  ['a nonce with header lines', { nonce: `${NONCE}\r\nSet-Cookie: a=b` }, {}],
  ['a nonce with NUL', { nonce: `${NONCE}\0${NONCE}` }, {}],
  ['a list of portals', { portal: ['https://a.example'] }, {}],
  ['an object for a digest', { rejected: {} }, {}],
  ['a form', {}, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['plain text', {}, { 'content-type': 'text/plain' }],
  ['no type', {}, { 'content-type': undefined }],
  ['more than it may be', { more: 'x'.repeat(10_000) }, {}],
])('the request is none of the worker’s: %s', async (_, fields, headers) => {
  expect(await answerOf(handler(), asked(fields, headers))).toMatchObject({
    status: 400,
    code: 'request-invalid',
  });
  expect(portal.received).toEqual([]);
});

test.each(['', 'null', '[]', '"text"', '{"portal":', '1'])('the body %j is refused', async (body) => {
  const request = new Request('https://app.example/app-tokens', { method: 'POST', headers: ownFetch, body });
  expect((await answerOf(handler(), request)).status).toBe(400);
});

describe.each(downs)('the portal is down: %s', (name, answer) => {
  test('is “try later”, tells nothing, and leaves the portal alone meanwhile', async () => {
    portal.answer = answer;
    const handle = handler();
    for (let times = 0; times < 5; times += 1)
      expect(await answerOf(handle, asked())).toMatchObject({ status: 503, code: 'portal-unavailable' });
    expect(portal.received).toHaveLength(1);
    expect(reports).toEqual([{ url: portal.url, code: 'portal-unavailable' }]);
    if (name.includes('Retry-After')) expect((await answerOf(handle, asked())).retryAfter).toBe(7);
  });
});

test('a portal that does not listen', async () => {
  const { url } = portal;
  await portal.close();
  const handle = handler({ portals: [{ ...account(), url }] });
  expect(await answerOf(handle, asked({ portal: url }))).toMatchObject({ status: 503, retryAfter: 1 });
  portal = await startTestPortal();
});

test.each(refusals)('the secret is refused: %s', async (_, answer, status) => {
  portal.answer = (_request, response) => json(response, answer, status);
  const handle = handler();
  for (let times = 0; times < 3; times += 1)
    expect(await answerOf(handle, asked())).toMatchObject({ status: 502, code: 'account-refused' });
  expect(portal.received).toHaveLength(1);
  expect(reports).toEqual([{ url: portal.url, code: 'account-refused' }]);
});

test('without a report the console is told, and no secret', async () => {
  portal.answer = (_, response) => json(response, { error: { code: 400, message: SECRET } });
  const handle = appTokens({ path: '/app-tokens', portals: [account()] });
  await answerOf(handle, asked());
  expect(logged).toEqual([`identity-worker: no token for the app at ${portal.url} (account-refused)`]);
});

test('a flood of one browser is refused, the others are not', async () => {
  const handle = handler({ perMinute: 10, clientOf: ({ headers }) => headers.get('x-address') ?? undefined });
  const statusFor = async (address: string): Promise<number> =>
    (await answerOf(handle, asked({}, { 'x-address': address }))).status;
  const statuses: number[] = [];
  for (let times = 0; times < 15; times += 1) statuses.push(await statusFor('1'));
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  expect(await answerOf(handle, asked({}, { 'x-address': '1' }))).toMatchObject({
    code: 'too-many-requests',
    retryAfter: 6,
  });
  expect(await statusFor('2')).toBe(200);
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6_000);
  expect(await statusFor('1')).toBe(200);
});

test.each<[string, Partial<AppTokensOptions>, (index: number) => Record<string, string>]>([
  ['no name: all browsers share a limit', { perMinute: 0.05 }, () => ({})],
  [
    'names that are no names',
    { perMinute: 0.05, clientOf: () => undefined },
    (index) => ({ 'x-address': `${index}` }),
  ],
  [
    'addresses that the client makes up',
    { perMinute: 5 },
    (index) => ({ forwarded: `for=${index}`, 'x-forwarded-for': `${index}` }),
  ],
  [
    'cookies that the client makes up',
    { perMinute: 5 },
    (index) => ({ cookie: `__Host-Http-identity-worker=${index}` }),
  ],
  ['an empty name', { perMinute: 5, clientOf: () => '' }, () => ({})],
])('a flood costs the portal one request, and ends in 429: %s', async (_, options, headersOf) => {
  const handle = handler(options);
  vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  const statuses = new Map<number, number>();
  for (let index = 0; index < 600; index += 1) {
    const { status } = await answerOf(handle, asked({}, headersOf(index)));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(statuses.get(200)).toBeLessThanOrEqual(500);
  expect(statuses.get(429)).toBeGreaterThanOrEqual(100);
  expect(portal.received).toHaveLength(1);
});

test('a flood of browsers that are made up forgets the earliest, and keeps no more', () => {
  const limit = new RateLimit(1);
  for (let index = 0; index < 10_001; index += 1) expect(limit.waitS(`${index}`, 0)).toBe(0);
  expect(limit.waitS('10000', 0)).toBe(60);
  expect(limit.waitS('0', 0)).toBe(0);
});

const digestOf = async (token: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))).toString('base64url');

test('a token that a server has refused is replaced once, by who has it only', async () => {
  const handle = handler();
  await answerOf(handle, asked());
  const rejected = await digestOf('token-1');
  expect((await answerOf(handle, asked({ rejected }))).text).toContain('token-1');
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 11_000);
  expect((await answerOf(handle, asked({ rejected: await digestOf('a guess') }))).text).toContain('token-1');
  expect((await answerOf(handle, asked({ rejected }))).text).toContain('token-2');
  expect((await answerOf(handle, asked({ rejected }))).text).toContain('token-2');
  expect(portal.received).toHaveLength(2);
});

describe('for a sealed worker', () => {
  const seal = { secrets: [secret, older], worker: '/worker.js' };
  const cookieFor = async (
    secrets: string,
  ): Promise<{ cookie: string; browserId: Uint8Array<ArrayBuffer> }> => {
    const [pair = ''] = (await setNewCookie(readSecrets(secrets)[0])).split(';');
    return { cookie: pair, browserId: decodeBase64Url(/=([^.]+)/.exec(pair)?.[1] ?? '') ?? new Uint8Array() };
  };
  const open = async (
    sealed: string,
    key: string,
    binding: { portal: string; nonce: string },
  ): Promise<unknown> => {
    const bytes = Buffer.from(sealed, 'base64url');
    const imported = await crypto.subtle.importKey('raw', Buffer.from(key, 'base64url'), 'AES-GCM', false, [
      'decrypt',
    ]);
    const additionalData = new TextEncoder().encode(appTokenBinding(binding));
    return crypto.subtle
      .decrypt({ name: 'AES-GCM', iv: bytes.subarray(0, 12), additionalData }, imported, bytes.subarray(12))
      .then(
        (plain) => JSON.parse(new TextDecoder().decode(plain)) as unknown,
        () => 'closed',
      );
  };

  test('the answer opens with the key of this browser’s worker, for this request, and in no other way', async () => {
    const { cookie, browserId } = await cookieFor(secret);
    const { status, text } = await answerOf(handler({ seal }), asked({}, { cookie }));
    expect(status).toBe(200);
    expect(text).not.toContain('token-1');
    const { sealed } = JSON.parse(text) as { sealed: string[] };
    expect(sealed).toHaveLength(2);
    const keys = readSecrets([secret, older]);
    const binding = { portal: portal.url, nonce: NONCE };
    for (const [index, each] of keys.entries())
      expect(
        await open(sealed[index] ?? '', await each.deriveWorkerKey(browserId, '/worker.js'), binding),
      ).toEqual({
        access_token: 'token-1',
        expires_in: expect.any(Number),
      });
    const key = await keys[0].deriveWorkerKey(browserId, '/worker.js');
    const otherBrowser = await keys[0].deriveWorkerKey((await cookieFor(secret)).browserId, '/worker.js');
    const closed = [
      open(sealed[0] ?? '', otherBrowser, binding),
      open(sealed[0] ?? '', await keys[0].deriveWorkerKey(browserId, '/other.js'), binding),
      open(sealed[0] ?? '', key, { ...binding, nonce: 'the-nonce-of-another-request' }),
      open(sealed[0] ?? '', key, { ...binding, portal: 'https://other.example' }),
      open(sealed[1] ?? '', key, binding),
    ];
    expect(await Promise.all(closed)).toEqual(closed.map(() => 'closed'));
  });

  test.each<[string, () => Promise<string | undefined>]>([
    ['no cookie', async () => undefined],
    [
      'a cookie of another secret',
      async () => (await cookieFor(btoa('0123456789abcdefghijABCDEFGHIJ!?'))).cookie,
    ],
    ['a changed cookie', async () => (await cookieFor(secret)).cookie.replace(/=.{4}/, '=AAAA')],
    ['two cookies', async () => `${(await cookieFor(secret)).cookie}; ${(await cookieFor(secret)).cookie}`],
    ['a cookie of another name', async () => (await cookieFor(secret)).cookie.replace('__Host', 'Host')],
  ])('%s: nothing', async (_, cookie) => {
    expect(await answerOf(handler({ seal }), asked({}, { cookie: await cookie() }))).toMatchObject({
      status: 403,
      code: 'worker-not-sealed',
    });
    expect(portal.received).toEqual([]);
  });

  test('the limit is that of the cookie', async () => {
    const handle = handler({ seal, perMinute: 2 });
    const [one, two] = [(await cookieFor(secret)).cookie, (await cookieFor(secret)).cookie];
    const statuses: number[] = [];
    for (const cookie of [one, one, one, two])
      statuses.push((await answerOf(handle, asked({}, { cookie }))).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

test('an OAuth server gets id and secret by HTTP Basic, and the parameters of the account', async () => {
  const issuer = 'https://id.example/tenant/';
  const tokenEndpoint = portal.url.replace('/portal', '/rfc/token');
  const handle = handler({
    portals: [
      { url: issuer, clientId: 'a:b', clientSecret: 'c d+é', tokenEndpoint, parameters: { scope: 'read' } },
    ],
  });
  expect((await answerOf(handle, asked({ portal: issuer }))).status).toBe(200);
  const [{ headers, body } = { headers: {}, body: '' }] = portal.received;
  expect(headers['authorization']).toBe(`Basic ${btoa('a%3Ab:c+d%2B%C3%A9')}`);
  expect(body).toBe('scope=read&grant_type=client_credentials');
});

test.each<[string, Partial<AppTokensOptions>, string]>([
  [
    'no secret',
    { portals: [{ url: 'https://a.example', clientId: 'a', clientSecret: undefined }] },
    'account-invalid',
  ],
  [
    'an empty secret',
    { portals: [{ url: 'https://a.example', clientId: 'a', clientSecret: '' }] },
    'account-invalid',
  ],
  ['no id', { portals: [{ url: 'https://a.example', clientId: '', clientSecret: 'b' }] }, 'account-invalid'],
  ['no URL', { portals: [{ url: 'portal', clientId: 'a', clientSecret: 'b' }] }, 'account-invalid'],
  [
    'a token endpoint in the clear',
    {
      portals: [
        { url: 'https://a.example', clientId: 'a', clientSecret: 'b', tokenEndpoint: 'http://a.example/' },
      ],
    },
    'account-invalid',
  ],
  ['a path with steps', { path: '/a/../b' }, 'path-invalid'],
  ['no requests at all', { perMinute: 0 }, 'limit-invalid'],
  ['a weak secret of the sealing', { seal: { secrets: 'abc', worker: '/worker.js' } }, 'secret-too-short'],
])('wrong options: %s', (_, options, code) => {
  expect(() => handler(options)).toThrow(expect.objectContaining({ code }));
});

test('the pause grows with each failure, and ends with a success', async () => {
  let isDown = true;
  let asks = 0;
  const token = new CachedToken(
    async () => {
      asks += 1;
      if (isDown) throw new TokenTrouble('portal-unavailable');
      return { token: 'good', lifetimeS: 3600 };
    },
    () => undefined,
  );
  const start = Date.now();
  const clock = vi.spyOn(Date, 'now');
  const pauses: number[] = [];
  let nowMs = start;
  for (let times = 0; times < 7; times += 1) {
    clock.mockReturnValue(nowMs);
    const trouble = await token.get().catch((error: unknown) => error as TokenTrouble);
    pauses.push((trouble as TokenTrouble).retryAfterMs);
    nowMs += (trouble as TokenTrouble).retryAfterMs;
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(asks).toBe(7);
  isDown = false;
  clock.mockReturnValue(nowMs);
  expect((await token.get()).token).toBe('good');
});

test('a raw request with header lines in its body reaches the handler as a body only', async () => {
  // Node itself refuses header lines in headers; this is what a client without a browser can send.
  const { createServer } = await import('node:http');
  const { toNodeListener } = await import('./node.js');
  const listener = toNodeListener(handler());
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const body = JSON.stringify({ portal: `${portal.url}\r\nX-Evil: 1`, nonce: NONCE });
  const text = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        `POST /app-tokens HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${Object.entries(ownFetch)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('')}Content-Length: ${body.length}\r\n\r\n${body}`,
      ),
    );
    let all = '';
    socket.on('data', (chunk) => (all += String(chunk))).on('close', () => resolve(all));
  });
  expect(text).toMatch(/^HTTP\/1\.1 404 /);
  expect(text).not.toMatch(/X-Evil/i);
  server.close();
});

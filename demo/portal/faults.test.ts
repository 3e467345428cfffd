// Faults: what a client sees of each, which requests meet them, and faults that cannot be.

import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { InvalidFault, type Fault, type Portal } from './index.js';
import { json, startWithClient, type TestClient } from './test-client.js';

let portal: Portal;
let client: TestClient;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(() => portal.control.reset());
afterAll(() => portal.close());

/** What a page of another origin gets. */
const ask = (init?: RequestInit): Promise<Response> =>
  fetch(`${portal.hostedUrl}/PublicEcho?f=json`, { headers: { origin: 'https://app.example' }, ...init });

const statusOf = async (): Promise<number> => (await ask()).status;

const hits = async (requests: number): Promise<number[]> => {
  const found: number[] = [];
  for (let index = 0; index < requests; index += 1) if ((await statusOf()) === 503) found.push(index);
  return found;
};

test('a seeded share meets the same requests whenever the seed is the same', async () => {
  const withShare = async (part: number, seed: number): Promise<number[]> => {
    const undo = portal.control.fault('/PublicEcho', { status: 503, share: { part, seed } });
    const found = await hits(100);
    undo();
    return found;
  };
  const first = await withShare(0.1, 7);
  expect(first.length).toBeGreaterThan(3);
  expect(first.length).toBeLessThan(20);
  expect(await withShare(0.1, 7)).toEqual(first);
  expect(await withShare(0.1, 8)).not.toEqual(first);
  expect(await withShare(0, 7)).toEqual([]);
  expect(await withShare(1, 7)).toHaveLength(100);
});

test('requests that a share is not for do not change its choice', async () => {
  const share = { part: 0.5, seed: 7 };
  portal.control.fault('/PublicEcho', { status: 503, share });
  const alone = await hits(20);
  portal.control.reset();
  portal.control.fault('/PublicEcho', { status: 503, share });
  const mixed: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    await fetch(`${portal.hostedUrl}/PublicFiles/data.json`);
    await ask({ method: 'OPTIONS' });
    if ((await statusOf()) === 503) mixed.push(index);
  }
  expect(mixed).toEqual(alone);
});

test('a share counts towards `times` what it meets, and leaves the rest to other faults', async () => {
  portal.control.fault('/PublicEcho', { status: 503, times: 2, share: { part: 0.5, seed: 7 } });
  portal.control.fault('/PublicEcho', { status: 500 });
  const seen: number[] = [];
  for (let index = 0; index < 20; index += 1) seen.push(await statusOf());
  expect(seen.filter((status) => status === 503)).toHaveLength(2);
  expect(seen.filter((status) => status === 500)).toHaveLength(18);
});

test('a body of any type, or of none, and no CORS headers', async () => {
  const seen = async (fault: Fault): Promise<unknown[]> => {
    const undo = portal.control.fault('/PublicEcho', fault);
    const response = await ask();
    undo();
    const { headers, status } = response;
    return [
      status,
      headers.get('content-type'),
      headers.has('access-control-allow-origin'),
      await response.text(),
    ];
  };
  expect(await seen({ body: '{"a":1}', contentType: 'application/json' })).toEqual([
    200,
    'application/json',
    true,
    '{"a":1}',
  ]);
  expect(await seen({ status: 502, body: '' })).toEqual([502, 'text/plain; charset=utf-8', true, '']);
  expect(await seen({ status: 403, html: '<p>', cors: false })).toEqual([
    403,
    'text/html; charset=utf-8',
    false,
    '<p>',
  ]);
  expect(await seen({ contentType: 'image/png' })).toEqual([
    200,
    'image/png',
    true,
    expect.stringContaining('"method":"GET"'),
  ]);
  expect(await seen({ contentType: null })).toMatchObject([200, null, true, expect.any(String)]);
});

test('slow bodies come whole, short ones do not, stalled ones never end', async () => {
  const whole = await json(await ask());
  portal.control.fault('/PublicEcho', { slowMs: 50, times: 1 });
  const startedAtMs = performance.now();
  expect(await json(await ask())).toMatchObject({ method: whole['method'] });
  expect(performance.now() - startedAtMs).toBeGreaterThan(40);
  portal.control.fault('/PublicEcho', { truncate: true, slowMs: 10, times: 1 });
  const half = await ask();
  await expect(half.json()).rejects.toThrow(SyntaxError);
  portal.control.fault('/PublicEcho', { drop: 'body', times: 1 });
  await expect((await ask()).text()).rejects.toThrow();
  portal.control.fault('/PublicEcho', { hang: 'body', times: 1 });
  const stalled = await ask();
  const reader = stalled.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  const rest = reader?.read();
  portal.control.reset();
  await expect(rest).rejects.toThrow();
});

test.each(['request', 'answer'] as const)('a server that says nothing: %s', async (hang) => {
  const { refresh } = await client.tokens();
  const issued = (): number => portal.control.tokens().length;
  const before = issued();
  portal.control.fault('/oauth2/token', { hang });
  const gone = new AbortController();
  const asked = fetch(`${client.sharing}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'idw-demo', grant_type: 'refresh_token', refresh_token: refresh }),
    signal: gone.signal,
  });
  asked.catch(() => undefined);
  const [entry] = await portal.log.waitFor({ grantType: 'refresh_token' });
  await expect.poll(() => entry?.fault).toEqual({ hang });
  await expect.poll(issued).toBe(before + (hang === 'answer' ? 1 : 0));
  gone.abort();
  await portal.log.waitFor({ where: ({ closedByClientAtMs }) => closedByClientAtMs !== undefined });
});

test('preflights meet the faults that name OPTIONS, and these nobody else', async () => {
  const undo = portal.control.fault('/PublicEcho', { method: 'options', status: 503 });
  const preflight = await ask({ method: 'OPTIONS' });
  expect([preflight.status, preflight.headers.has('access-control-allow-origin')]).toEqual([503, false]);
  expect(await statusOf()).toBe(200);
  undo();
  portal.control.fault('/PublicEcho', { method: 'OPTIONS', drop: true, times: 1 });
  await expect(ask({ method: 'OPTIONS' })).rejects.toThrow();
  const hold = portal.control.hold('/PublicEcho', { method: 'OPTIONS' });
  const held = ask({ method: 'OPTIONS' });
  await hold.reached();
  expect(await statusOf()).toBe(200);
  hold.release();
  expect((await held).headers.get('access-control-allow-origin')).toBe('*');
});

test('a closed port refuses connections, ends those there are, and opens again at the same place', async () => {
  const { hostname, port } = new URL(portal.serverUrl);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  const info = (): Promise<Response> => fetch(`${portal.serverUrl}/rest/info?f=json`);
  const open = portal.control.closePort('server');
  await ended;
  await expect(info()).rejects.toThrow();
  // What shares the port is closed too, and the rest is not.
  await expect(fetch(`${portal.serverUrls.server3}/rest/info?f=json`)).rejects.toThrow();
  expect((await fetch(`${portal.serverUrls.server2}/rest/info?f=json`)).status).toBe(200);
  open();
  open();
  expect((await info()).status).toBe(200);
  portal.control.closePort('portal');
  await expect(statusOf()).rejects.toThrow();
  portal.control.reset();
  expect(await statusOf()).toBe(200);
});

test.each<[string, object]>([
  ['a member that there is not', { statsu: 503 }],
  ['a status that is none', { status: 99 }],
  ['a status for which clients go on waiting', { status: 100 }],
  ['half a status', { status: 503.5 }],
  ['a status as text', { status: '503' }],
  ['half a time', { times: 1.5 }],
  ['a negative number of times', { times: -1 }],
  ['a delay that is no number', { delayMs: Number.NaN }],
  ['an endless body', { slowMs: Number.POSITIVE_INFINITY }],
  ['a share of more than all', { share: { part: 1.1, seed: 7 } }],
  ['a share in per cent', { share: { part: 10, seed: 7 } }],
  ['a share without a seed', { share: { part: 0.1 } }],
  ['a share with half a seed', { share: { part: 0.1, seed: 0.5 } }],
  ['a share with more', { share: { part: 0.1, seed: 7, of: 'all' } }],
  ['a share that is a number', { share: 0.1 }],
  ['a server that there is not', { server: 'server9' }],
  ['a stage that there is not', { drop: 'headers' }],
  ['a hang that is switched off', { hang: false }],
  ['a body that is no text', { body: { a: 1 } }],
  ['two bodies', { body: 'a', html: true }],
  ['a type that splits the headers', { contentType: 'text/html\r\nx: y' }],
  ['a name of an object', { constructor: 1 }],
])('%s is no fault', async (_name, fault) => {
  expect(() => portal.control.fault('/PublicEcho', fault)).toThrow(InvalidFault);
  const response = await fetch(`${portal.origin}/__test/fault`, {
    method: 'POST',
    body: JSON.stringify({ path: '/PublicEcho', ...fault }),
  });
  // JSON has neither NaN nor infinity, and null is no duration either.
  expect(response.status).toBe(400);
  expect(await statusOf()).toBe(200);
});

test('shares and ports over HTTP', async () => {
  const control = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${portal.origin}/__test/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return response.ok ? ((await response.json()) as { id?: string }).id : response.status;
  };
  const id = await control('fault', { path: '/PublicEcho', status: 503, share: { part: 1, seed: 7 } });
  expect(await statusOf()).toBe(503);
  await control('undo', { id });
  const port = await control('close-port', { server: 'server2' });
  await expect(fetch(`${portal.serverUrls.server2}/rest/info`)).rejects.toThrow();
  await control('undo', { id: port });
  expect((await fetch(`${portal.serverUrls.server2}/rest/info?f=json`)).status).toBe(200);
  for (const server of ['portal', 'hosted', 'alone', 'server9', undefined])
    expect(await control('close-port', { server })).toBe(400);
});

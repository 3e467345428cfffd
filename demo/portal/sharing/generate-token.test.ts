// generateToken of the portal, the federated and the standalone server.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Portal } from '../index.js';
import {
  errorCode,
  json,
  object,
  startWithClient,
  text,
  urlWith,
  type Json,
  type TestClient,
} from '../test-client.js';

let portal: Portal;
let client: TestClient;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(() => portal.control.reset());
afterAll(() => portal.close());

const ana = { username: 'ana', password: 'ana-demo-1' };

async function get(url: string, headers: Record<string, string> = {}): Promise<Json> {
  return json(await fetch(url, { headers }));
}

test('a token bound to a referer is accepted from that origin only', async () => {
  const response = await client.postForm('/generateToken', {
    ...ana,
    client: 'referer',
    referer: 'https://app.example',
    expiration: '30',
  });
  expect(response).toEqual({ token: expect.any(String), expires: expect.any(Number), ssl: false });
  expect(Number(response['expires']) - Date.now()).toBeGreaterThan(29 * 60 * 1000);
  const url = urlWith(`${portal.hostedUrl}/Echo`, { f: 'json', token: text(response['token']) });
  expect(errorCode(await get(url, { referer: 'https://app.example/' }))).toBeUndefined();
  expect(errorCode(await get(url, { referer: 'https://app.example/map/' }))).toBeUndefined();
  for (const other of ['https://app.example.evil.test/', 'http://app.example/', 'app.example']) {
    expect(errorCode(await get(url, { referer: other }))).toBe(498);
  }
  expect(errorCode(await get(url))).toBe(498);
});

test('a token bound to an address is accepted from there only', async () => {
  const here = await client.postForm('/generateToken', { ...ana, client: 'requestip' });
  const elsewhere = await client.postForm('/generateToken', { ...ana, client: 'ip', ip: '192.0.2.7' });
  expect(errorCode(await client.hosted('Echo', text(here['token'])))).toBeUndefined();
  expect(errorCode(await client.hosted('Echo', text(elsewhere['token'])))).toBe(498);
});

test.each([
  ['bad password', { ...ana, password: 'wrong' }, ['Invalid username or password.']],
  ['user name in other case', { ...ana, username: 'Ana' }, ['Invalid username or password.']],
  ['nothing', {}, ["'username' must be specified.", "'password' must be specified."]],
  ['no referer', { ...ana, client: 'referer' }, ["'referer' must be specified."]],
  ['no ip', { ...ana, client: 'ip' }, ["'ip' must be specified."]],
])('%s is refused with details', async (_name, fields: Record<string, string>, details) => {
  const response = await client.postForm('/generateToken', fields);
  expect(response).toEqual({ error: { code: 400, message: 'Unable to generate token.', details } });
});

test.each(['GET', 'POST'])('credentials in the query of a %s are refused', async (method) => {
  const response = await fetch(urlWith(`${client.sharing}/generateToken`, { ...ana, f: 'json' }), { method });
  const error = object((await json(response))['error']);
  expect(error['details']).toEqual([
    'POST request should not contain username and password in the query string',
  ]);
  expect(portal.control.tokens()).toEqual([]);
});

test('without f the response is a page', async () => {
  const response = await client.post('/generateToken', { ...ana, f: 'html' });
  expect(response.headers.get('content-type')).toContain('text/html');
});

test('an exchanged token is accepted by its server only, which refuses the portal token', async () => {
  const { access } = await client.tokens();
  const token = await client.serverToken(access);
  const federated = `${portal.serverUrl}/rest/services/Echo`;
  expect(errorCode(await get(urlWith(federated, { f: 'json', token })))).toBeUndefined();
  expect(errorCode(await get(urlWith(federated, { f: 'json', token: access })))).toBe(498);
  expect(errorCode(await client.hosted('Echo', token))).toBe(498);
  expect(errorCode(await get(urlWith(`${client.sharing}/community/self`, { token })))).toBe(498);
  expect(errorCode(await get(urlWith(`${portal.aloneUrl}/rest/services/Echo`, { f: 'json', token })))).toBe(
    498,
  );
  expect(errorCode(await client.hosted('Echo', access))).toBeUndefined();
});

test('without strict audience, every token is accepted by every server', async () => {
  portal.control.setStrictAudience(false);
  const { access } = await client.tokens();
  const response = await get(urlWith(`${portal.serverUrl}/rest/services/Echo`, { f: 'json', token: access }));
  expect(errorCode(response)).toBeUndefined();
});

test('a resource below the server is as good as its root in an exchange', async () => {
  const { access } = await client.tokens();
  const response = await client.postForm('/generateToken', {
    token: access,
    serverUrl: `${portal.serverUrl}/rest/services/Countries/FeatureServer/0`,
  });
  expect(portal.control.tokens().filter(({ kind }) => kind === 'server')).toMatchObject([
    { audience: 'server', user: 'ana' },
  ]);
  expect(response['token']).toBeTruthy();
});

test('several federated servers, two of them at one origin: each accepts its own token only', async () => {
  const { access } = await client.tokens();
  const { server, server2, server3 } = portal.serverUrls;
  expect(new URL(server3).origin).toBe(new URL(server).origin);
  expect(new URL(server2).origin).not.toBe(new URL(server).origin);
  const exchanged = new Map<string, string>();
  for (const root of [server, server2, server3]) {
    const { token } = await client.postForm('/generateToken', { token: access, serverUrl: root });
    exchanged.set(root, text(token));
    expect((await get(`${root}/rest/info?f=json`))['owningSystemUrl']).toBe(portal.url);
  }
  for (const root of exchanged.keys())
    for (const [owner, token] of exchanged) {
      const response = await get(urlWith(`${root}/rest/services/Echo`, { f: 'json', token }));
      expect(errorCode(response)).toBe(owner === root ? undefined : 498);
    }
  expect(portal.control.expireAccessTokens({ audience: 'server2' })).toBe(1);
  expect(portal.control.expireAccessTokens({ kind: 'server' })).toBe(3);
});

test('tokens of federated servers can live seconds', async () => {
  portal.control.setServerTokenLifetime(2);
  const { access } = await client.tokens();
  const response = await client.postForm('/generateToken', {
    token: access,
    serverUrl: portal.serverUrl,
    expiration: '60',
  });
  expect(Number(response['expires']) - Date.now()).toBeLessThan(2001);
  const service = urlWith(`${portal.serverUrl}/rest/services/Echo`, {
    f: 'json',
    token: text(response['token']),
  });
  expect(errorCode(await get(service))).toBeUndefined();
  portal.control.setClockOffset(2000);
  expect(errorCode(await get(service))).toBe(498);
  expect(errorCode(await client.hosted('Echo', access))).toBeUndefined();
});

test('an expired or invented portal token is not exchanged', async () => {
  const { access, refresh } = await client.tokens();
  portal.control.expireAccessTokens();
  for (const token of [access, refresh, 'invented']) {
    const response = await client.postForm('/generateToken', { token, serverUrl: portal.serverUrl });
    expect(response).toEqual({ error: { code: 498, message: 'Invalid token.', details: [] } });
  }
});

test('an exchange for a server that is not federated is refused', async () => {
  const { access } = await client.tokens();
  const { host } = new URL(portal.serverUrl);
  for (const serverUrl of [
    portal.foreign.origin,
    portal.aloneUrl,
    `${portal.serverUrl}2`,
    `http://${host}@evil.example/server`,
    `http://user@${host}/server`,
    `https://evil.example/?u=${portal.serverUrl}`,
    'no address',
  ]) {
    expect(await client.postForm('/generateToken', { token: access, serverUrl })).toEqual({
      error: {
        code: 400,
        message: 'Unable to generate token',
        details: ['Unable to generate token for this server'],
      },
    });
  }
});

test('standalone server: own token service, own errors, own audience', async () => {
  const ask = async (fields: Record<string, string>) =>
    json(
      await fetch(`${portal.aloneUrl}/tokens/generateToken`, {
        method: 'POST',
        body: new URLSearchParams({ f: 'json', ...fields }),
      }),
    );
  const response = await ask(ana);
  expect(response).toEqual({ token: expect.any(String), expires: expect.any(Number) });
  const token = text(response['token']);
  expect(
    errorCode(await get(urlWith(`${portal.aloneUrl}/rest/services/Echo`, { f: 'json', token }))),
  ).toBeUndefined();
  expect(errorCode(await client.hosted('Echo', token))).toBe(498);
  expect(await ask({ ...ana, password: 'wrong' })).toEqual({
    error: {
      code: 401,
      message: 'You are not authorized to access this information',
      details: 'Invalid credentials',
    },
  });
  expect(errorCode(await ask({ ...ana, client: 'ip' }))).toBe(201);
  expect(object((await ask({ ...ana, expiration: '20160' }))['error'])['details']).toBe(
    'Client ID is required for long expiration tokens',
  );
  expect(errorCode(await get(urlWith(`${portal.aloneUrl}/tokens/generateToken`, { ...ana })))).toBe(400);
});

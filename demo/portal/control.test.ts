// Log, faults, holds, resets and the control endpoints, which tests of applications use.

import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startPortal, type Portal } from './index.js';
import {
  errorCode,
  json,
  object,
  redirectUri,
  startWithClient,
  text,
  urlWith,
  type TestClient,
} from './test-client.js';

let portal: Portal;
let client: TestClient;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(() => portal.control.reset());
afterAll(() => portal.close());

function control(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${portal.origin}/__test/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test('the log counts requests per endpoint, server, grant and status', async () => {
  const { refresh, access } = await client.tokens();
  portal.control.expireAccessTokens();
  portal.log.clear();
  await Promise.all(Array.from({ length: 50 }, () => client.hosted('Echo', access)));
  await client.refresh(refresh);
  expect(portal.log.count({ server: 'hosted', path: '/Echo', method: 'get', status: 200 })).toBe(50);
  expect(portal.log.count({ path: '/oauth2/token', grantType: 'refresh_token' })).toBe(1);
  expect(portal.log.count({ path: /token$/i, server: 'hosted' })).toBe(0);
});

test('entries name tokens by label and hold none', async () => {
  const { access, refresh } = await client.tokens();
  portal.log.clear();
  await client.hosted('Echo', access, { nested: `https://x.example/?token=${access}` });
  await fetch(`${portal.hostedUrl}/Echo?f=json`, {
    method: 'POST',
    headers: { referer: `https://app.example/?code=${refresh}`, origin: 'https://app.example' },
    body: new URLSearchParams({ token: access }),
  });
  await fetch(`${portal.hostedUrl}/Echo/${access}?f=json`, { headers: { cookie: `a=${access}` } });
  const [first, second] = portal.log.entries;
  expect(first).toMatchObject({
    server: 'hosted',
    method: 'GET',
    tokenPlacement: 'query',
    tokenId: expect.stringMatching(/^access-\d+$/),
    user: 'ana',
    status: 200,
    bodyLength: 0,
  });
  expect(second).toMatchObject({
    tokenPlacement: 'form',
    origin: 'https://app.example',
    bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(second?.secrets.toSorted()).toEqual([
    expect.stringMatching(/^access-/),
    expect.stringMatching(/^refresh-/),
  ]);
  expect(portal.log.leaks(JSON.stringify(portal.log.entries))).toEqual([]);
});

test('leaks finds codes, verifiers and tokens raw, percent-encoded and in base64, also expired ones', async () => {
  const signedIn = await client.signIn();
  const { access_token: access, refresh_token: refresh } = await client.redeem(signedIn);
  portal.control.reset();
  const secrets = [signedIn.code, signedIn.codeVerifier, text(access), text(refresh)];
  const kinds = ['code', 'code-verifier', 'access', 'refresh'];
  for (const [index, secret] of secrets.entries()) {
    const forms = [
      `before ${secret} after`,
      `https://app.example/?u=${encodeURIComponent(`x&t=${secret}`)}`,
      btoa(secret),
      btoa(`{"a":"${secret}"}`),
      btoa(`x{"a":"${secret}"}`),
      btoa(`xx{"a":"${secret}"}`),
      Buffer.from(`??>>${secret}`).toString('base64url'),
    ];
    for (const form of forms) {
      expect(portal.log.leaks(form)).toEqual([expect.stringMatching(`^${kinds[index]}-\\d+$`)]);
    }
  }
  expect(portal.log.leaks('nothing of interest')).toEqual([]);
});

test('a line per answer is written, without secrets', async () => {
  const lines: string[] = [];
  const other = await startPortal({ log: (line) => lines.push(line) });
  await fetch(`${other.hostedUrl}/Echo?f=json&token=bad`);
  await other.close();
  expect(lines).toEqual(['hosted GET /hosted/AbCdEf/arcgis/rest/services/Echo 200 unknown']);
});

test('waitFor resolves on arrival and rejects when nothing comes', async () => {
  const pending = portal.log.waitFor({ path: 'Echo' }, 2);
  await client.hosted('Echo');
  await client.hosted('PublicEcho');
  expect(await pending).toHaveLength(2);
  await expect(portal.log.waitFor({ path: '/never' }, 1, 1)).rejects.toThrow('0 of 1 awaited requests');
});

test('a hold keeps responses until they are released', async () => {
  const { refresh } = await client.tokens();
  const hold = portal.control.hold('/oauth2/token');
  const issued = () => portal.control.tokens().filter(({ kind }) => kind === 'access').length;
  const before = issued();
  let answered = 0;
  const requests = [1, 2, 3].map(async () => {
    const response = await client.refresh(refresh);
    answered += 1;
    return response;
  });
  await hold.reached(3);
  expect(hold.held).toBe(3);
  expect(issued()).toBe(before + 3);
  expect(answered).toBe(0);
  hold.releaseNext();
  await portal.log.waitFor({ path: '/oauth2/token', status: 200, grantType: 'refresh_token' });
  expect(hold.held).toBe(2);
  hold.release();
  await Promise.all(requests);
  expect((await client.refresh(refresh))['access_token']).toBeTruthy();
});

test('a hold can stop requests before they are handled', async () => {
  const { access } = await client.tokens();
  const hold = portal.control.hold(/\/Echo$/, { before: true, server: 'hosted', method: 'GET' });
  const pending = client.hosted('Echo', access);
  await hold.reached();
  portal.control.expireAccessTokens();
  hold.release();
  expect(errorCode(await pending)).toBe(498);
});

test('faults end by count, by undo and by reset; preflights meet none', async () => {
  const status = async () => (await fetch(`${portal.hostedUrl}/PublicEcho?f=json`)).status;
  portal.control.fault('/PublicEcho', { status: 503, times: 2 });
  const preflight = await fetch(`${portal.hostedUrl}/PublicEcho`, { method: 'OPTIONS' });
  expect(preflight.status).toBe(200);
  expect([await status(), await status(), await status()]).toEqual([503, 503, 200]);
  const undo = portal.control.fault('/PublicEcho', { status: 500 });
  expect(await status()).toBe(500);
  undo();
  expect(await status()).toBe(200);
  portal.control.fault('/PublicEcho', { status: 500, server: 'server' });
  expect(await status()).toBe(200);
  portal.control.fault('/PublicEcho', { delayMs: 1, times: 1 });
  expect(await status()).toBe(200);
  portal.control.fault('/PublicEcho', { status: 502 });
  portal.control.reset();
  expect(await status()).toBe(200);
});

test('expiring by filter leaves the others', async () => {
  const ana = await client.tokens();
  const ben = await client.tokens({ username: 'ben' });
  expect(portal.control.expireAccessTokens({ user: 'ben' })).toBe(1);
  expect(errorCode(await client.hosted('Echo', ana.access))).toBeUndefined();
  expect(errorCode(await client.hosted('Echo', ben.access))).toBe(498);
  expect(portal.control.expireRefreshTokens()).toBe(2);
  expect(object((await client.refresh(ana.refresh))['error'])['message']).toBe('refresh_token expired');
});

test('reset forgets tokens, sessions, switches, faults and the log', async () => {
  const { access } = await client.tokens();
  portal.control.set({ oauthErrorStatus: 400, strictAudience: false });
  portal.control.setErrorStyle('status401');
  portal.control.setAccessTokenLifetime(1);
  portal.control.setRefreshTokenLifetime(1);
  const hold = portal.control.hold('/Echo');
  const held = client.hosted('Echo', access);
  await hold.reached();
  portal.control.reset();
  await held;
  expect(portal.control.tokens()).toEqual([]);
  expect(portal.log.entries).toEqual([]);
  expect(portal.control.switches).toMatchObject({
    oauthErrorStatus: 200,
    strictAudience: true,
    errorStyles: {},
    accessTokenLifetimeS: 1800,
    refreshTokenLifetimeS: null,
  });
  expect(errorCode(await client.hosted('Echo', access))).toBe(498);
});

test('tokens are listed by label, never by value', async () => {
  const { response } = await client.tokens();
  const listed = portal.control.tokens();
  expect(listed.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'session valid',
    'code used',
    'refresh valid',
    'access valid',
  ]);
  expect(portal.log.leaks(JSON.stringify(listed))).toEqual([]);
  expect(portal.log.leaks(JSON.stringify(response))).toHaveLength(2);
});

test('redirect URIs can be added while running', async () => {
  const uri = 'http://127.0.0.1:1/added';
  expect((await fetch(client.authorizeUrl({ redirect_uri: uri }))).status).toBe(400);
  portal.addRedirectUri(uri);
  expect((await fetch(client.authorizeUrl({ redirect_uri: uri }))).status).toBe(200);
  expect(() => portal.addRedirectUri(uri, 'nobody')).toThrow('No client');
});

test('the control endpoints work over HTTP', async () => {
  const { access, refresh } = await client.tokens();
  expect(await json(await control('expire', { user: 'ana' }))).toEqual({ count: 1 });
  expect(errorCode(await client.hosted('Echo', access))).toBe(498);
  expect(await json(await control('leaks', { text: `x${refresh}` }))).toEqual({
    labels: [expect.stringMatching(/^refresh-/)],
  });
  const { id } = await json(await control('fault', { path: '/PublicEcho', status: 503 }));
  expect((await fetch(`${portal.hostedUrl}/PublicEcho`)).status).toBe(503);
  expect(await json(await control('undo', { id }))).toEqual({ ok: true });
  expect((await fetch(`${portal.hostedUrl}/PublicEcho`)).status).toBe(200);
  await control('switches', { oauthErrorStatus: 400, errorStyles: { '*': 'status401' } });
  expect(await json(await control('switches'))).toMatchObject({ oauthErrorStatus: 400 });
  expect((await json(await control('log')))['entries']).not.toEqual([]);
  expect(portal.log.count({ path: '/__test' })).toBe(0);
  await control('redirect-uri', { uri: 'http://127.0.0.1:2/cb' });
  expect((await fetch(client.authorizeUrl({ redirect_uri: 'http://127.0.0.1:2/cb' }))).status).toBe(200);
  expect((await control('reset', {})).status).toBe(200);
  expect(portal.control.tokens()).toEqual([]);
});

test('a hold over HTTP is released by undo', async () => {
  const { id } = await json(await control('hold', { path: '/PublicEcho' }));
  const pending = client.hosted('PublicEcho');
  await portal.log.waitFor({ path: '/PublicEcho' });
  await control('undo', { id });
  expect((await pending)['method']).toBe('GET');
});

test.each([
  ['an Origin header', { origin: 'https://app.example' }],
  ['the same origin', { origin: 'http://127.0.0.1' }],
  ['fetch metadata of a page', { 'sec-fetch-site': 'cross-site' }],
])('the control endpoints refuse %s', async (_name, headers: Record<string, string>) => {
  for (const body of [undefined, {}]) {
    const response = await control(body === undefined ? 'log' : 'reset', body, headers);
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  }
  const preflight = await fetch(`${portal.origin}/__test/reset`, { method: 'OPTIONS', headers });
  expect(preflight.status).toBe(403);
});

test('the control endpoints refuse another host name, unknown names and wrong values', async () => {
  const { hostname, port } = new URL(portal.origin);
  expect(hostname).toBe('127.0.0.1');
  expect((await fetch(`http://localhost:${port}/__test/log`)).status).toBe(403);
  expect((await control('nothing')).status).toBe(404);
  expect((await control('switches', { nothing: 1 })).status).toBe(400);
  expect((await control('switches', { strictAudience: 'yes' })).status).toBe(400);
  expect((await control('switches', [1])).status).toBe(400);
  expect((await control('fault', { status: 500 })).status).toBe(400);
});

test('a taken port is reported and leaves nothing running', async () => {
  const port = Number(new URL(portal.origin).port);
  await expect(startPortal({ serverPort: port })).rejects.toThrow('EADDRINUSE');
});

test('closing cuts held and hanging requests', async () => {
  const other = await startPortal({ redirectUris: [redirectUri] });
  other.control.fault('/Echo', { hang: true });
  const hanging = fetch(urlWith(`${other.hostedUrl}/Echo`, {}));
  hanging.catch(() => undefined);
  await other.log.waitFor({ path: '/Echo' });
  await other.close();
  await expect(hanging).rejects.toThrow();
});

test('tiles and styles get the life in caches that is set, and are revalidated', async () => {
  const { access } = await client.tokens();
  const visit = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(urlWith(`${portal.hostedUrl}/${path}`, { token: access }), { headers });
  const cacheControl = async (path: string): Promise<string | null> =>
    (await visit(path)).headers.get('cache-control');
  expect(await cacheControl('Terrain/MapServer/tile/0/0/0')).toBe('private, no-cache');
  portal.control.setMaxAge(600);
  for (const path of [
    'Terrain/MapServer/tile/0/0/0',
    'Countries/VectorTileServer/tile/0/0/0.pbf',
    'Countries/VectorTileServer/resources/styles/root.json',
    'Sites/FeatureServer/0/7/attachments/71',
  ]) {
    expect(await cacheControl(path)).toBe('private, max-age=600');
    const etag = (await visit(path)).headers.get('etag') ?? '';
    const again = await visit(path, { 'if-none-match': etag });
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'private, max-age=600']);
  }
  expect(await cacheControl('Basemap/MapServer/tile/0/0/0')).toBe('public, max-age=600');
  expect(await cacheControl('Countries/FeatureServer/0/query?where=1=0&f=json')).toBe('private, no-cache');
});

test('an edit changes the next query and its entity tag, on all servers, until the reset', async () => {
  const { access } = await client.tokens();
  const count = (): Promise<Response> =>
    fetch(
      `${portal.hostedUrl}/Notes/FeatureServer/0/query?where=1=1&returnCountOnly=true&f=json&token=${access}`,
    );
  const before = (await count()).headers.get('etag');
  const serverToken = await client.serverToken(access);
  const adds = JSON.stringify([{ attributes: { TEXT: 'x' }, geometry: { x: 0, y: 0 } }]);
  const edited = await fetch(`${portal.serverUrl}/rest/services/Notes/FeatureServer/0/applyEdits`, {
    method: 'POST',
    body: new URLSearchParams({ f: 'json', token: serverToken, adds }),
  });
  expect(await json(edited)).toMatchObject({ addResults: [{ success: true }] });
  const after = await count();
  expect([await after.json(), after.headers.get('etag') === before]).toEqual([{ count: 3 }, false]);
  portal.control.reset();
  const renewed = await client.tokens();
  expect(
    await client.hosted('Notes/FeatureServer/0/query', renewed.access, { returnCountOnly: 'true' }),
  ).toEqual({
    count: 2,
  });
});

test('with https all addresses are https, and the certificate is handed out', async () => {
  const secure = await startPortal({ tls: true });
  try {
    for (const url of [
      secure.url,
      secure.serverUrl,
      secure.aloneUrl,
      secure.oauth.issuer,
      secure.foreign.origin,
    ])
      expect(url).toMatch(/^https:/);
    const answer = await new Promise<string>((resolve, reject) => {
      request(
        `${secure.url}/sharing/rest/portals/self?f=json`,
        { ca: secure.certificate },
        (response) => void response.toArray().then((chunks) => resolve(chunks.join('')), reject),
      )
        .on('error', reject)
        .end();
    });
    expect(JSON.parse(answer)).toMatchObject({ allSSL: true, httpsPort: Number(new URL(secure.url).port) });
    expect(secure.control.switches.ssl).toBe(true);
  } finally {
    await secure.close();
  }
});

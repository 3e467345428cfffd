// The token and revocation endpoints.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { confidentialClientSecret } from '../../accounts.js';
import type { Fault, Portal } from '../../index.js';
import {
  errorCode,
  json,
  object,
  redirectUri,
  s256,
  startWithClient,
  text,
  type Json,
  type TestClient,
} from '../../test-client.js';

let portal: Portal;
let client: TestClient;
beforeAll(async () => {
  ({ portal, client } = await startWithClient());
});
beforeEach(() => portal.control.reset());
afterAll(() => portal.close());

const invalidRefreshToken = {
  error: {
    code: 498,
    error: 'invalid_request',
    error_description: 'Invalid refresh_token',
    message: 'Invalid refresh_token',
    details: [],
  },
};

function expectCodeRefused(response: Json, description: string): void {
  expect(response).toEqual({
    error: {
      code: 400,
      error: 'invalid_grant',
      error_description: description,
      message: description,
      details: [],
    },
  });
}

function exchange(refreshToken: string): Promise<Json> {
  return client.token({
    grant_type: 'exchange_refresh_token',
    refresh_token: refreshToken,
    redirect_uri: redirectUri,
  });
}

async function opens(access: unknown): Promise<boolean> {
  return errorCode(await client.hosted('Echo', text(access))) === undefined;
}

const askAppToken = (fields: Record<string, string>) =>
  client.postForm('/oauth2/token', {
    client_id: 'idw-app',
    grant_type: 'client_credentials',
    ...fields,
  });

test('a code with the right verifier gives access and refresh token, without token_type', async () => {
  const { response, access } = await client.tokens();
  expect(response).toEqual({
    access_token: expect.any(String),
    expires_in: 1800,
    username: 'ana',
    ssl: false,
    refresh_token: expect.any(String),
    refresh_token_expires_in: 20_160 * 60,
  });
  expect(await opens(access)).toBe(true);
});

test('the token endpoint accepts POST only and sends no-store', async () => {
  expect((await fetch(`${client.sharing}/oauth2/token?f=json`)).status).toBe(405);
  const response = await client.post('/oauth2/token/', { client_id: 'idw-demo', grant_type: 'x' });
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a code is refused after 120 s of the portal clock', async () => {
  const late = await client.signIn();
  portal.control.setClockOffset(120_000);
  expectCodeRefused(await client.redeem(late), 'Invalid code');
  portal.control.setClockOffset(0);
  const inTime = await client.signIn();
  portal.control.setClockOffset(119_000);
  expect((await client.redeem(inTime))['access_token']).toBeTruthy();
});

test('the second use of a code fails and revokes what the first produced', async () => {
  const signedIn = await client.signIn();
  const first = await client.redeem(signedIn);
  const refreshed = await client.refresh(text(first['refresh_token']));
  expectCodeRefused(await client.redeem(signedIn), 'Invalid code');
  expect(await opens(first['access_token'])).toBe(false);
  expect(await opens(refreshed['access_token'])).toBe(false);
  expect(await client.refresh(text(first['refresh_token']))).toEqual(invalidRefreshToken);
});

test('a wrong, missing or plain verifier fails and uses the code up', async () => {
  const base = { grant_type: 'authorization_code', redirect_uri: redirectUri };
  for (const wrong of ['other', 'missing', 'plain'] as const) {
    const signedIn = await client.signIn({ codeVerifier: 'v'.repeat(43) });
    const verifier: Record<string, string> = {
      other: 'w'.repeat(43),
      plain: s256('v'.repeat(43)),
    };
    const codeVerifier = verifier[wrong];
    const response = await client.token({
      ...base,
      code: signedIn.code,
      ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
    });
    expectCodeRefused(response, 'Invalid code_verifier');
    expectCodeRefused(await client.redeem(signedIn), 'Invalid code');
  }
});

test('a verifier without a challenge is refused', async () => {
  const signedIn = await client.signIn({
    authorize: { code_challenge: undefined, code_challenge_method: undefined },
  });
  expectCodeRefused(await client.redeem(signedIn), 'Invalid code_verifier');
});

test('a wrong redirect_uri fails and uses the code up', async () => {
  const signedIn = await client.signIn();
  const response = await client.token({
    grant_type: 'authorization_code',
    code: signedIn.code,
    code_verifier: signedIn.codeVerifier,
    redirect_uri: `${redirectUri}?x=1`,
  });
  expectCodeRefused(response, 'Invalid redirect_uri');
  expectCodeRefused(await client.redeem(signedIn), 'Invalid code');
});

test('a code of another client is refused', async () => {
  const { code, codeVerifier } = await client.signIn();
  const response = await client.postForm('/oauth2/token', {
    client_id: 'idw-app',
    grant_type: 'authorization_code',
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUri,
  });
  expectCodeRefused(response, 'Invalid code');
});

test('refresh_token returns an access token only; the refresh token stays valid', async () => {
  const { refresh } = await client.tokens();
  for (let round = 0; round < 2; round += 1) {
    const response = await client.refresh(refresh);
    expect(Object.keys(response)).toEqual(['access_token', 'expires_in', 'username', 'ssl']);
    expect(await opens(response['access_token'])).toBe(true);
  }
});

test('a portal that rotates returns a new refresh token', async () => {
  portal.control.setRotateOnRefresh(true);
  const { refresh } = await client.tokens();
  expect((await client.refresh(refresh))['refresh_token']).toBeTruthy();
  expect(await client.refresh(refresh)).toEqual(invalidRefreshToken);
});

test('an exchange returns a new pair; the old refresh token and its access tokens are revoked', async () => {
  const { refresh, access } = await client.tokens({ authorize: { expiration: '120' } });
  const response = await exchange(refresh);
  expect(response['refresh_token_expires_in']).toBe(7200);
  expect(await opens(access)).toBe(false);
  expect(await opens(response['access_token'])).toBe(true);
  expect(await client.refresh(refresh)).toEqual(invalidRefreshToken);
  expect((await client.refresh(text(response['refresh_token'])))['access_token']).toBeTruthy();
});

test.each([false, true])('a rotated refresh token is refused (family revoked: %s)', async (family) => {
  portal.control.setRevokeFamilyOnReuse(family);
  const { refresh } = await client.tokens();
  const next = await exchange(refresh);
  expect(await client.refresh(refresh)).toEqual(invalidRefreshToken);
  expect(await opens(next['access_token'])).toBe(!family);
});

test('in the grace period a rotated refresh token is good, and so is what it has brought', async () => {
  portal.control.setRotateOnRefresh(true);
  portal.control.setRevokeFamilyOnReuse(true);
  portal.control.setRotationGrace(30);
  const { refresh } = await client.tokens();
  const lost = await client.refresh(refresh);
  const again = await client.refresh(refresh);
  expect(again['refresh_token']).not.toBe(lost['refresh_token']);
  for (const { access_token: access } of [lost, again]) expect(await opens(access)).toBe(true);
  // A second use does not prolong it.
  portal.control.setClockOffset(20_000);
  await client.refresh(refresh);
  portal.control.setClockOffset(30_000);
  expect(await client.refresh(refresh)).toEqual(invalidRefreshToken);
  expect(await opens(again['access_token'])).toBe(false);
  // What was revoked, not rotated, has no grace.
  portal.control.setClockOffset(0);
  const { refresh: other } = await client.tokens();
  await client.refresh(other);
  portal.control.revokeRefreshTokens();
  expect(await client.refresh(other)).toEqual(invalidRefreshToken);
});

test('an expired refresh token has its own error', async () => {
  const { refresh } = await client.tokens({ authorize: { expiration: '10' } });
  portal.control.setClockOffset(10 * 60 * 1000);
  expect(await client.refresh(refresh)).toEqual({
    error: {
      code: 498,
      error: 'invalid_request',
      error_description: 'refresh_token expired',
      message: 'refresh_token expired',
      details: [],
    },
  });
});

test('an exchange without redirect_uri is refused and changes nothing', async () => {
  const { refresh } = await client.tokens();
  const response = await client.token({ grant_type: 'exchange_refresh_token', refresh_token: refresh });
  expect(object(response['error'])).toMatchObject({ code: 400, message: 'redirect_uri not specified' });
  expect((await client.refresh(refresh))['access_token']).toBeTruthy();
});

test.each<[string, Fault, number, RegExp]>([
  ['500', { status: 500 }, 500, /<h1>/],
  ['503 with Retry-After', { status: 503, retryAfterS: 7 }, 503, /<h1>/],
  ['429', { status: 429, retryAfterS: 7 }, 429, /<h1>/],
  ['HTML with 200', { html: '<h1>gateway</h1>' }, 200, /^<h1>gateway/],
  ['truncated JSON', { truncate: true }, 200, /^\{"access_token":"[^}]*$/],
])('the token endpoint answers %s once', async (_name, fault, status, body) => {
  const { refresh } = await client.tokens();
  portal.control.fault('/oauth2/token', { ...fault, times: 1 });
  const response = await client.post('/oauth2/token', {
    client_id: 'idw-demo',
    grant_type: 'refresh_token',
    refresh_token: refresh,
  });
  expect(response.status).toBe(status);
  expect(await response.text()).toMatch(body);
  expect(response.headers.get('retry-after')).toBe(fault.retryAfterS === undefined ? null : '7');
  expect((await client.refresh(refresh))['access_token']).toBeTruthy();
});

test.each(['request', 'answer', 'body'] as const)('the connection is reset (%s)', async (drop) => {
  const { refresh } = await client.tokens();
  portal.control.fault('/oauth2/token', { drop, times: 1 });
  const before = portal.control.tokens().length;
  await expect(client.refresh(refresh)).rejects.toThrow(TypeError);
  expect(portal.control.tokens().length - before).toBe(drop === 'request' ? 0 : 1);
  expect((await client.refresh(refresh))['access_token']).toBeTruthy();
});

test('the token endpoint hangs until the client disconnects', async () => {
  const { refresh } = await client.tokens();
  const undo = portal.control.fault('/oauth2/token', { hang: true });
  portal.log.clear();
  const leaving = new AbortController();
  const pending = fetch(`${client.sharing}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh }),
    signal: leaving.signal,
  });
  await portal.log.waitFor({ path: '/oauth2/token' });
  leaving.abort();
  await expect(pending).rejects.toThrow();
  const [entry] = await portal.log.waitFor({ where: (each) => each.closedByClientAtMs !== undefined });
  expect(entry?.status).toBe(0);
  undo();
  expect((await client.refresh(refresh))['access_token']).toBeTruthy();
});

test.each([200, 400] as const)('errors carry HTTP %i and the same body', async (status) => {
  portal.control.setOauthErrorStatus(status);
  const response = await client.post('/oauth2/token', {
    client_id: 'idw-demo',
    grant_type: 'refresh_token',
    refresh_token: 'unknown',
  });
  expect(response.status).toBe(status);
  expect(await json(response)).toEqual(invalidRefreshToken);
});

test('client_credentials with a good, bad and missing secret', async () => {
  const response = await askAppToken({ client_secret: confidentialClientSecret });
  expect(response).toEqual({ access_token: expect.any(String), expires_in: 7200 });
  expect(await opens(response['access_token'])).toBe(true);
  expect(
    (await askAppToken({ client_secret: confidentialClientSecret, expiration: '5' }))['expires_in'],
  ).toBe(300);
  for (const refused of [await askAppToken({ client_secret: 'wrong' }), await askAppToken({})]) {
    expect(object(refused['error'])).toMatchObject({ code: 400, message: 'Invalid client_secret' });
  }
});

test('an app token reads no private service', async () => {
  const response = await client.postForm('/oauth2/token', {
    client_id: 'idw-app',
    client_secret: confidentialClientSecret,
    grant_type: 'client_credentials',
  });
  expect(errorCode(await client.hosted('Sites/FeatureServer', text(response['access_token'])))).toBe(403);
});

test('unknown clients and grants are named', async () => {
  const unknown = await client.postForm('/oauth2/token', {
    client_id: 'nobody',
    grant_type: 'refresh_token',
  });
  expect(object(unknown['error'])).toMatchObject({ code: 400, error: 'invalid_client_id' });
  const password = await client.token({ grant_type: 'password' });
  expect(object(password['error'])).toMatchObject({ error: 'unsupported_grant_type' });
});

test('revoking a refresh token revokes its access tokens', async () => {
  const { refresh, access } = await client.tokens();
  const response = await client.postForm('/oauth2/revokeToken', {
    auth_token: refresh,
    token_type_hint: 'refresh_token',
    client_id: 'idw-demo',
  });
  expect(response).toEqual({ success: true });
  expect(await opens(access)).toBe(false);
  expect(await client.refresh(refresh)).toEqual(invalidRefreshToken);
});

test('revoking an unknown token or that of another client reports success and revokes nothing', async () => {
  const { refresh, access } = await client.tokens();
  for (const fields of [
    { auth_token: 'unknown', client_id: 'idw-demo' },
    { auth_token: refresh, client_id: 'idw-app' },
  ]) {
    expect(await client.postForm('/oauth2/revokeToken/', fields)).toEqual({ success: true });
  }
  expect(await opens(access)).toBe(true);
  expect((await client.refresh(refresh))['access_token']).toBeTruthy();
});

test('a shifted clock changes absolute times, not expires_in', async () => {
  portal.control.setClockOffset(10 * 60 * 1000);
  const { access, response } = await client.tokens();
  expect(response['expires_in']).toBe(1800);
  const generated = await client.postForm('/generateToken', {
    token: access,
    serverUrl: portal.serverUrl,
    expiration: '60',
  });
  expect(Number(generated['expires']) - Date.now()).toBeGreaterThan(69 * 60 * 1000);
  portal.control.setClockOffset(41 * 60 * 1000);
  expect(await opens(access)).toBe(false);
});

test.each([0, -5, '1800', 1e12, 'missing'] as const)('expires_in says %s', async (value) => {
  portal.control.setExpiresIn(value);
  const { response } = await client.tokens();
  expect(response['expires_in']).toBe(value === 'missing' ? undefined : value);
  portal.control.setExpiresIn(undefined);
  expect((await client.tokens()).response['expires_in']).toBe(1800);
});

test('an administrator revokes access and refresh tokens', async () => {
  const { refresh, access } = await client.tokens();
  portal.control.revokeAccessTokens();
  portal.control.revokeRefreshTokens();
  expect(errorCode(await client.hosted('Echo', access))).toBe(498);
  expect(await client.refresh(refresh)).toEqual(invalidRefreshToken);
});

test.each(['129600', '-1', undefined])(
  'the ceiling of 60 minutes beats expiration=%s',
  async (expiration) => {
    portal.control.setMaxTokenExpirationMinutes(60);
    const { response } = await client.tokens({ authorize: { expiration } });
    expect(response['refresh_token_expires_in']).toBe(3600);
  },
);

test.each([
  ['129600', 129_600 * 60],
  ['200000', 129_600 * 60],
  ['-1', 129_600 * 60],
  ['60', 3600],
  ['abc', 20_160 * 60],
])('without a ceiling expiration=%s gives %i s', async (expiration, expected) => {
  const { response } = await client.tokens({ authorize: { expiration } });
  expect(response['refresh_token_expires_in']).toBe(expected);
});

test('an old portal sends no refresh token life and ignores PKCE', async () => {
  portal.control.omitRefreshTokenExpiresIn();
  portal.control.setPortalVersion('7.3');
  const signedIn = await client.signIn();
  const response = await client.redeem({ ...signedIn, codeVerifier: 'w'.repeat(43) });
  expect(response['refresh_token']).toBeTruthy();
  expect('refresh_token_expires_in' in response).toBe(false);
});

// The generic OAuth server and its API, one test per rule.

import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Portal } from '../index.js';
import {
  json,
  oauthStateIn,
  object,
  redirectUri,
  s256,
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

const codeVerifier = 'v'.repeat(64);

function authorizeUrl(parameters: Record<string, string | undefined> = {}): string {
  return urlWith(`${portal.oauth.issuer}/authorize`, {
    client_id: portal.oauth.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'tiles',
    state: 'state-1',
    code_challenge: s256(codeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
}

async function signIn(parameters: Record<string, string | undefined> = {}): Promise<URL> {
  const form = await (await fetch(authorizeUrl(parameters))).text();
  const response = await client.submit(form, { username: 'ana', password: 'ana-demo-1' });
  return new URL(response.headers.get('location') ?? '');
}

function postToken(fields: Record<string, string>): Promise<Response> {
  return fetch(`${portal.oauth.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: portal.oauth.clientId, ...fields }),
  });
}

async function redeem(location: URL): Promise<Json> {
  const response = await postToken({
    grant_type: 'authorization_code',
    code: location.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });
  return json(response);
}

function refresh(refreshToken: unknown): Promise<Response> {
  return postToken({ grant_type: 'refresh_token', refresh_token: text(refreshToken) });
}

function callApi(access?: unknown, path = ''): Promise<Response> {
  return fetch(`${portal.oauth.apiUrl}${path}`, {
    headers: access === undefined ? {} : { authorization: `Bearer ${text(access)}` },
  });
}

const revoke = (token: string) =>
  fetch(`${portal.oauth.issuer}/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: portal.oauth.clientId }),
  });

const endUrl = (uri: string) =>
  urlWith(`${portal.oauth.issuer}/end-session`, {
    client_id: portal.oauth.clientId,
    post_logout_redirect_uri: uri,
    state: 's',
  });

test.each(['openid-configuration', 'oauth-authorization-server'])('metadata at %s', async (document) => {
  const url = `${portal.oauth.issuer}/.well-known/${document}`;
  const metadata = await json(await fetch(url));
  expect(metadata).toMatchObject({
    issuer: portal.oauth.issuer,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  });
  portal.control.setMetadataIssuer('https://other.example');
  expect((await json(await fetch(url)))['issuer']).toBe('https://other.example');
});

test('a code response carries iss, and it can be wrong or missing', async () => {
  expect((await signIn()).searchParams.get('iss')).toBe(portal.oauth.issuer);
  portal.control.setResponseIss('wrong');
  expect((await signIn()).searchParams.get('iss')).toBe('https://other-issuer.example');
  portal.control.setResponseIss('missing');
  expect((await signIn()).searchParams.has('iss')).toBe(false);
});

test('an error response carries iss and state too', async () => {
  const form = await (await fetch(authorizeUrl())).text();
  const response = await client.submit(form, { cancel: 'true' });
  const { searchParams } = new URL(response.headers.get('location') ?? '');
  expect(Object.fromEntries(searchParams)).toMatchObject({
    error: 'access_denied',
    state: 'state-1',
    iss: portal.oauth.issuer,
  });
});

test.each([
  ['no PKCE', { code_challenge: undefined }, 'invalid_request'],
  ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['implicit', { response_type: 'token' }, 'unsupported_response_type'],
  ['unknown scope', { scope: 'tiles everything' }, 'invalid_scope'],
  ['prompt=none without a session', { prompt: 'none' }, 'login_required'],
])('%s is refused by redirect', async (_name, parameters, error) => {
  const response = await fetch(authorizeUrl(parameters), { redirect: 'manual' });
  expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe(error);
});

test('an unregistered redirect URI is refused without a redirect', async () => {
  const response = await fetch(authorizeUrl({ redirect_uri: `${redirectUri}/` }), { redirect: 'manual' });
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
});

test('a token response follows RFC 6749 and is not stored', async () => {
  const response = await redeem(await signIn());
  expect(response).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 1800,
    scope: 'tiles',
    refresh_token: expect.any(String),
  });
  expect((await postToken({})).headers.get('cache-control')).toBe('no-store');
});

test('errors are flat, 400, or 401 for an unknown client', async () => {
  const refused = await refresh('unknown');
  expect(refused.status).toBe(400);
  expect(await json(refused)).toEqual({ error: 'invalid_grant', error_description: expect.any(String) });
  const unknown = await postToken({ client_id: 'nobody' });
  expect(unknown.status).toBe(401);
  expect(await json(unknown)).toMatchObject({ error: 'invalid_client' });
});

test('a wrong verifier, a second use or a late code fails', async () => {
  const location = await signIn();
  const first = await redeem(location);
  expect(await redeem(location)).toMatchObject({ error: 'invalid_grant' });
  expect((await callApi(first['access_token'])).status).toBe(401);
  const late = await signIn();
  portal.control.setClockOffset(120_000);
  expect(await redeem(late)).toMatchObject({ error: 'invalid_grant' });
  const wrong = await signIn({ code_challenge: s256('another') });
  expect(await redeem(wrong)).toMatchObject({ error: 'invalid_grant' });
});

test('a refresh token is replaced at every use, and its family does not live longer', async () => {
  const first = await redeem(await signIn());
  portal.control.setClockOffset(60_000);
  const second = await json(await refresh(first['refresh_token']));
  expect(second['refresh_token']).not.toBe(first['refresh_token']);
  expect((await refresh(first['refresh_token'])).status).toBe(400);
  const ends = portal.control.tokens().filter(({ kind }) => kind === 'oauth-refresh');
  expect(Math.abs((ends[1]?.expiresAtMs ?? 0) - (ends[0]?.expiresAtMs ?? 0))).toBeLessThan(2000);
  expect((await callApi(second['access_token'])).status).toBe(200);
});

test('reuse of a rotated refresh token may kill the family; rotation can be off', async () => {
  portal.control.setRevokeFamilyOnReuse(true);
  const first = await redeem(await signIn());
  const second = await json(await refresh(first['refresh_token']));
  expect((await refresh(first['refresh_token'])).status).toBe(400);
  expect((await refresh(second['refresh_token'])).status).toBe(400);
  expect((await callApi(second['access_token'])).status).toBe(401);
  portal.control.setRotateOnRefresh(false, 'oauth');
  const steady = await redeem(await signIn());
  expect('refresh_token' in (await json(await refresh(steady['refresh_token'])))).toBe(false);
  expect((await refresh(steady['refresh_token'])).status).toBe(200);
});

test('in the grace period a rotated refresh token is good', async () => {
  portal.control.setRotationGrace(30);
  portal.control.setRevokeFamilyOnReuse(true);
  const { refresh_token: first } = await redeem(await signIn());
  const lost = await json(await refresh(first));
  const again = await json(await refresh(first));
  for (const { access_token: access } of [lost, again]) expect((await callApi(access)).status).toBe(200);
  portal.control.setClockOffset(30_000);
  expect((await refresh(first)).status).toBe(400);
});

test('the API accepts its token in the Authorization header only', async () => {
  const { access_token: access } = await redeem(await signIn());
  const response = await callApi(access, 'tiles/1');
  expect(await json(response)).toMatchObject({ user: 'ana', scope: 'tiles', path: '/api/tiles/1' });
  const bare = await callApi();
  expect(bare.status).toBe(401);
  expect(bare.headers.get('www-authenticate')).toBe('Bearer realm="api"');
  for (const url of [`?token=${text(access)}`, `?access_token=${text(access)}`]) {
    expect((await callApi(undefined, url)).status).toBe(401);
  }
});

test('WWW-Authenticate names a refused token and a missing scope', async () => {
  const { access_token: access } = await redeem(await signIn());
  const forbidden = await callApi(access, 'admin/keys');
  expect(forbidden.status).toBe(403);
  expect(forbidden.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="admin"');
  portal.control.expireAccessTokens();
  const expired = await callApi(access);
  expect(expired.status).toBe(401);
  expect(expired.headers.get('www-authenticate')).toContain('error="invalid_token"');
});

test('neither the portal nor this server accepts tokens of the other', async () => {
  const { access } = await client.tokens();
  const own = await redeem(await signIn());
  expect((await callApi(access)).status).toBe(401);
  expect(object((await client.hosted('Echo', text(own['access_token'])))['error'])['code']).toBe(498);
});

test('the preflight of the API is answered', async () => {
  const response = await fetch(portal.oauth.apiUrl, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-headers': 'authorization' },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-headers')).toContain('Authorization');
});

test('revocation of a refresh token kills its access tokens; unknown tokens are fine', async () => {
  const { access_token: access, refresh_token: refreshToken } = await redeem(await signIn());
  expect((await revoke('unknown')).status).toBe(200);
  expect((await callApi(access)).status).toBe(200);
  expect((await revoke(text(refreshToken))).status).toBe(200);
  expect((await callApi(access)).status).toBe(401);
});

test('with scope openid an ID token comes, signed and bound to the nonce', async () => {
  const response = await redeem(await signIn({ scope: 'openid tiles', nonce: 'nonce-1' }));
  const [header = '', claims = '', signature = ''] = text(response['id_token']).split('.');
  const { keys } = await json(await fetch(`${portal.oauth.issuer}/jwks`));
  const key: JsonWebKey = Array.isArray(keys) ? object(keys[0]) : {};
  const isGenuine = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isGenuine).toBe(true);
  expect(object(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')))).toMatchObject({
    iss: portal.oauth.issuer,
    aud: portal.oauth.clientId,
    sub: 'ana',
    nonce: 'nonce-1',
  });
  const info = await fetch(`${portal.oauth.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${text(response['access_token'])}` },
  });
  expect((await json(info))['sub']).toBe('ana');
});

test('end-session ends the session and returns to a registered origin only', async () => {
  const form = await (await fetch(authorizeUrl())).text();
  const response = await client.submit(form, { username: 'ana', password: 'ana-demo-1' });
  const cookie = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  const visit = (url: string) => fetch(url, { redirect: 'manual', headers: { cookie } });
  expect((await visit(authorizeUrl())).status).toBe(302);
  expect((await visit(authorizeUrl({ prompt: 'login' }))).status).toBe(200);
  expect((await visit(endUrl('https://evil.example/'))).status).toBe(400);
  const ended = await visit(endUrl('http://127.0.0.1:5999/'));
  expect(ended.headers.get('location')).toBe('http://127.0.0.1:5999/?state=s');
  expect((await visit(authorizeUrl())).status).toBe(200);
});

test('the portal refuses a form of this server', async () => {
  const form = await (await fetch(authorizeUrl())).text();
  const response = await fetch(`${client.sharing}/oauth2/signin`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      oauth_state: oauthStateIn(form),
      username: 'ana',
      password: 'ana-demo-1',
    }),
  });
  expect(response.status).toBe(400);
});

/** ArcGIS's token answers in the words of the RFCs: verdicts stay verdicts, and everything else is none. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { arcgisEnterprise, type ArcGISEnterpriseOptions } from '../portals/arcgis.js';
import type { Portal } from '../portals/portal.js';
import { resolvePortals } from '../portals/portal.js';
import { arcgisServer, toTokenResponse } from './arcgis-server.js';
import { fetchForLibrary } from './rfc-requests.js';
import { OAuthError, TokenEndpointUnavailable, type TokenResponse } from './token-endpoint.js';
import { saneLifetimeS } from './token-response.js';

const YEAR_S = 366 * 24 * 3600;

const answerOf = (text: string): TokenResponse => toTokenResponse({ status: 200, text });

/** The error that an answer is taken as. */
function refusalIn(status: number, text: string): unknown {
  try {
    return toTokenResponse({ status, text });
  } catch (error) {
    return error;
  }
}

describe('errors', () => {
  test.each<[name: string, error: object, word: string]>([
    [
      'unknown client',
      { code: 400, error: 'invalid_client_id', error_description: 'Invalid client_id' },
      'invalid_client',
    ],
    [
      'wrong secret',
      { code: 400, error: 'invalid_request', error_description: 'Invalid client_secret' },
      'invalid_request',
    ],
    [
      'refresh token unknown',
      { code: 498, error: 'invalid_request', error_description: 'Invalid refresh_token' },
      'invalid_grant',
    ],
    [
      'refresh token expired',
      { code: 498, error: 'invalid_request', error_description: 'refresh_token expired' },
      'invalid_grant',
    ],
    ['498 without a text', { code: 498 }, 'invalid_grant'],
    ['498 as a text', { code: '498', message: 'Invalid token.' }, 'invalid_grant'],
    [
      'refresh token refused with 400',
      { code: 400, error: 'invalid_request', message: 'Invalid refresh_token' },
      'invalid_grant',
    ],
    [
      'refresh token left out',
      { code: 400, error: 'invalid_request', message: 'refresh_token not specified' },
      'invalid_request',
    ],
    [
      'wrong code',
      { code: 400, error: 'invalid_request', error_description: 'Invalid code' },
      'invalid_grant',
    ],
    [
      'wrong verifier',
      { code: 400, error: 'invalid_request', error_description: 'Invalid code_verifier' },
      'invalid_grant',
    ],
    [
      'wrong redirect URI',
      { code: 400, error: 'invalid_request', error_description: 'Invalid redirect_uri' },
      'invalid_grant',
    ],
    [
      'unsupported grant',
      { code: 400, error: 'unsupported_grant_type', message: 'x' },
      'unsupported_grant_type',
    ],
    ['an RFC word', { code: 400, error: 'invalid_grant', message: 'x' }, 'invalid_grant'],
    ['no word', { code: 400, message: 'Unable to perform the operation' }, 'invalid_request'],
    [
      'a word that is free text',
      { code: 400, error: 'see https://gis.example.org/?token=secret' },
      'invalid_request',
    ],
    ['a word without end', { code: 400, error: 'x'.repeat(65) }, 'invalid_request'],
    ['nothing', {}, 'invalid_request'],
  ])('%s', (_, error, word) => {
    for (const status of [200, 400, 401, 403, 498]) {
      const refusal = refusalIn(status, JSON.stringify({ error }));
      expect(refusal).toBeInstanceOf(OAuthError);
      expect(refusal).toMatchObject({ oauthError: word });
    }
  });

  test('flat ones of the RFC are taken too', () => {
    const text = JSON.stringify({ error: 'invalid_grant', error_description: 'gone' });
    expect(refusalIn(400, text)).toMatchObject({ oauthError: 'invalid_grant' });
  });

  test('carry no text of the server', () => {
    const text = JSON.stringify({
      error: { code: 498, message: 'token secret-1 is bad', details: ['secret-2'] },
    });
    const refusal = refusalIn(200, text) as OAuthError;
    expect(refusal.message + refusal.oauthError).not.toMatch(/secret/);
  });

  test.each([500, 503, '500', 599])('a nested %j is no status on the grant', (code) => {
    const text = JSON.stringify({ error: { code, message: 'Invalid refresh_token' } });
    expect(refusalIn(200, text)).toBeInstanceOf(TokenEndpointUnavailable);
  });
});

describe('what is no token answer', () => {
  test.each([
    ['nothing', 200, ''],
    ['HTML', 200, '<html>Sign in to the network</html>'],
    ['HTML with 400', 400, '<html>Bad Request</html>'],
    ['truncated JSON', 200, '{"access_token":"a","expires_in":18'],
    ['a truncated error', 400, '{"error":{"code":498,"error":"inva'],
    ['null', 200, 'null'],
    ['a list', 200, '[{"access_token":"a"}]'],
    ['a text', 200, '"access_token"'],
    ['a number', 200, '498'],
    ['JSON without an error at 400', 400, '{"message":"no"}'],
    ['a token at 403', 403, '{"access_token":"a"}'],
    ['no token', 200, '{"expires_in":1800}'],
    ['an empty token', 200, '{"access_token":""}'],
    ['a token that is no text', 200, '{"access_token":1}'],
    ['a token that no header can carry', 200, '{"access_token":"a b"}'],
  ])('%s', (_, status, text) => {
    expect(refusalIn(status, text)).toBeInstanceOf(TokenEndpointUnavailable);
  });
});

describe('tokens', () => {
  test('are taken with what stands beside them', () => {
    const text =
      '{"access_token":"a","expires_in":1800,"refresh_token":"r","refresh_token_expires_in":1209600,"username":"ada","ssl":true}';
    expect(answerOf(text)).toEqual({
      accessToken: 'a',
      expiresInS: 1800,
      refreshToken: 'r',
      refreshTokenExpiresInS: 1_209_600,
      username: 'ada',
    });
  });

  test.each(['0', '-1', '""', '"soon"', 'null', 'true', '[]', '{}', '1e999'])('lose a life of %s', (life) => {
    const text = `{"access_token":"a","expires_in":${life},"refresh_token_expires_in":${life}}`;
    expect(answerOf(text)).toEqual({ accessToken: 'a' });
  });

  test('keep a life that is a text, and not one that is absurd', () => {
    const text = '{"access_token":"a","expires_in":"1800","refresh_token_expires_in":1e12}';
    expect(answerOf(text)).toMatchObject({ expiresInS: 1800, refreshTokenExpiresInS: YEAR_S });
  });

  test('that come with an error of null are tokens', () => {
    expect(answerOf('{"access_token":"a","error":null}')).toEqual({ accessToken: 'a' });
  });
});

test.each([
  [1800, 1800],
  ['1800', 1800],
  [' 60 ', 60],
  [59.9, 59],
  [1e12, YEAR_S],
  [YEAR_S + 1, YEAR_S],
  [0, undefined],
  [-5, undefined],
  ['-5', undefined],
  [NaN, undefined],
  [Infinity, undefined],
  ['Infinity', undefined],
  ['', undefined],
  [' ', undefined],
  ['soon', undefined],
  [null, undefined],
  [undefined, undefined],
  [true, undefined],
  [[1800], undefined],
])('a life of %j s is taken as %j', (value, expected) => {
  expect(saneLifetimeS(value)).toBe(expected);
});

describe('requests', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const sent: { url: string; init: RequestInit }[] = [];
  const answerWith = (make: () => Response | Promise<Response>): void => {
    sent.length = 0;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      sent.push({ url, init });
      return Promise.resolve().then(make);
    });
  };
  const root = 'https://gis.example.org/portal';
  const oauth = `${root}/sharing/rest/oauth2`;
  const register = (changes: Partial<ArcGISEnterpriseOptions> = {}): Portal => {
    const options = { url: root, clientId: 'app', redirectUri: '/signed-in.html', ...changes };
    const [portal] = resolvePortals([arcgisEnterprise(options)], 'https://app.example/');
    if (!portal) throw new Error('There is no portal.');
    return portal;
  };
  const portal = register();
  const sentForm = (): Record<string, string> =>
    Object.fromEntries(new URLSearchParams(String(sent[0]?.init.body as URLSearchParams)));
  const codeGrant = {
    code: 'c',
    state: 's',
    iss: undefined,
    request: { state: 's', codeVerifier: 'v' },
  };
  const refresh = (): Promise<TokenResponse> => arcgisServer.refresh(portal, 'r');
  const fetchOther = (): Promise<Response> =>
    fetchForLibrary(`${oauth}/token`, { method: 'POST', body: new URLSearchParams({ token: 'r' }) });

  test.each([
    ['ArcGIS', refresh],
    ['another server', fetchOther],
  ])('to %s send no cookie, keep nothing and follow no redirect', async (_, request) => {
    answerWith(() => Response.json({ access_token: 'a' }));
    await request();
    expect(sent[0]?.init).toMatchObject({
      method: 'POST',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
    });
  });

  test('take cookies along at a portal behind web-tier authentication', async () => {
    answerWith(() => Response.json({ access_token: 'a' }));
    await arcgisServer.refresh(register({ webTier: true }), 'r');
    expect(sent[0]?.init.credentials).toBe('include');
  });

  test('renew a token', async () => {
    answerWith(() => Response.json({ access_token: 'a' }));
    await refresh();
    expect(sent[0]?.url).toBe(`${oauth}/token`);
    expect(sentForm()).toEqual({
      client_id: 'app',
      grant_type: 'refresh_token',
      refresh_token: 'r',
      f: 'json',
    });
  });

  test('swap a code, with its verifier, and take the life of a session that is not told as asked for', async () => {
    answerWith(() => Response.json({ access_token: 'a', refresh_token: 'r' }));
    const answer = await arcgisServer.exchangeCode(register({ expirationMinutes: 60 }), codeGrant);
    expect(sentForm()).toEqual({
      client_id: 'app',
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'https://app.example/signed-in.html',
      code_verifier: 'v',
      f: 'json',
    });
    expect(answer).toEqual({ accessToken: 'a', refreshToken: 'r', refreshTokenExpiresInS: 3600 });
  });

  test.each([
    ['another state', { state: 'other' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an empty issuer', { iss: '' }],
  ])('send no code that came with %s', async (_, changes) => {
    answerWith(() => Response.json({ access_token: 'a' }));
    await expect(arcgisServer.exchangeCode(portal, { ...codeGrant, ...changes })).rejects.toMatchObject({
      code: 'issuer-mismatch',
    });
    expect(sent).toEqual([]);
  });

  test('send a code that came with the name of the portal', async () => {
    answerWith(() => Response.json({ access_token: 'a' }));
    await arcgisServer.exchangeCode(portal, { ...codeGrant, iss: root });
    expect(sent).toHaveLength(1);
  });

  test('swap a refresh token', async () => {
    answerWith(() => Response.json({ access_token: 'a', refresh_token: 'r2' }));
    await arcgisServer.exchangeRefreshToken?.(portal, 'r');
    expect(sentForm()).toEqual({
      client_id: 'app',
      grant_type: 'exchange_refresh_token',
      refresh_token: 'r',
      redirect_uri: 'https://app.example/signed-in.html',
      f: 'json',
    });
  });

  test('revoke with the parameter that ArcGIS knows, and never fail', async () => {
    answerWith(() => Promise.reject(new TypeError('Failed to fetch')));
    await arcgisServer.revoke(portal, 'r', 'refresh_token');
    expect(sent[0]?.url).toBe(`${oauth}/revokeToken`);
    expect(sentForm()).toEqual({
      client_id: 'app',
      auth_token: 'r',
      token_type_hint: 'refresh_token',
      f: 'json',
    });
  });

  test('leave the form of other servers alone', async () => {
    answerWith(() => Response.json({}));
    await fetchOther();
    expect(sentForm()).toEqual({ token: 'r' });
  });

  test.each<[name: string, make: () => Response | Promise<Response>]>([
    ['a network failure', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['500', () => Response.json({ error: 'invalid_grant' }, { status: 500 })],
    ['502 with HTML', () => new Response('<html>Bad Gateway', { status: 502 })],
    ['503', () => Response.json({ error: { code: 498 } }, { status: 503 })],
    ['429', () => Response.json({ error: 'invalid_grant' }, { status: 429 })],
    ['408', () => Response.json({ error: 'invalid_grant' }, { status: 408 })],
    ['an answer too long', () => new Response(`{"access_token":"${'a'.repeat(300 * 1024)}"}`)],
    [
      'an answer that breaks off',
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.error(new TypeError('terminated'));
            },
          }),
        ),
    ],
  ])('answered by %s have no status, whatever the server', async (_, make) => {
    for (const request of [refresh, fetchOther]) {
      answerWith(make);
      await expect(request()).rejects.toBeInstanceOf(TokenEndpointUnavailable);
    }
  });

  test('tell nothing of what went wrong: it may hold the grant', async () => {
    answerWith(() => Promise.reject(new TypeError('secret-1')));
    const error = await refresh().catch((reason: unknown) => reason);
    expect(String(error)).not.toMatch(/secret/);
    expect(error).not.toHaveProperty('cause');
  });

  test('hand the answer of another server on as it is', async () => {
    answerWith(() => Response.json({ error: 'invalid_grant', error_description: 'gone' }, { status: 400 }));
    const response = await fetchOther();
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: 'invalid_grant', error_description: 'gone' });
  });

  test('read an answer that comes in pieces of letters', async () => {
    const whole = new TextEncoder().encode('{"access_token":"a","username":"Zoë"}');
    answerWith(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              for (const byte of whole) controller.enqueue(Uint8Array.of(byte));
              controller.close();
            },
          }),
        ),
    );
    expect(await refresh()).toMatchObject({ username: 'Zoë' });
  });
});

/** ArcGIS's token answers in the words of the RFCs: verdicts stay verdicts, and everything else is none. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { dialectFetch, saneLifetimeS, toStandardAnswer } from './arcgis-dialect.js';
import { NoVerdict } from './token-answer.js';

const YEAR_S = 366 * 24 * 3600;

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
      expect(toStandardAnswer(status, JSON.stringify({ error }))).toEqual({
        status: 400,
        body: { error: word },
      });
    }
  });

  test('flat ones of the RFC are taken too', () => {
    const text = JSON.stringify({ error: 'invalid_grant', error_description: 'gone' });
    expect(toStandardAnswer(400, text)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('carry no text of the server', () => {
    const text = JSON.stringify({
      error: { code: 498, message: 'token secret-1 is bad', details: ['secret-2'] },
    });
    expect(JSON.stringify(toStandardAnswer(200, text))).not.toMatch(/secret/);
  });

  test.each([500, 503, '500', 599])('a nested %j is no verdict on the grant', (code) => {
    expect(() =>
      toStandardAnswer(200, JSON.stringify({ error: { code, message: 'Invalid refresh_token' } })),
    ).toThrow(NoVerdict);
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
  ])('%s', (_, status, text) => {
    expect(() => toStandardAnswer(status, text)).toThrow(NoVerdict);
  });
});

describe('tokens', () => {
  test('get the type that ArcGIS leaves out', () => {
    expect(
      toStandardAnswer(200, '{"access_token":"a","expires_in":1800,"username":"ada","ssl":true}'),
    ).toEqual({
      status: 200,
      body: { access_token: 'a', expires_in: 1800, username: 'ada', ssl: true, token_type: 'bearer' },
    });
  });

  test.each(['0', '-1', '""', '"soon"', 'null', 'true', '[]', '{}', '1e999'])('lose a life of %s', (life) => {
    const { body } = toStandardAnswer(
      200,
      `{"access_token":"a","expires_in":${life},"refresh_token_expires_in":${life}}`,
    );
    expect(body).toEqual({ access_token: 'a', token_type: 'bearer' });
  });

  test('keep a life that is a text, and not one that is absurd', () => {
    const { body } = toStandardAnswer(
      200,
      '{"access_token":"a","expires_in":"1800","refresh_token_expires_in":1e12}',
    );
    expect(body).toMatchObject({ expires_in: 1800, refresh_token_expires_in: YEAR_S });
  });

  test('that come with an error of null are tokens', () => {
    expect(toStandardAnswer(200, '{"access_token":"a","error":null}')).toMatchObject({
      status: 200,
      body: { access_token: 'a' },
    });
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

const post = (body: Record<string, string>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(body),
});

describe('dialectFetch', () => {
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
  const url = 'https://gis.example.org/portal/sharing/rest/oauth2/token';
  const sentForm = (): Record<string, string> =>
    Object.fromEntries(new URLSearchParams(String(sent[0]?.init.body as URLSearchParams)));

  test.each(['arcgis', 'oauth'] as const)(
    '%s sends no cookie, keeps nothing and follows no redirect',
    async (dialect) => {
      answerWith(() => Response.json({ access_token: 'a' }));
      await dialectFetch(dialect)(url, post({ grant_type: 'refresh_token' }));
      expect(sent[0]?.init).toMatchObject({
        method: 'POST',
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
      });
    },
  );

  test('asks ArcGIS for JSON', async () => {
    answerWith(() => Response.json({ access_token: 'a' }));
    await dialectFetch('arcgis')(url, post({ grant_type: 'refresh_token', refresh_token: 'r' }));
    expect(sentForm()).toEqual({ grant_type: 'refresh_token', refresh_token: 'r', f: 'json' });
  });

  test('revokes with the parameter that ArcGIS knows', async () => {
    answerWith(() => Response.json({ success: true }));
    await dialectFetch('arcgis')(
      url,
      post({ token: 'r', client_id: 'app', token_type_hint: 'refresh_token' }),
    );
    expect(sentForm()).toEqual({
      auth_token: 'r',
      client_id: 'app',
      token_type_hint: 'refresh_token',
      f: 'json',
    });
  });

  test('leaves the form of other servers alone', async () => {
    answerWith(() => Response.json({}));
    await dialectFetch('oauth')(url, post({ token: 'r' }));
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
  ])('%s is no verdict in either dialect', async (_, make) => {
    for (const dialect of ['arcgis', 'oauth'] as const) {
      answerWith(make);
      await expect(dialectFetch(dialect)(url, post({ grant_type: 'refresh_token' }))).rejects.toBeInstanceOf(
        NoVerdict,
      );
    }
  });

  test('tells nothing of what went wrong: it may hold the grant', async () => {
    answerWith(() => Promise.reject(new TypeError('secret-1')));
    const error = await dialectFetch('arcgis')(url, post({})).catch((reason: unknown) => reason);
    expect(String(error)).not.toMatch(/secret/);
    expect(error).not.toHaveProperty('cause');
  });

  test('hands the answer of another server on as it is', async () => {
    answerWith(() => Response.json({ error: 'invalid_grant', error_description: 'gone' }, { status: 400 }));
    const response = await dialectFetch('oauth')(url, post({}));
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: 'invalid_grant', error_description: 'gone' });
  });

  test('reads an answer that comes in pieces of letters', async () => {
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
    expect(await (await dialectFetch('arcgis')(url, post({}))).json()).toMatchObject({ username: 'Zoë' });
  });
});

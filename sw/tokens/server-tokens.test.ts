/** Tokens of federated servers: who is asked, what is believed, and for how long. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/portal.js';
import { exchangeForServer } from './server-tokens.js';
import { OAuthError, TokenEndpointUnavailable } from '../oauth/token-endpoint.js';

const NOW_MS = 1_700_000_000_000;
const HOUR_S = 3600;
const server = 'https://gis.example.org/server';
const [portal] = resolvePortals(
  [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'app',
      redirectUri: '/signed-in.html',
    }),
  ],
  'https://app.example/',
);
if (!portal) throw new Error('There is no portal.');

const sent: { url: string; init: RequestInit }[] = [];
const answerWith = (make: () => Response | Promise<Response>): void => {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    sent.push({ url, init });
    return Promise.resolve().then(make);
  });
};

beforeEach(() => {
  sent.length = 0;
  vi.useFakeTimers({ now: NOW_MS, toFake: ['Date'] });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('exchangeForServer', () => {
  test('sends the portal’s token to the portal only', async () => {
    answerWith(() => Response.json({ token: 'server-1', expires: NOW_MS + 1000, ssl: true }));
    await exchangeForServer(portal, 'portal-1', server);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe('https://gis.example.org/portal/sharing/rest/generateToken');
    expect(sent[0]?.init).toMatchObject({
      method: 'POST',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
    });
    expect(Object.fromEntries(sent[0]?.init.body as URLSearchParams)).toEqual({
      token: 'portal-1',
      serverUrl: server,
      expiration: '60',
      f: 'json',
    });
  });

  test.each<[name: string, expires: unknown, expiresInS: number]>([
    ['half an hour', NOW_MS + 1_800_000, 1800],
    ['a second', NOW_MS + 1999, 1],
    ['a text', String(NOW_MS + 1_800_000), 1800],
    ['what was asked', NOW_MS + HOUR_S * 1000, HOUR_S],
    ['more than was asked', NOW_MS + 24 * HOUR_S * 1000, HOUR_S],
    ['an absurd time', 1e300, HOUR_S],
    ['the past, of a clock that is behind', NOW_MS - 1000, HOUR_S],
    ['now', NOW_MS, HOUR_S],
    ['zero', 0, HOUR_S],
    ['a negative instant', -1, HOUR_S],
    ['seconds instead of ms', NOW_MS / 1000 + 1800, HOUR_S],
    ['no number', 'soon', HOUR_S],
    ['null', null, HOUR_S],
  ])('believes an end in %s as far as it fits', async (_, expires, expiresInS) => {
    answerWith(() => Response.json({ token: 'server-1', expires }));
    expect(await exchangeForServer(portal, 'portal-1', server)).toEqual({
      accessToken: 'server-1',
      expiresInS,
    });
  });

  test('takes what was asked where there is no end', async () => {
    answerWith(() => Response.json({ token: 'server-1' }));
    expect(await exchangeForServer(portal, 'portal-1', server)).toEqual({
      accessToken: 'server-1',
      expiresInS: HOUR_S,
    });
  });

  test.each<[code: unknown, word: string]>([
    [498, 'invalid_token'],
    ['498', 'invalid_token'],
    [499, 'invalid_token'],
    [400, 'invalid_target'],
    [403, 'invalid_target'],
  ])('an error %j is %s', async (code, word) => {
    answerWith(() => Response.json({ error: { code, message: 'token portal-1 is bad' } }));
    const error: unknown = await exchangeForServer(portal, 'portal-1', server).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ oauthError: word, message: word });
  });

  test.each<[name: string, make: () => Response | Promise<Response>]>([
    ['a network failure', () => Promise.reject(new TypeError('x'))],
    ['500', () => Response.json({ error: { code: 498 } }, { status: 500 })],
    ['429', () => Response.json({ error: { code: 498 } }, { status: 429 })],
    ['HTML', () => new Response('<html>')],
    ['truncated JSON', () => new Response('{"token":"server-1"')],
    ['more than any token', () => Response.json({ token: 'server-1', padding: 'x'.repeat(300_000) })],
    ['null', () => Response.json(null)],
    ['a text', () => Response.json('token')],
    ['a list', () => Response.json([{ token: 'server-1' }])],
    ['no token', () => Response.json({ expires: NOW_MS })],
    ['a token that is no text', () => Response.json({ token: 1 })],
  ])('%s is no status', async (_, make) => {
    answerWith(make);
    await expect(exchangeForServer(portal, 'portal-1', server)).rejects.toBeInstanceOf(
      TokenEndpointUnavailable,
    );
  });
});

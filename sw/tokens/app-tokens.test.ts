import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appTokenBinding, type AppTokenRequest } from '../../protocol/app-tokens.js';
import { appLogin, type AppLoginOptions } from '../parts/app-login.js';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { PortalIndex } from '../portals/portal-index.js';
import { resolvePortals, type AppTokens, type Portal, type PortalRegistration } from '../portals/portal.js';
import { createKey, Encrypter } from '../storage/encrypter.js';

const scope = 'https://app.example/';
const url = 'https://gis.example/portal';
const portalToken = { serverRoot: undefined };

let requests: AppTokenRequest[];
let respond: (asked: AppTokenRequest) => Response | Promise<Response>;
let faults: string[];

beforeEach(() => {
  requests = [];
  faults = [];
  respond = () => Response.json({ access_token: `token-${requests.length}`, expires_in: 7200 });
  vi.stubGlobal('self', { reportError: (error: { code: string }) => faults.push(error.code) });
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    if (address.includes('/generateToken'))
      return Response.json({
        token: `server of ${new URLSearchParams(init.body as URLSearchParams).get('token')}`,
      });
    expect(address).toBe('https://app.example/app-tokens');
    expect(init).toMatchObject({ method: 'POST', mode: 'same-origin', redirect: 'error', cache: 'no-store' });
    const asked = JSON.parse(init.body as string) as AppTokenRequest;
    requests.push(asked);
    return respond(asked);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const register = (options: Partial<AppLoginOptions> = {}): Portal =>
  appLogin({ url, tokens: '/app-tokens', ...options })(scope);

const get = new Request(`${url}/sharing/rest/portals/self`);
const tokensOf = (portal: Portal): AppTokens => {
  const tokens = portal.app?.(get, new URL(get.url));
  if (!tokens) throw new Error('no tokens');
  return tokens;
};

const user = arcgisEnterprise({ url: `${url}/`, clientId: 'abc', redirectUri: '/signed-in.html' });

test('all requests at once share one token; it is asked for anew in time, and in the background first', async () => {
  const tokens = tokensOf(register());
  const all = await Promise.all(Array.from({ length: 20 }, () => tokens.token(portalToken)));
  expect(new Set(all)).toEqual(new Set(['token-1']));
  expect(requests).toHaveLength(1);
  const work: Promise<unknown>[] = [];
  const waitUntil = (each: Promise<unknown>): void => void work.push(each);
  expect(tokens.cachedToken(portalToken, waitUntil)).toBe('token-1');
  expect(work).toEqual([]);
  const now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 7_000_000);
  expect(tokens.cachedToken(portalToken, waitUntil)).toBe('token-1');
  await Promise.all(work);
  expect(tokens.cachedToken(portalToken, waitUntil)).toBe('token-2');
  clock.mockReturnValue(now + 2 * 7_200_000);
  expect(tokens.cachedToken(portalToken, waitUntil)).toBeUndefined();
  expect(await tokens.token(portalToken)).toBe('token-3');
});

test('a federated server gets its own token, by the portal’s', async () => {
  const tokens = tokensOf(register());
  expect(await tokens.token({ serverRoot: 'https://gis.example/server' })).toBe('server of token-1');
});

test('a token that was refused is replaced, once a minute; the app’s server is told which', async () => {
  const tokens = tokensOf(register());
  await tokens.token(portalToken);
  expect(await tokens.renew(portalToken, 'token-1')).toBe('token-2');
  expect(requests[1]?.rejected).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(requests)).not.toContain('token-1');
  // Another request had the first one too.
  expect(await tokens.renew(portalToken, 'token-1')).toBe('token-2');
  expect(await tokens.renew(portalToken, 'token-2')).toBeUndefined();
  expect(requests).toHaveLength(2);
});

test('a server that has no other token says so by giving the same', async () => {
  respond = () => Response.json({ access_token: 'the same', expires_in: 7200 });
  const tokens = tokensOf(register());
  await tokens.token(portalToken);
  expect(await tokens.renew(portalToken, 'the same')).toBeUndefined();
});

test.each<[string, () => Response]>([
  ['503', () => new Response('', { status: 503, headers: { 'retry-after': '5' } })],
  ['429', () => new Response('', { status: 429 })],
  ['no network', () => Response.error()],
])('%s: no token, no fault, nobody is prompted, and a pause', async (_, answer) => {
  respond = answer;
  const tokens = tokensOf(register());
  const isError = answer().type === 'error';
  if (isError)
    vi.stubGlobal('fetch', async () => {
      requests.push({ portal: url, nonce: '' });
      throw new TypeError('Failed to fetch');
    });
  for (let times = 0; times < 5; times += 1) expect(await tokens.token(portalToken)).toBeUndefined();
  await expect(tokens.isLast()).rejects.toThrow();
  expect(requests).toHaveLength(1);
  expect(faults).toEqual([]);
});

test('a token with seconds to live is better than none', async () => {
  const tokens = tokensOf(register());
  await tokens.token(portalToken);
  respond = () => new Response('', { status: 503 });
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 7_190_000);
  expect(await tokens.token(portalToken)).toBe('token-1');
  await expect(tokens.isLast()).resolves.toBe(true);
});

test.each<[string, () => Response]>([
  ['403', () => new Response('The header names the reason.', { status: 403 })],
  ['404', () => new Response('Not found', { status: 404 })],
  ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['no token', () => Response.json({ access_token: null })],
  ['a number', () => Response.json(1)],
])('an app’s server that refuses is reported once, without a text of its own: %s', async (_, answer) => {
  respond = answer;
  const tokens = tokensOf(register());
  expect(await tokens.token(portalToken)).toBeUndefined();
  expect(await tokens.token(portalToken)).toBeUndefined();
  expect(await tokens.isLast()).toBe(true);
  expect(faults).toEqual(['option-invalid']);
});

describe('sealed', () => {
  /** What the app's server encrypts. */
  const seal = async (
    encrypter: Encrypter,
    asked: AppTokenRequest,
    value: unknown = { access_token: 'sealed token', expires_in: 60 },
  ): Promise<Response> => {
    const { iv, data } = await encrypter.encrypt(value, appTokenBinding(asked));
    return Response.json({ sealed: [Buffer.concat([iv, new Uint8Array(data)]).toString('base64url')] });
  };
  const sealed = async (): Promise<{ tokens: AppTokens; encrypter: Encrypter }> => {
    const encrypter = new Encrypter([await createKey()]);
    const portal = register();
    portal.sealedBy?.(async () => encrypter);
    return { tokens: tokensOf(portal), encrypter };
  };

  test('an answer for this very request opens', async () => {
    const { tokens, encrypter } = await sealed();
    respond = (asked) => seal(encrypter, asked);
    expect(await tokens.token(portalToken)).toBe('sealed token');
  });

  test.each<[string, (encrypter: Encrypter, asked: AppTokenRequest) => Response | Promise<Response>]>([
    ['one in the clear', () => Response.json({ access_token: 'token', expires_in: 60 })],
    ['one of another request', (encrypter, asked) => seal(encrypter, { ...asked, nonce: 'another' })],
    [
      'one for another portal',
      (encrypter, asked) => seal(encrypter, { ...asked, portal: 'https://other.example' }),
    ],
    ['one of another browser', async (_, asked) => seal(new Encrypter([await createKey()]), asked)],
    [
      'one that was cut',
      async (encrypter, asked) => {
        const {
          sealed: [text = ''],
        } = (await (await seal(encrypter, asked)).json()) as { sealed: string[] };
        return Response.json({ sealed: [text.slice(0, -4)] });
      },
    ],
    ['none', () => Response.json({ sealed: [] })],
    ['no text', () => Response.json({ sealed: [null, 1, '%%%'] })],
    ['both', (_, asked) => Response.json({ sealed: ['AAAA'], access_token: asked.nonce, expires_in: 60 })],
  ])('%s is no token', async (_, answer) => {
    const { tokens, encrypter } = await sealed();
    respond = (asked) => answer(encrypter, asked);
    expect(await tokens.token(portalToken)).toBeUndefined();
    expect(faults).toEqual(['option-invalid']);
  });

  test('a worker without keys says what it lacks', async () => {
    const encrypter = new Encrypter([await createKey()]);
    respond = (asked) => seal(encrypter, asked);
    expect(await tokensOf(register()).token(portalToken)).toBeUndefined();
    expect(faults).toEqual(['injected-keys-missing']);
  });
});

describe('the registration', () => {
  test.each(['before', 'behind'])(
    'beside users’, %s it: one portal, whose tokens are the app’s where nobody is signed in',
    async (place) => {
      const app = appLogin({
        url: `${url}/sharing/rest`,
        tokens: '/app-tokens',
        resources: ['https://gis.example/hosted/'],
      });
      const portals = resolvePortals(place === 'before' ? [app, user] : [user, app], scope);
      expect(portals).toHaveLength(1);
      const [portal] = portals;
      expect(portal?.clientId).toBe('abc');
      expect(portal?.resources.map(({ href }) => href)).toEqual([
        `${url}/sharing/`,
        'https://gis.example/hosted/',
      ]);
      expect(await portal?.app?.(get, new URL(get.url))?.isLast()).toBe(false);
      const index = new PortalIndex(portals);
      expect(index.portals).toHaveLength(1);
    },
  );

  test('alone it is matched, and no page sees it', () => {
    const index = new PortalIndex(resolvePortals([appLogin({ url, tokens: '/app-tokens' })], scope));
    expect(index.portals).toEqual([]);
    expect(index.match(new URL(get.url))?.portal.isAppOnly).toBe(true);
    expect(index.byUrl(url)?.isAppOnly).toBe(true);
  });

  test('two of one portal overlap, beside users’ too', () => {
    const app = appLogin({ url, tokens: '/app-tokens' });
    for (const all of [
      [app, app],
      [user, app, app],
    ])
      expect(() => new PortalIndex(resolvePortals(all, scope))).toThrow(
        expect.objectContaining({ code: 'registrations-overlap' }),
      );
  });

  test('what it does not allow is not signed by the app', () => {
    const [portal] = resolvePortals(
      [
        user,
        appLogin({
          url,
          tokens: '/app-tokens',
          allow: { methods: ['GET'], paths: ['/portal/sharing/rest/content/'] },
        }),
      ],
      scope,
    );
    expect(portal?.app?.(get, new URL(get.url))).toBeUndefined();
    const content = new Request(`${url}/sharing/rest/content/items`);
    expect(portal?.app?.(content, new URL(content.url))).toBeDefined();
    const post = new Request(content.url, { method: 'POST' });
    expect(portal?.app?.(post, new URL(post.url))).toBeUndefined();
  });

  test('ArcGIS Online and OAuth servers', () => {
    const online = appLogin({ url: 'https://my-org.maps.arcgis.com', tokens: '/app-tokens' })(scope);
    expect(online).toMatchObject({ url: 'https://www.arcgis.com', hostSuffix: '.arcgis.com' });
    const api = appLogin({
      kind: 'oauth',
      url: 'https://id.example/a/',
      tokens: '/t',
      resources: ['https://api.example/'],
    })(scope);
    expect(api).toMatchObject({ kind: 'oauth', url: 'https://id.example/a/', tokenPlacement: 'header' });
  });

  test('APIs: two accounts of one issuer, their statuses, and the paths that are signed', () => {
    const api = (id: string): PortalRegistration =>
      appLogin({
        kind: 'oauth',
        url: 'https://id.example/a/',
        id,
        tokens: '/t',
        resources: [`https://api.example/${id}/`],
        refusalStatuses: [401, 403],
      });
    const index = new PortalIndex(resolvePortals([api('one'), api('two')], scope));
    const portalOf = (path: string): Portal | undefined =>
      index.match(new URL(path, 'https://api.example'))?.portal;
    expect(portalOf('/one/x')).toMatchObject({
      url: 'https://id.example/a/#one',
      refusalStatuses: [401, 403],
    });
    expect(portalOf('/two/x')?.url).toBe('https://id.example/a/#two');
    const isUnsignable = (address: string): unknown => portalOf('/one/x')?.isUnsignable?.(new URL(address));
    for (const path of ['tokens', 'oauth2/clients', 'a%2Fb'])
      expect(isUnsignable(`https://api.example/one/${path}`)).toBe(false);
    for (const address of ['https://id.example/oauth2/token', 'https://api.example/one/..%2Ftwo'])
      expect(isUnsignable(address)).toBe(true);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'an id of other characters',
      { kind: 'oauth', resources: ['https://api.example/'], id: 'a b' },
      'option-invalid',
    ],
    [
      'a status of success',
      { kind: 'oauth', resources: ['https://api.example/'], refusalStatuses: [200] },
      'option-invalid',
    ],
    ['no address', { tokens: undefined }, 'option-invalid'],
    ['an address elsewhere', { tokens: 'https://evil.example/app-tokens' }, 'option-invalid'],
    ['an address elsewhere without its scheme', { tokens: '//evil.example/app-tokens' }, 'option-invalid'],
    ['an address with backslashes', { tokens: '\\\\evil.example/app-tokens' }, 'option-invalid'],
    ['an address in the clear', { tokens: 'http://app.example/app-tokens' }, 'option-invalid'],
    ['a portal in the clear', { url: 'http://gis.example/portal' }, 'portal-insecure'],
    ['no portal', { url: 'portal' }, 'portal-url-invalid'],
    ['another kind', { kind: 'saml' }, 'option-invalid'],
    ['an API without addresses', { kind: 'oauth' }, 'option-invalid'],
  ])('wrong options: %s', (_, options, code) => {
    expect(() => register(options as Partial<AppLoginOptions>)).toThrow(expect.objectContaining({ code }));
  });
});

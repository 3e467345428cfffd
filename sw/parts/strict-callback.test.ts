/** Strict callback: which navigations the worker takes, and what the page learns of them. */
import { describe, expect, test } from 'vitest';
import { identityError } from '../../protocol/errors.js';
import { arcgisEnterprise, type ArcGISEnterpriseOptions } from '../portals/arcgis.js';
import { resolvePortals, type Portal } from '../portals/portal.js';
import type { CodeRedemption } from '../sign-in/redeem-code.js';
import type { RedirectReturnHooks } from '../worker-part.js';
import { callbackOf, handleCallback, strictCallback } from './strict-callback.js';

const page = 'https://app.example/signed-in.html';
const portals = resolvePortals(
  [
    arcgisEnterprise({
      url: 'https://a.example/portal',
      clientId: 'a',
      redirectUri: page,
      callback: 'worker',
    }),
    arcgisEnterprise({ url: 'https://b.example/portal', clientId: 'b', redirectUri: '/other.html' }),
  ],
  'https://app.example/',
);
const navigation = { mode: 'navigate', method: 'GET' } as const;

/** A request for the callback page, as a service worker is given it: Node's have other destinations and modes. */
const navigationTo = (url: string, body?: URLSearchParams, destination = 'document'): Request =>
  Object.defineProperty(new Request(url, body ? { method: 'POST', body } : {}), 'destination', {
    value: destination,
  });

/** Has the worker respond. */
const handle = (
  url: string,
  services: Parameters<typeof handleCallback>[3],
  callback = { page, redirectUri: page },
  request = navigationTo(url),
): Promise<Response> => handleCallback(callback, request, new URL(url), services);

describe('a navigation', () => {
  test.each([
    '?code=c&state=s',
    '?error=access_denied&state=s',
    '?state=s',
    '?code=c',
    '?x=1&code=',
    '#access_token=t&state=s',
    '?identity-worker=signed-in&code=c',
    '',
    '?lang=de',
  ])('with %s is taken', (query) => {
    expect(callbackOf(navigation, new URL(page + query), portals)).toEqual({ page, redirectUri: page });
  });

  test.each(['?identity-worker=signed-in', '?identity-worker=none', '?identity-worker=code-refused'])(
    'to the clean page is the page’s own: %s',
    (query) => {
      expect(callbackOf(navigation, new URL(page + query), portals)).toBeUndefined();
    },
  );

  test.each([
    ['of another page', 'https://app.example/index.html?code=c&state=s'],
    ['of a page below', 'https://app.example/signed-in.html/x?code=c&state=s'],
    ['of another host', 'https://app.example.evil/signed-in.html?code=c&state=s'],
    ['of a registration whose page takes it', 'https://app.example/other.html?code=c&state=s'],
  ])('%s is left alone', (_, url) => {
    expect(callbackOf(navigation, new URL(url), portals)).toBeUndefined();
  });

  test.each([
    { mode: 'cors', method: 'GET' },
    { mode: 'no-cors', method: 'GET' },
    { mode: 'navigate', method: 'POST' },
  ] as const)('is no %j', (request) => {
    expect(callbackOf(request, new URL(`${page}?code=c&state=s`), portals)).toBeUndefined();
  });
});

describe('the response', () => {
  const calls: unknown[][] = [];
  const redemption = (fail?: Error): CodeRedemption => {
    calls.length = 0;
    const call = (...args: unknown[]): Promise<void> => {
      calls.push(args);
      return fail ? Promise.reject(fail) : Promise.resolve();
    };
    return { submitCode: call, submitError: call } as unknown as CodeRedemption;
  };
  const redirectReturn = (url: Promise<string | null>): RedirectReturnHooks => {
    const hooks: Pick<RedirectReturnHooks, 'urlOf'> = {
      urlOf: (state) => (state === 's1' ? url : Promise.resolve(null)),
    };
    return hooks as RedirectReturnHooks;
  };
  const answer = async (
    query: string,
    fail?: Error,
    address: Promise<string | null> = Promise.resolve(null),
  ): Promise<{ status: number; location: string | null }> => {
    const { status, headers } = await handle(page + query, {
      redemption: redemption(fail),
      redirectReturn: redirectReturn(address),
    });
    return { status, location: headers.get('location') };
  };

  test.each(['?code=the-code&state=s1', '?error=access_denied&state=s1'])(
    '%s goes back to the page that the sign-in took the place of',
    async (query) => {
      const address = 'https://app.example/map?layer=1#';
      expect((await answer(query, undefined, Promise.resolve(address))).location).toBe(address);
      expect(
        (await answer(query.replace('s1', 's2'), undefined, Promise.resolve(address))).location,
      ).toContain(page);
    },
  );

  test('a database that fails costs the way back only', async () => {
    const { location } = await answer(
      '?code=the-code&state=s1',
      undefined,
      Promise.reject(new Error('broken')),
    );
    expect(location).toBe(`${page}?identity-worker=signed-in#_`);
  });

  test('goes on to the clean page; the code goes to the challenge, in a call that can be repeated', async () => {
    expect(await answer('?code=the-code&state=s1&iss=https%3A%2F%2Fa.example')).toEqual({
      status: 303,
      location: `${page}?identity-worker=signed-in#_`,
    });
    const given = { code: 'the-code', state: 's1', iss: 'https://a.example', redirectUri: page };
    expect(calls).toEqual([[given, 'navigation:s1', 'window']]);
  });

  test.each([
    ['access_denied', 'access-denied'],
    ['server_error', 'authorization-failed'],
  ])('%s is told as %s', async (error, code) => {
    expect((await answer(`?error=${error}&state=s1`)).location).toBe(`${page}?identity-worker=${code}#_`);
    expect(calls).toEqual([[{ error, state: 's1', redirectUri: page }]]);
  });

  test('a response that is refused is told by its code only', async () => {
    const refused = identityError('code-refused', { origin: 'https://a.example' });
    expect((await answer('?code=the-code&state=s1', refused)).location).toBe(
      `${page}?identity-worker=code-refused#_`,
    );
  });

  test('what has no response is sent to the clean page all the same', async () => {
    expect((await answer('#access_token=stolen')).location).toBe(`${page}?identity-worker=none#_`);
    expect(calls).toEqual([]);
  });

  test('an internal error tells nothing of itself', async () => {
    const { location } = await answer('?code=the-code&state=s1', new Error('the-code is bad'));
    expect(location).toBe(`${page}?identity-worker=internal-error#_`);
  });

  test('a response without a state is not redeemed', async () => {
    expect((await answer('?code=the-code')).location).toBe(
      `${page}?identity-worker=authorization-url-unknown#_`,
    );
    expect(calls).toEqual([]);
  });

  test('without the part redirect-return the clean page is opened', async () => {
    const { headers } = await handle(`${page}?code=the-code&state=s1`, {
      redemption: redemption(),
      redirectReturn: undefined,
    });
    expect(headers.get('location')).toBe(`${page}?identity-worker=signed-in#_`);
  });
});

describe('with the redirect URI at another origin', () => {
  const redirectUri = 'https://signin.example/';
  const elsewhere = {
    url: 'https://a.example/portal',
    clientId: 'a',
    redirectUri,
    callback: 'worker',
  } as const;
  const resolve = (...more: Partial<ArcGISEnterpriseOptions>[]): readonly Portal[] =>
    resolvePortals(
      more.map((options, index) =>
        arcgisEnterprise({ ...elsewhere, url: `https://p${index}.example/portal`, ...options }),
      ),
      'https://app.example/',
    );
  const callbackPage = '/signed-in.html';
  const callback = { page, redirectUri };

  test('posts to the callback page are taken, and navigations to it lose what is in their address', () => {
    const [own] = [resolve({ callbackPage })];
    expect(callbackOf({ mode: 'navigate', method: 'POST' }, new URL(page), own)).toEqual(callback);
    expect(callbackOf(navigation, new URL(`${page}?code=c&state=s`), own)).toEqual(callback);
    expect(callbackOf(navigation, new URL(`${page}?identity-worker=none`), own)).toBeUndefined();
    expect(callbackOf({ mode: 'cors', method: 'POST' }, new URL(page), own)).toBeUndefined();
    expect(callbackOf({ mode: 'navigate', method: 'POST' }, new URL(`${page}/x`), own)).toBeUndefined();
  });

  const respond = async (
    request: Request,
    calls: unknown[] = [],
  ): Promise<{ location: string | null; calls: unknown[] }> => {
    const call = async (...args: unknown[]): Promise<void> => void calls.push(args);
    const redemption = { submitCode: call, submitError: call } as unknown as CodeRedemption;
    const { headers } = await handle(
      request.url,
      { redemption, redirectReturn: undefined },
      callback,
      request,
    );
    return { location: headers.get('location'), calls };
  };

  test('the response is in the body', async () => {
    const body = new URLSearchParams({ code: 'the-code', state: 's1', iss: 'https://a.example' });
    expect(await respond(navigationTo(page, body))).toEqual({
      location: `${page}?identity-worker=signed-in#_`,
      calls: [
        [{ code: 'the-code', state: 's1', iss: 'https://a.example', redirectUri }, 'navigation:s1', 'window'],
      ],
    });
  });

  test('a response that comes home in a frame is told to be one', async () => {
    const body = new URLSearchParams({ code: 'the-code', state: 's1' });
    const { calls } = await respond(navigationTo(page, body, 'iframe'));
    expect(calls).toEqual([[expect.anything(), 'navigation:s1', 'frame']]);
  });

  test.each([
    ['in the address', navigationTo(`${page}?code=the-code&state=s1`)],
    ['that is too long', navigationTo(page, new URLSearchParams({ code: 'x'.repeat(40_000), state: 's1' }))],
    ['that is none', navigationTo(page, new URLSearchParams({ a: 'b' }))],
  ])('a response %s is not redeemed', async (_, request) => {
    expect(await respond(request)).toEqual({ location: `${page}?identity-worker=none#_`, calls: [] });
  });

  test.each([
    ['at the app’s own origin', { callbackPage, redirectUri: 'https://app.example/other.html' }],
    ['that the page takes', { callbackPage, callback: 'page' as const }],
    ['with a page that shows a code', { callbackPage: 'urn:ietf:wg:oauth:2.0:oob' }],
    ['with a page of another origin', { callbackPage: 'https://other.example/' }],
    ['with a query', { callbackPage, redirectUri: `${redirectUri}?x` }],
    ['without https', { callbackPage, redirectUri: 'http://signin.example/' }],
    ['without a page', {}],
  ])('none %s', (_, options) => {
    expect(() => resolve(options)).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
  });

  test('no page for two of them', () => {
    const check = (...options: Partial<ArcGISEnterpriseOptions>[]): void =>
      strictCallback().check?.(resolve(...options));
    expect(() => check({ callbackPage }, { callbackPage })).not.toThrow();
    expect(() =>
      check({ callbackPage }, { callbackPage: '/b.html', redirectUri: `${redirectUri}b` }),
    ).not.toThrow();
    const shared = expect.objectContaining({ code: 'option-invalid', facts: { field: 'callbackPage' } });
    expect(() => check({ callbackPage }, { callbackPage, redirectUri: `${redirectUri}b` })).toThrow(shared);
    expect(() => check({ callbackPage }, { redirectUri: callbackPage })).toThrow(shared);
  });
});

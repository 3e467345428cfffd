/** Strict callback: which navigations the worker takes, and what the page learns of them. */
import { describe, expect, test } from 'vitest';
import { identityError } from '../../protocol/errors.js';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/portal.js';
import type { CodeRedemption } from '../sign-in/redeem-code.js';
import type { RedirectReturnHooks } from '../worker-part.js';
import { callbackOf, handleCallback } from './strict-callback.js';

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
    expect(callbackOf(navigation, new URL(page + query), portals)).toBe(page);
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
    const { status, headers } = await handleCallback(page, new URL(page + query), {
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
    expect(location).toBe(`${page}?identity-worker=signed-in#`);
  });

  test('goes on to the clean page; the code goes to the challenge, in a call that can be repeated', async () => {
    expect(await answer('?code=the-code&state=s1&iss=https%3A%2F%2Fa.example')).toEqual({
      status: 303,
      location: `${page}?identity-worker=signed-in#`,
    });
    const given = { code: 'the-code', state: 's1', iss: 'https://a.example', redirectUri: page };
    expect(calls).toEqual([[given, 'navigation:s1']]);
  });

  test.each([
    ['access_denied', 'access-denied'],
    ['server_error', 'authorization-failed'],
  ])('%s is told as %s', async (error, code) => {
    expect((await answer(`?error=${error}&state=s1`)).location).toBe(`${page}?identity-worker=${code}#`);
    expect(calls).toEqual([[{ error, state: 's1', redirectUri: page }]]);
  });

  test('a response that is refused is told by its code only', async () => {
    const refused = identityError('code-refused', { origin: 'https://a.example' });
    expect((await answer('?code=the-code&state=s1', refused)).location).toBe(
      `${page}?identity-worker=code-refused#`,
    );
  });

  test('what has no response is sent to the clean page all the same', async () => {
    expect((await answer('#access_token=stolen')).location).toBe(`${page}?identity-worker=none#`);
    expect(calls).toEqual([]);
  });

  test('an internal error tells nothing of itself', async () => {
    const { location } = await answer('?code=the-code&state=s1', new Error('the-code is bad'));
    expect(location).toBe(`${page}?identity-worker=internal-error#`);
  });

  test('a response without a state is not redeemed', async () => {
    expect((await answer('?code=the-code')).location).toBe(
      `${page}?identity-worker=authorization-url-unknown#`,
    );
    expect(calls).toEqual([]);
  });

  test('without the part redirect-return the clean page is opened', async () => {
    const { headers } = await handleCallback(page, new URL(`${page}?code=the-code&state=s1`), {
      redemption: redemption(),
      redirectReturn: undefined,
    });
    expect(headers.get('location')).toBe(`${page}?identity-worker=signed-in#`);
  });
});

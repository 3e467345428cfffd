/** Strict redirect: which navigations the worker takes, and what the page learns of them. */
import { describe, expect, test } from 'vitest';
import { identityError } from '../../protocol/errors.js';
import { arcgisEnterprise } from '../portals/arcgis.js';
import { resolvePortals } from '../portals/resolve.js';
import { answerCallback, callbackOf } from './strict-callback.js';
import type { Challenges } from '../sign-in/challenges.js';
import type { Departures } from './redirect-return.js';

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

describe('the answer', () => {
  const calls: unknown[][] = [];
  const challenges = (fail?: Error): Challenges => {
    calls.length = 0;
    const call = (...args: unknown[]): Promise<void> => {
      calls.push(args);
      return fail ? Promise.reject(fail) : Promise.resolve();
    };
    return { submitCode: call, submitError: call } as unknown as Challenges;
  };
  const departures = (address: Promise<string | null>): Departures => {
    const returns: Pick<Departures, 'address'> = {
      address: (state) => (state === 's1' ? address : Promise.resolve(null)),
    };
    return returns as Departures;
  };
  const answer = async (
    query: string,
    fail?: Error,
    address: Promise<string | null> = Promise.resolve(null),
  ): Promise<{ status: number; location: string | null }> => {
    const { status, headers } = await answerCallback(
      page,
      new URL(page + query),
      challenges(fail),
      departures(address),
    );
    return { status, location: headers.get('location') };
  };

  test.each(['?code=the-code&state=s1', '?error=access_denied&state=s1'])(
    '%s goes back to where the page has departed',
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

  test('an answer that is refused is told by its code only', async () => {
    const refused = identityError('code-refused', { origin: 'https://a.example' });
    expect((await answer('?code=the-code&state=s1', refused)).location).toBe(
      `${page}?identity-worker=code-refused#`,
    );
  });

  test('what has no answer is sent to the clean page all the same', async () => {
    expect((await answer('#access_token=stolen')).location).toBe(`${page}?identity-worker=none#`);
    expect(calls).toEqual([]);
  });

  test('a fault of ours tells nothing of itself', async () => {
    const { location } = await answer('?code=the-code&state=s1', new Error('the-code is bad'));
    expect(location).toBe(`${page}?identity-worker=internal-error#`);
  });

  test('without a state nobody asked for it', async () => {
    expect((await answer('?code=the-code')).location).toBe(
      `${page}?identity-worker=authorization-url-unknown#`,
    );
    expect(calls).toEqual([]);
  });
});

/** The callback page: what it takes out of its address, whom it tells, and where it goes. */
import { describe, expect, test, vi } from 'vitest';
import { identityError, type ErrorCode } from '../protocol/errors.js';
import { completeSignIn, type CallbackWindow } from './callback-page.js';
import type { Connection } from './connection.js';

const origin = 'https://app.example';
const path = '/signed-in.html';

/** A window that notes what is done to it, in order. */
function openAt(search: string, opener: 'opener' | null = null) {
  const done: unknown[] = [];
  const note =
    (name: string) =>
    (...given: unknown[]): void =>
      void done.push([name, ...given]);
  const view: CallbackWindow = {
    location: { search, origin, pathname: path, replace: note('replace') },
    history: { state: { of: 'the app' }, replaceState: note('replaceState') },
    opener: opener && { postMessage: note('postMessage') },
    close: note('close'),
  };
  return { view, done };
}

/** A worker that answers calls, or fails them. */
function worker(answers: Record<string, unknown> = {}) {
  const call = vi.fn<(method: string, ...given: unknown[]) => Promise<unknown>>(async (method) => {
    const answer = answers[method] ?? null;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { call, connection: { call } as unknown as Pick<Connection, 'call'> };
}

const cleaned = ['replaceState', { of: 'the app' }, '', path];
const relayOf = (response: unknown): unknown[] => [
  'postMessage',
  { type: 'identity:callback-relay', version: 1, response },
  origin,
];

describe('a page without a response', () => {
  test.each([
    ['no query', ''],
    ['a query of the app', '?view=1&lang=de'],
    ['a code without a state', '?code=abc'],
    ['a state alone', '?state=s1'],
  ])('%s is left as it is', async (_, search) => {
    const { view, done } = openAt(search);
    const { connection, call } = worker();
    expect(await completeSignIn(connection, view)).toBe(false);
    expect(done).toEqual([]);
    expect(call).not.toHaveBeenCalled();
  });
});

describe('a code', () => {
  const code = { code: 'abc', state: 's1', redirectUri: origin + path };

  test('leaves the address before the worker is asked, reaches it whole, and the window closes', async () => {
    const { view, done } = openAt('?code=abc&state=s1&iss=https://gis.example.org');
    const { connection, call } = worker();
    const completed = completeSignIn(connection, view);
    expect(done).toEqual([cleaned]);
    expect(await completed).toBe(true);
    expect(call.mock.calls).toEqual([
      ['submitCode', { ...code, iss: 'https://gis.example.org' }, expect.stringMatching(/^[\w-]{36}$/)],
      ['returnUrl', 's1'],
    ]);
    expect(done).toEqual([cleaned, ['close']]);
  });

  test('goes back to the page that a sign-in took the place of', async () => {
    const { view, done } = openAt('?code=abc&state=s1');
    await completeSignIn(worker({ returnUrl: `${origin}/map#x` }).connection, view);
    expect(done).toEqual([cleaned, ['replace', `${origin}/map#x`]]);
  });

  test('that is refused goes back too: the page tells why', async () => {
    const { view, done } = openAt('?code=abc&state=s1');
    const answers = { submitCode: identityError('code-refused'), returnUrl: `${origin}/map` };
    expect(await completeSignIn(worker(answers).connection, view)).toBe(true);
    expect(done).toEqual([cleaned, ['replace', `${origin}/map`]]);
  });

  test.each<ErrorCode>(['code-refused', 'code-reused', 'portal-unreachable', 'worker-restarted'])(
    'that fails with %s rejects, and the window stays open to tell',
    async (failure) => {
      const { view, done } = openAt('?code=abc&state=s1', 'opener');
      const answers = { submitCode: identityError(failure) };
      await expect(completeSignIn(worker(answers).connection, view)).rejects.toMatchObject({ code: failure });
      expect(done).toEqual([cleaned]);
    },
  );

  test('that the worker does not know is relayed to the opener, at this origin only', async () => {
    const { view, done } = openAt('?code=abc&state=s1', 'opener');
    const { connection, call } = worker({ submitCode: identityError('authorization-url-unknown') });
    expect(await completeSignIn(connection, view)).toBe(true);
    expect(done).toEqual([cleaned, relayOf(code), ['close']]);
    expect(call).toHaveBeenCalledTimes(1);
  });

  test('that neither worker nor an opener knows rejects', async () => {
    const { view, done } = openAt('?code=abc&state=s1');
    const answers = { submitCode: identityError('authorization-url-unknown') };
    await expect(completeSignIn(worker(answers).connection, view)).rejects.toMatchObject({
      code: 'authorization-url-unknown',
    });
    expect(done).toEqual([cleaned]);
  });

  test('is not lost when the worker cannot tell where to return to', async () => {
    const { view, done } = openAt('?code=abc&state=s1');
    const answers = { returnUrl: identityError('worker-restarted') };
    expect(await completeSignIn(worker(answers).connection, view)).toBe(true);
    expect(done).toEqual([cleaned, ['close']]);
  });
});

describe('an error response', () => {
  test.each([
    ['access_denied', 'access-denied'],
    ['invalid_scope', 'authorization-failed'],
    ['', 'authorization-failed'],
  ])('%j reaches the worker, closes the window and rejects with %s', async (error, failure) => {
    const { view, done } = openAt(`?error=${error}&state=s1`);
    const { connection, call } = worker();
    await expect(completeSignIn(connection, view)).rejects.toMatchObject({ code: failure });
    expect(call).toHaveBeenCalledWith('submitError', { error, state: 's1', redirectUri: origin + path });
    expect(done).toEqual([cleaned, ['close']]);
  });
});

describe('an outcome that the worker has put into the address', () => {
  test('signed-in closes the window, without a call', async () => {
    const { view, done } = openAt('?identity-worker=signed-in');
    const { connection, call } = worker();
    expect(await completeSignIn(connection, view)).toBe(true);
    expect(done).toEqual([cleaned, ['close']]);
    expect(call).not.toHaveBeenCalled();
  });

  test('none is a visit of the page: its address is cleaned', async () => {
    const { view, done } = openAt('?identity-worker=none');
    expect(await completeSignIn(worker().connection, view)).toBe(false);
    expect(done).toEqual([cleaned]);
  });

  test('an error rejects with its code', async () => {
    const { view, done } = openAt('?identity-worker=access-denied', 'opener');
    await expect(completeSignIn(worker().connection, view)).rejects.toMatchObject({
      name: 'ChallengeError',
      code: 'access-denied',
    });
    expect(done).toEqual([cleaned, ['close']]);
  });

  test('an unknown sign-in is told to the opener, without a response', async () => {
    const { view, done } = openAt('?identity-worker=authorization-url-unknown', 'opener');
    await expect(completeSignIn(worker().connection, view)).rejects.toMatchObject({
      code: 'authorization-url-unknown',
    });
    expect(done).toEqual([cleaned, relayOf(null), ['close'], ['close']]);
  });

  test.each(['constructor', 'nonsense', '<script>'])('%j is no code of ours', async (outcome) => {
    const { view } = openAt(`?identity-worker=${encodeURIComponent(outcome)}`);
    await expect(completeSignIn(worker().connection, view)).rejects.toMatchObject({ code: 'internal-error' });
  });

  test('beside a response it is not believed', async () => {
    const { view } = openAt('?identity-worker=signed-in&code=abc&state=s1');
    const { connection, call } = worker();
    await completeSignIn(connection, view);
    expect(call.mock.calls[0]?.[0]).toBe('submitCode');
  });
});

/** What an API may have asked of the user: checked names, and nothing else. */
import { expect, test, vi } from 'vitest';
import type { StepUpNote } from '../storage/records.js';
import { stepUpOf } from './step-up.js';

const client = { authorizationParameters: { scope: 'openid read' } };
const asked = async (challenge: string, status = 403, scope?: string) =>
  (await stepUpOf(client, new Response('', { status, headers: { 'www-authenticate': challenge } }), scope))
    ?.parameters;

test.each<[challenge: string, status: number, parameters: object]>([
  ['Bearer error="insufficient_scope", scope="edit"', 403, { scope: 'openid read edit' }],
  ['Bearer error="insufficient_scope", scope="read edit all"', 401, { scope: 'openid read edit all' }],
  ['DPoP algs="ES256", error="insufficient_scope", scope="edit"', 403, { scope: 'openid read edit' }],
  ['Basic realm="x, y", Bearer scope="edit", error="insufficient_scope"', 403, { scope: 'openid read edit' }],
  [
    'Bearer error="insufficient_user_authentication", acr_values="urn:a urn:b", max_age="60"',
    401,
    { scope: 'openid read', acr_values: 'urn:a urn:b', max_age: '60' },
  ],
  ['DPoP error="insufficient_user_authentication", max_age=0', 401, { scope: 'openid read', max_age: '0' }],
  [
    'Bearer error="insufficient_user_authentication", acr_values="a", prompt="none", client_id="b", state="c"',
    401,
    { scope: 'openid read', acr_values: 'a' },
  ],
])('%s', async (challenge, status, parameters) => {
  expect(await asked(challenge, status)).toEqual(parameters);
});

test.each([
  'Bearer',
  'Bearer error="invalid_token", scope="edit"',
  'Basic error="insufficient_scope", scope="edit"',
  'Bearer error="insufficient_scope"',
  'Bearer error="insufficient_scope", scope=""',
  'Bearer error="insufficient_scope", scope=" edit"',
  'Bearer error="insufficient_scope", scope="a\\"b"',
  'Bearer error="insufficient_scope", scope="a\\\\b"',
  'Bearer error="insufficient_scope", scope="é"',
  `Bearer error="insufficient_scope", scope="${'a'.repeat(257)}"`,
  'Bearer error="insufficient_scope", acr_values="a", max_age="1"',
  'Bearer error="insufficient_user_authentication"',
  'Bearer error="insufficient_user_authentication", max_age="-1"',
  'Bearer error="insufficient_user_authentication", max_age="1e9"',
  'Bearer error="insufficient_user_authentication", max_age="1234567890"',
  'not a challenge at all "',
])('nothing is asked for by %s', async (challenge) => {
  expect(await asked(challenge)).toBeUndefined();
});

test('nor by another status, or without the header', async () => {
  for (const status of [200, 400, 404, 500])
    expect(await asked('Bearer error="insufficient_scope", scope="edit"', status)).toBeUndefined();
  expect(await stepUpOf(client, new Response('', { status: 403 }))).toBeUndefined();
});

test('what the token was asked for stays, and does not grow without end', async () => {
  const challenge = 'Bearer error="insufficient_scope", scope="edit"';
  expect(await asked(challenge, 403, 'openid read all')).toEqual({ scope: 'openid read all edit' });
  expect(await asked(challenge, 403, 'a'.repeat(1024))).toBeUndefined();
});

test('the same is asked for once in a while, and a few things in all', async () => {
  const noteOf = async (name: string) => {
    const header = `Bearer error="insufficient_user_authentication", acr_values="${name}"`;
    const response = new Response('', { status: 401, headers: { 'www-authenticate': header } });
    const stepUp = (await stepUpOf(client, response))!;
    return (earlier?: readonly StepUpNote[]) => stepUp.note!(earlier);
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  const a = (await noteOf('a'))(undefined);
  await expect(noteOf('a').then((note) => note(a))).rejects.toThrow();
  const c = (await noteOf('c'))((await noteOf('b'))(a));
  await expect(noteOf('d').then((note) => note(c))).rejects.toThrow();
  // A clock that is set back opens nothing.
  vi.setSystemTime(Date.now() - 3_600_000);
  await expect(noteOf('a').then((note) => note(c))).rejects.toThrow();
  vi.setSystemTime(Date.now() + 2 * 3_600_000);
  expect((await noteOf('a'))(c)).toHaveLength(1);
  vi.useRealTimers();
});

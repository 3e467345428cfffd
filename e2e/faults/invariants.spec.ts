/** The invariants of generated histories find what they are there for: one good observation, and bad ones made of it. Without a browser. */
import { expect, test } from '@playwright/test';
import { violations, type Observation } from '../support/histories/invariants.js';

const T = 1_000_000;

type Entry = Observation['log'][number];

const entry = (changes: Partial<Entry> & { rid?: string }): Entry => {
  const { rid, ...rest } = changes;
  return {
    atMs: T,
    server: 'hosted',
    method: 'GET',
    path: '/hosted/Countries/FeatureServer/0/query',
    query: `f=json&rid=${rid ?? '-'}`,
    secrets: rest.tokenId === undefined ? [] : [rest.tokenId],
    ...rest,
  };
};

const refresh = (atMs: number): Entry =>
  entry({
    atMs,
    server: 'portal',
    method: 'POST',
    path: '/portal/sharing/rest/oauth2/token',
    grantType: 'refresh_token',
    secrets: ['refresh-1'],
  });

/** Signed data, a public picture, and a refresh; then everything is right. */
const good: Observation = {
  requests: [
    { id: '1', kind: 'data', startedAtMs: T, endedAtMs: T + 50, result: 'right' },
    { id: '2', kind: 'public image', startedAtMs: T, endedAtMs: T + 50, result: 'right' },
  ],
  log: [
    entry({ rid: '1', tokenId: 'access-1' }),
    entry({ rid: '2', path: '/hosted/Basemap/MapServer/tile/1/0/1' }),
    refresh(T),
  ],
  audiences: { 'access-1': 'portal', 'server-1': 'server', 'refresh-1': 'portal' },
  troubles: [],
  prompts: [],
  signOuts: [],
  expiries: 1,
  edits: [],
  leaks: [],
  repairedAtMs: T + 100,
  recoveredAtMs: T + 200,
  users: [['ana'], ['ana']],
  endedAtMs: T + 300,
};

/** The same, and nothing is right to the end. */
const unrecovered = Object.fromEntries(
  Object.entries(good).filter(([name]) => name !== 'recoveredAtMs'),
) as unknown as Observation;

const data = (changes: Partial<Observation['requests'][number]>): Observation['requests'][number] => ({
  id: '1',
  kind: 'data',
  startedAtMs: T,
  endedAtMs: T + 50,
  result: 'right',
  ...changes,
});

const afterSignOut = data({ id: '3', startedAtMs: T + 1000, endedAtMs: T + 1050, result: 'refused' });
const signedOut = {
  ...good,
  signOuts: [{ fromMs: T + 500, doneAtMs: T + 600 }],
  users: [[], []],
};

test('nothing is wrong with good observations', () => {
  expect(violations(good)).toEqual([]);
  // What a fault of its own, trouble or the user explains.
  for (const seen of [
    { ...good, requests: [data({ result: 'other' })], log: [entry({ rid: '1', fault: { status: 503 } })] },
    {
      ...good,
      requests: [{ id: '1', kind: 'data', startedAtMs: T }],
      log: [entry({ rid: '1', fault: { hang: 'body' } })],
    },
    {
      ...good,
      requests: [data({ result: 'refused' })],
      troubles: [{ at: 'token endpoint', fromMs: T - 5000, toMs: T - 3000 }],
    },
    {
      ...good,
      requests: [data({ result: 'failed' })],
      log: [],
      troubles: [{ at: 'network', fromMs: T - 1 }],
    },
    { ...signedOut, requests: [afterSignOut], log: [entry({ rid: '3', atMs: T + 1010 })] },
    { ...signedOut, prompts: [{ fromMs: T + 1000, toMs: T + 2000 }, { fromMs: T + 2001 }] },
  ] satisfies Observation[])
    expect(violations(seen)).toEqual([]);
});

const bad: readonly (readonly [string, RegExp, Observation])[] = [
  [
    'a request without an end',
    /never ended/,
    { ...good, requests: [{ id: '1', kind: 'data', startedAtMs: T }] },
  ],
  [
    'a request that takes too long',
    /took 20000 ms/,
    { ...good, requests: [data({ endedAtMs: T + 20_000 })] },
  ],
  [
    'an answer of the worker’s own',
    /none of its server/,
    { ...good, requests: [data({ result: 'other' })], log: [refresh(T)] },
  ],
  [
    'a refusal, while everything is well',
    /refused, with no reason/,
    { ...good, requests: [data({ result: 'refused' })] },
  ],
  [
    'a refusal long after the trouble',
    /refused, with no reason/,
    {
      ...good,
      requests: [data({ result: 'refused' })],
      troubles: [{ at: 'token endpoint', fromMs: T - 90_000, toMs: T - 60_000 }],
    },
  ],
  [
    'a public layer that fails with the token endpoint',
    /\(public data\) failed, with no reason/,
    {
      ...good,
      requests: [data({ kind: 'public data', result: 'failed' })],
      troubles: [{ at: 'token endpoint', fromMs: T - 1 }],
    },
  ],
  [
    'a public picture that the exchange takes along',
    /\(public image\) failed, with no reason/,
    {
      ...good,
      requests: [data({ kind: 'public image', result: 'failed' })],
      troubles: [{ at: 'generateToken', fromMs: T - 1 }],
    },
  ],
  [
    'hosted data that the server’s description takes along',
    /\(data\) was refused, with no reason/,
    {
      ...good,
      requests: [data({ result: 'refused' })],
      troubles: [{ at: 'rest/info', fromMs: T - 1 }],
    },
  ],
  [
    'the right answer, in nobody’s name',
    /answered without a token/,
    { ...good, log: [entry({ rid: '1' }), entry({ rid: '2' })] },
  ],
  [
    'two prompts at once',
    /two prompts at once/,
    { ...signedOut, prompts: [{ fromMs: T + 1000 }, { fromMs: T + 2000 }] },
  ],
  [
    'a second prompt before the first has ended',
    /two prompts at once/,
    {
      ...signedOut,
      prompts: [
        { fromMs: T + 1000, toMs: T + 3000 },
        { fromMs: T + 2000, toMs: T + 2500 },
      ],
    },
  ],
  [
    'a prompt for a user who is signed in',
    /had not signed out/,
    { ...good, prompts: [{ fromMs: T, toMs: T + 10 }] },
  ],
  [
    'a storm of refreshes',
    /storm: 40 requests in a minute \(refresh\)/,
    {
      ...good,
      log: [...good.log.slice(0, 2), ...Array.from({ length: 40 }, (_, n) => refresh(T + n * 1000))],
    },
  ],
  [
    'a storm of descriptions of one server',
    /storm: 40 requests in a minute \(info of server\)/,
    {
      ...good,
      log: [
        ...good.log,
        ...Array.from({ length: 40 }, (_, n) =>
          entry({ atMs: T + n, server: 'server', path: '/server/rest/info' }),
        ),
      ],
    },
  ],
  ['a sign-out that never ends', /a sign-out never ended/, { ...signedOut, signOuts: [{ fromMs: T + 500 }] }],
  [
    'a sign-out that waits for the portal',
    /a sign-out took 30000 ms/,
    { ...signedOut, signOuts: [{ fromMs: T, doneAtMs: T + 30_000 }] },
  ],
  [
    'a token after the sign-out',
    /request 3 was signed after the sign-out/,
    {
      ...signedOut,
      requests: [{ ...afterSignOut, result: 'right' }],
      log: [entry({ rid: '3', atMs: T + 1010, tokenId: 'access-1' })],
    },
  ],
  [
    'a refresh after the sign-out',
    /asked for after the sign-out/,
    { ...signedOut, log: [...good.log, refresh(T + 5000)] },
  ],
  ['a user after the sign-out', /a user is shown/, { ...signedOut, users: [[], ['ana']] }],
  ['a token that the page can read', /the page can read access-1/, { ...good, leaks: ['access-1'] }],
  [
    'the portal’s token at a federated server',
    /access-1 was sent to the server "server"/,
    { ...good, log: [...good.log, entry({ server: 'server', tokenId: 'access-1' })] },
  ],
  [
    'the token of one federated server at another',
    /server-1 was sent to the server "server3"/,
    { ...good, log: [...good.log, entry({ server: 'server3', tokenId: 'server-1' })] },
  ],
  [
    'a token in the Referer of a request to a foreign server',
    /access-1 was sent to the server "foreign"/,
    { ...good, log: [...good.log, entry({ server: 'foreign', secrets: ['access-1'] })] },
  ],
  [
    'an edit that is carried out twice',
    /edit 3 was carried out twice/,
    {
      ...good,
      requests: [data({ id: '3', kind: 'edit' })],
      log: [entry({ rid: '3', method: 'POST', tokenId: 'access-1' })],
      edits: ['3', '3'],
    },
  ],
  ['an app that never works again', /not recovered/, unrecovered],
  ['an app that takes half a minute to work again', /recovered only/, { ...good, recoveredAtMs: T + 30_000 }],
];

for (const [name, wrong, seen] of bad)
  test(`found: ${name}`, () => expect(violations(seen)).toContainEqual(expect.stringMatching(wrong)));

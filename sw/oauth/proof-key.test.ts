/** The key that tokens are bound to: one for a registration, kept, and never one that script could export. */
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { Database } from '../storage/database.js';
import { ProofKey } from './proof-key.js';

const portal = 'https://id.example.org';
const url = 'https://api.example.org/maps?f=json';

beforeEach(() => vi.stubGlobal('indexedDB', new IDBFactory()));

const keyIn = (database: Database | undefined, name = portal): ProofKey => {
  const key = new ProofKey(name);
  if (database) key.keepIn(database);
  return key;
};

const thumbprintOf = async (key: ProofKey): Promise<string> => (await key.handle()).calculateThumbprint();

test('is the same after a start of the worker, and another for another registration', async () => {
  const first = await thumbprintOf(keyIn(new Database('/')));
  expect(await thumbprintOf(keyIn(new Database('/')))).toBe(first);
  expect(await thumbprintOf(keyIn(new Database('/'), `${portal}#other`))).not.toBe(first);
  expect(await thumbprintOf(keyIn(undefined))).not.toBe(first);
});

test('two workers that make one at once end with one', async () => {
  const keys = [keyIn(new Database('/')), keyIn(new Database('/'))];
  const [one, other] = await Promise.all(keys.map(thumbprintOf));
  expect(one).toBe(other);
});

test('is written again where the database has lost it', async () => {
  const key = keyIn(new Database('/'));
  const first = await thumbprintOf(key);
  vi.stubGlobal('indexedDB', new IDBFactory());
  const renewed = new Database('/');
  key.keepIn(renewed);
  await key.handle();
  expect(await thumbprintOf(keyIn(new Database('/')))).toBe(first);
});

test('a database that fails leaves it in memory', async () => {
  const key = new ProofKey(portal);
  key.keepIn({ key: () => Promise.reject(new Error('full')) });
  expect(await thumbprintOf(key)).toBe(await thumbprintOf(key));
});

const pair = (name: string, extractable: boolean, namedCurve = 'P-256') =>
  crypto.subtle.generateKey(
    { name, namedCurve },
    extractable,
    name === 'ECDSA' ? ['sign', 'verify'] : ['deriveKey'],
  );

test.each<[name: string, planted: () => Promise<unknown>]>([
  ['that could be exported', () => pair('ECDSA', true)],
  ['of another curve', () => pair('ECDSA', false, 'P-384')],
  ['of another algorithm', () => pair('ECDH', false)],
  ['without its public half', async () => ({ privateKey: (await pair('ECDSA', false)).privateKey })],
  ['that is none', () => Promise.resolve({ privateKey: 'a', publicKey: 'b' })],
])('a key %s is replaced', async (_, make) => {
  const planted = await make();
  await new Database('/').key(
    'proof ' + portal,
    (found): found is unknown => found !== undefined,
    () => Promise.resolve(planted),
  );
  const first = await thumbprintOf(keyIn(new Database('/')));
  expect(await thumbprintOf(keyIn(new Database('/')))).toBe(first);
  const kept = await new Database('/').key<unknown>(
    'proof ' + portal,
    (found): found is unknown => found !== undefined,
    () => Promise.reject(new Error('It is not stored.')),
  );
  expect(kept).toMatchObject({
    privateKey: { extractable: false, algorithm: { name: 'ECDSA', namedCurve: 'P-256' } },
    publicKey: { type: 'public' },
  });
});

/** An API that refuses so often for the want of a nonce. */
function apiThatRefuses(times: number) {
  const seen: { authorization: string | null; claims: Record<string, unknown> }[] = [];
  const respond = (request: Request): Promise<Response> => {
    const [, payload = ''] = (request.headers.get('dpop') ?? '').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    seen.push({ authorization: request.headers.get('authorization'), claims });
    const headers = { 'dpop-nonce': `n${seen.length}`, 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
    return Promise.resolve(
      seen.length <= times ? new Response('no', { status: 401, headers }) : new Response('yes'),
    );
  };
  return { seen, respond };
}

test('a proof is for the method and address of the request, without its query', async () => {
  const { seen, respond } = apiThatRefuses(0);
  await new ProofKey(portal).send('token', () => new Request(url, { method: 'PUT' }), respond);
  expect(seen).toEqual([
    {
      authorization: 'DPoP token',
      claims: {
        htm: 'PUT',
        htu: 'https://api.example.org/maps',
        iat: expect.any(Number),
        jti: expect.any(String),
        ath: 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A',
      },
    },
  ]);
});

test.each<[times: number, isRepeatable: boolean, requests: number, status: number]>([
  [1, true, 2, 200],
  [1, false, 1, 401],
  [9, true, 2, 401],
])(
  'refused %i times for a nonce, repeatable: %s: %i requests',
  async (times, isRepeatable, requests, status) => {
    const { seen, respond } = apiThatRefuses(times);
    const key = new ProofKey(portal);
    const response = await key.send('token', () => new Request(url), respond, isRepeatable);
    expect(response.status).toBe(status);
    expect(seen).toHaveLength(requests);
    expect(seen.map(({ claims }) => claims['nonce'])).toEqual([undefined, 'n1'].slice(0, requests));
    // The next request has the last nonce from the start.
    await key.send('token', () => new Request(url), respond, false);
    expect(seen.at(-1)?.claims['nonce']).toBe(`n${Math.min(times, requests)}`);
  },
);

test('a refusal for something else, and a network that fails, are left as they are', async () => {
  const key = new ProofKey(portal);
  let requests = 0;
  const refuse = (): Promise<Response> => {
    requests += 1;
    return Promise.resolve(
      new Response('', { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }),
    );
  };
  expect((await key.send('token', () => new Request(url), refuse)).status).toBe(401);
  expect(requests).toBe(1);
  const failure = new Error('away');
  await expect(
    key.send(
      'token',
      () => new Request(url),
      () => Promise.reject(failure),
    ),
  ).rejects.toBe(failure);
});

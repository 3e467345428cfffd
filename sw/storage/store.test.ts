/** What the database gives back after page script has been at it: what was stored, or nothing. It never stops a worker. */
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Database, type StoredLevel } from './database.js';
import { createKey, Encrypter } from './encrypter.js';
import { KeyRing } from './key-ring.js';
import {
  emptyState,
  parseState,
  type ChallengeRecord,
  type CredentialRecord,
  type StoredState,
} from './records.js';
import { Store } from './store.js';

const NAME = 'identity-worker:/';
const levels = ['persistent', 'sealed'] as const;

let sealingKey: CryptoKey;
let reports: unknown[];

beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  sealingKey = await createKey();
  reports = [];
});
afterEach(() => vi.unstubAllGlobals());

const credential = (name: string): CredentialRecord => ({
  portal: 'https://gis.example.org/portal',
  fingerprint: 'f',
  username: name,
  obtainedAtMs: 1_700_000_000_000,
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
});
const stateOf = (name: string): StoredState => ({ ...emptyState, credentials: [credential(name)] });

/** A boot of the worker. */
async function boot(database = new Database('/')): Promise<Store> {
  const sealed = (): Promise<Encrypter> => Promise.resolve(new Encrypter([sealingKey]));
  const store = new Store(database, new KeyRing(database, sealed), (error) => {
    if (error !== undefined) reports.push(error);
  });
  await store.restore(await database.snapshot());
  return store;
}

const namesIn = (store: Store, level: StoredLevel): (string | undefined)[] =>
  store.state(level).credentials.map(({ username }) => username);

/** The database as page script has it. */
async function asPage<T>(work: (db: IDBDatabase) => T | Promise<T>): Promise<T> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME);
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error as DOMException));
  });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

const promised = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error as DOMException));
  });

const readAsPage = (store: string, key: string): Promise<unknown> =>
  asPage((db) => promised(db.transaction(store).objectStore(store).get(key)));

const writeAsPage = (store: string, key: string, value: unknown): Promise<unknown> =>
  asPage((db) => promised(db.transaction(store, 'readwrite').objectStore(store).put(value, key)));

const deleteAsPage = (store: string, key: string): Promise<unknown> =>
  asPage((db) => promised(db.transaction(store, 'readwrite').objectStore(store).delete(key)));

describe.each(levels)('at the level %s', (level) => {
  test('a state outlives the worker', async () => {
    await (await boot()).update(level, () => stateOf('ada'));
    expect((await boot()).state(level)).toEqual(stateOf('ada'));
  });

  test('whatever page script writes in its place, the worker starts, and the next sign-in is kept', async () => {
    const other = { iv: new Uint8Array(12), data: new ArrayBuffer(64) };
    const anything = fc.oneof(
      fc.anything().filter((value) => {
        try {
          structuredClone(value);
          return true;
        } catch {
          return false;
        }
      }),
      fc.constantFrom<unknown>(other, { iv: 'iv' }, { iv: other.iv }, { ...other, iv: [] }, { root: '::' }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        vi.stubGlobal('indexedDB', new IDBFactory());
        await (await boot()).update(level, () => stateOf('ada'));
        await writeAsPage('states', level, value);
        const next = await boot();
        expect(next.state(level)).toEqual(emptyState);
        await next.update(level, () => stateOf('bob'));
        expect(namesIn(await boot(), level)).toEqual(['bob']);
      }),
      { numRuns: 60 },
    );
  });

  test('a stored state with any byte changed is no state', async () => {
    const store = await boot();
    await store.update(level, () => stateOf('ada'));
    const { iv, data } = (await readAsPage('states', level)) as {
      iv: Uint8Array<ArrayBuffer>;
      data: ArrayBuffer;
    };
    const bytes = new Uint8Array(data);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(iv.length + bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, difference) => {
          const changed = [iv.slice(), bytes.slice()] as const;
          const [part, index] = at < iv.length ? [changed[0], at] : [changed[1], at - iv.length];
          part[index] = (part[index] ?? 0) ^ difference;
          await writeAsPage('states', level, { iv: changed[0], data: changed[1].buffer });
          expect((await boot()).state(level)).toEqual(emptyState);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a running worker takes back no older state, and writes over it', async () => {
    const store = await boot();
    await store.update(level, () => stateOf('ada'));
    const older = await readAsPage('states', level);
    await store.update(level, () => stateOf('bob'));
    await writeAsPage('states', level, older);
    expect((await store.latest(level)).credentials).toEqual([credential('bob')]);
    await store.update(level, (state) => ({ ...state, servers: [] }));
    expect(namesIn(await boot(), level)).toEqual(['bob']);
  });

  test.each(['states', 'keys', 'everything'])(
    'a running worker has what it knew though %s was deleted',
    async (what) => {
      const store = await boot();
      await store.update(level, () => stateOf('ada'));
      if (what === 'states') await deleteAsPage('states', level);
      else if (what === 'keys') await deleteAsPage('keys', 'encryption');
      else await promised(indexedDB.deleteDatabase(NAME));
      expect((await store.latest(level)).credentials).toEqual([credential('ada')]);
      await store.update(level, ({ credentials }) => ({
        ...emptyState,
        credentials: [...credentials, { ...credential('bob'), portal: 'https://other.example.org' }],
      }));
      expect(namesIn(await boot(), level)).toEqual(['ada', 'bob']);
    },
  );

  test('of two versions of the worker at once neither loses what the other has written', async () => {
    const [first, second] = [await boot(), await boot()];
    const add =
      (name: string) =>
      (state: StoredState): StoredState => ({
        ...state,
        credentials: [...state.credentials, { ...credential(name), portal: `https://${name}.example` }],
      });
    await Promise.all([
      first.update(level, add('a')),
      second.update(level, add('b')),
      first.update(level, add('c')),
      second.update(level, add('d')),
    ]);
    expect(new Set(namesIn(await boot(), level))).toEqual(new Set(['a', 'b', 'c', 'd']));
  });

  test('a database that cannot be written is reported, and memory has the change', async () => {
    class FullDatabase extends Database {
      override replaceState(): Promise<undefined> {
        return Promise.reject(new DOMException('full', 'QuotaExceededError'));
      }
    }
    const store = await boot(new FullDatabase('/'));
    expect(await store.update(level, () => stateOf('ada'))).toBe(true);
    expect(namesIn(store, level)).toEqual(['ada']);
    expect(reports).toHaveLength(1);
  });
});

test('a running worker stores its key again, though page script has put another one in its place', async () => {
  const store = await boot();
  await store.update('persistent', () => stateOf('ada'));
  await writeAsPage('keys', 'encryption', await createKey());
  await store.update('persistent', () => stateOf('bob'));
  expect(namesIn(await boot(), 'persistent')).toEqual(['bob']);
});

test('two versions of the worker that begin at once end with one key', async () => {
  const [first, second] = [await boot(), await boot()];
  await Promise.all([
    first.update('persistent', () => stateOf('ada')),
    second.update('persistent', (state) => ({ ...state, servers: [] })),
  ]);
  expect((await boot()).state('persistent')).toEqual(stateOf('ada'));
  expect(reports).toEqual([]);
});

test('a state that cannot be read is reported; one that is not there is not', async () => {
  await boot();
  expect(reports).toEqual([]);
  await writeAsPage('states', 'persistent', { iv: new Uint8Array(12), data: new ArrayBuffer(64) });
  await boot();
  expect(reports).toMatchObject([{ code: 'storage-rebuilt' }]);
});

test('a key that is lost with the worker stopped is reported, and the next sign-in is kept', async () => {
  await (await boot()).update('persistent', () => stateOf('ada'));
  await deleteAsPage('keys', 'encryption');
  const next = await boot();
  expect(reports).toMatchObject([{ code: 'storage-rebuilt' }]);
  await next.update('persistent', () => stateOf('bob'));
  expect(namesIn(await boot(), 'persistent')).toEqual(['bob']);
});

test.each(levels)('what began before the database could be read goes on: %s', async (level) => {
  const challenge = (id: string, phase: 'open' | 'signed-in'): ChallengeRecord => ({
    id,
    portal: 'p',
    fingerprint: 'f',
    state: 's'.repeat(43),
    madeAtMs: 0,
    phase,
  });
  await (
    await boot()
  ).update(level, () => ({ ...stateOf('ada'), challenges: [challenge('old', 'signed-in')] }));
  class SilentDatabase extends Database {
    isSilent = true;
    override replaceState(
      ...args: Parameters<Database['replaceState']>
    ): ReturnType<Database['replaceState']> {
      return this.isSilent ? Promise.reject(new Error('silent')) : super.replaceState(...args);
    }
  }
  const database = new SilentDatabase('/');
  const sealed = (): Promise<Encrypter> => Promise.resolve(new Encrypter([sealingKey]));
  const store = new Store(database, new KeyRing(database, sealed), () => undefined);
  await store.update(level, (state) => ({ ...state, challenges: [challenge('new', 'open')] }));
  database.isSilent = false;
  await store.restore(await database.snapshot());
  const merged = { ...stateOf('ada'), challenges: [challenge('new', 'open')] };
  expect(store.state(level)).toEqual(merged);
  expect((await boot()).state(level)).toEqual(merged);
});

test('a state of one level is none of the other', async () => {
  await (await boot()).update('persistent', () => stateOf('ada'));
  await writeAsPage('states', 'sealed', await readAsPage('states', 'persistent'));
  expect((await boot()).state('sealed')).toEqual(emptyState);
});

test('a key that page script has planted is used only if it cannot be taken out again', async () => {
  const planted = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, [
    'encrypt',
    'decrypt',
  ]);
  await boot();
  for (const key of [planted, 'key', {}, null]) {
    await writeAsPage('keys', 'encryption', key);
    await (await boot()).update('persistent', () => stateOf('ada'));
    const stored = (await readAsPage('keys', 'encryption')) as CryptoKey;
    expect(stored.extractable).toBe(false);
    expect(namesIn(await boot(), 'persistent')).toEqual(['ada']);
  }
});

test('of malformed entries each costs itself only', () => {
  const challenge = {
    id: 'c',
    portal: 'p',
    fingerprint: 'f',
    state: 's'.repeat(43),
    madeAtMs: 0,
    phase: 'open',
  };
  const server = { root: 'https://gis.example.org/server', portal: null, checkedAtMs: 0 };
  const revocation = { portal: 'p', token: 't', hint: 'access_token' };
  const partition = { portal: 'p', fingerprint: 'f', id: 'i'.repeat(43), username: 'ada' };
  const state = parseState({
    credentials: [
      credential('ada'),
      { ...credential('bob'), accessToken: '' },
      { ...credential('bob'), accessToken: 'a\nb: c' },
      { ...credential('bob'), obtainedAtMs: NaN },
      { ...credential('bob'), lifetimeMs: 'long' },
      null,
      'text',
    ],
    challenges: [
      challenge,
      { ...challenge, state: '' },
      { ...challenge, state: undefined },
      { ...challenge, id: '' },
      { ...challenge, phase: 'closed' },
      { ...challenge, codeVerifier: 'short' },
      { ...challenge, returnTo: { url: 7, x: 0, y: 0 } },
      { ...challenge, returnTo: 'https://evil.example' },
      { ...challenge, toldTo: 7 },
      { ...challenge, dismissedBy: [7] },
      { ...challenge, reason: { code: 7 } },
      { ...challenge, isSilent: false },
    ],
    revocations: [revocation, { ...revocation, token: '' }, { ...revocation, hint: 'code' }, 'text'],
    servers: [server, { ...server, root: '::' }, { ...server, portal: undefined }, { root: '::' }],
    partitions: [
      partition,
      { ...partition, id: 'short' },
      { ...partition, username: 7 },
      { ...partition, fingerprint: null },
      { ...partition, portal: undefined },
    ],
  });
  expect(state).toEqual({
    credentials: [credential('ada')],
    challenges: [challenge],
    servers: [server],
    revocations: [revocation],
    partitions: [partition],
  });
});

test.each([undefined, null, 7, 'text', [], { credentials: 'all' }, { challenges: {} }])(
  'a value that is no state is an empty one: %j',
  (value) => {
    expect(parseState(value)).toEqual(emptyState);
  },
);

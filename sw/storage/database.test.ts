/** The database heals what it can, waits for nothing longer than it says, and reports what it had to delete. */
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Database, isOwnKey } from './database.js';
import { createKey } from './encrypter.js';

const NAME = 'identity-worker:/';
const ciphertext = { iv: new Uint8Array(12), data: new ArrayBuffer(16) };
let rebuilt: number;

const newDatabase = (): Database =>
  new Database('/', {
    onRebuilt: () => {
      rebuilt += 1;
    },
  });

beforeEach(() => {
  rebuilt = 0;
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A database that other code has made under our name. */
const makeOther = (version: number, upgrade: (db: IDBDatabase) => void): Promise<void> =>
  new Promise((resolve) => {
    const request = indexedDB.open(NAME, version);
    request.addEventListener('upgradeneeded', () => upgrade(request.result));
    request.addEventListener('success', () => {
      request.result.close();
      resolve();
    });
  });

test.each<[name: string, version: number, upgrade: (db: IDBDatabase) => void]>([
  ['without stores', 99, () => undefined],
  ['without one store', 1, (db) => db.createObjectStore('states')],
  ['with other stores', 1, (db) => db.createObjectStore('credentials', { keyPath: 'id' })],
  [
    'whose stores have their keys inside',
    2,
    (db) => ['states', 'keys'].forEach((name) => db.createObjectStore(name, { keyPath: 'id' })),
  ],
])('a database %s is deleted, made anew, and reported once', async (_, version, upgrade) => {
  await makeOther(version, upgrade);
  const database = newDatabase();
  expect(await database.snapshot()).toMatchObject({ key: undefined });
  expect(await database.replaceState('sealed', undefined, ciphertext)).toBeUndefined();
  expect(await newDatabase().state('sealed')).toEqual(ciphertext);
  expect(rebuilt).toBe(1);
});

test('a database of a newer version that has only added is used as it is', async () => {
  await newDatabase().replaceState('sealed', undefined, ciphertext);
  await makeOther(7, (db) => db.createObjectStore('of a newer version'));
  expect(await newDatabase().state('sealed')).toEqual(ciphertext);
  expect(rebuilt).toBe(0);
});

test('a state is replaced only if it is the expected one', async () => {
  const database = newDatabase();
  const next = { ...ciphertext, iv: new Uint8Array(12).fill(1) };
  expect(await database.replaceState('sealed', undefined, ciphertext)).toBeUndefined();
  expect(await database.replaceState('sealed', undefined, next)).toEqual({ found: ciphertext });
  expect(await database.replaceState('sealed', next, next)).toEqual({ found: ciphertext });
  expect(await database.replaceState('sealed', ciphertext, next)).toBeUndefined();
  expect(await database.state('sealed')).toEqual(next);
});

test('a key is stored with the state that it has encrypted, or neither', async () => {
  const database = newDatabase();
  const key = await createKey();
  const put = Reflect.get(IDBObjectStore.prototype, 'put') as (...args: unknown[]) => IDBRequest<IDBValidKey>;
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    value: unknown,
    name,
  ) {
    if (name === 'encryption') throw new DOMException('Not here.', 'DataCloneError');
    return put.call(this, value, name);
  });
  await expect(database.replaceState('persistent', undefined, ciphertext, key)).rejects.toThrow();
  spy.mockRestore();
  expect(await database.snapshot()).toEqual({ states: {}, key: undefined });
  expect(await database.replaceState('persistent', undefined, ciphertext, key)).toBeUndefined();
  expect((await newDatabase().snapshot()).key).toBeInstanceOf(CryptoKey);
});

test('two workers at once end with one key', async () => {
  const [first, second] = await Promise.all([
    newDatabase().key('encryption', isOwnKey, createKey),
    newDatabase().key('encryption', isOwnKey, createKey),
  ]);
  const iv = new Uint8Array(12);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, first, new Uint8Array(1));
  await expect(crypto.subtle.decrypt({ name: 'AES-GCM', iv }, second, data)).resolves.toBeDefined();
});

test.each(['DataError', 'NotReadableError'])(
  'what is stored and cannot be read any more (%s) is deleted once, and reported',
  async (name) => {
    await newDatabase().replaceState('sealed', undefined, ciphertext);
    let isBroken = true;
    const get = Reflect.get(IDBObjectStore.prototype, 'get') as (...args: unknown[]) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, query) {
      if (isBroken) throw new DOMException('Failed to read.', name);
      return get.call(this, query);
    });
    vi.spyOn(indexedDB, 'deleteDatabase').mockImplementation((...args) => {
      isBroken = false;
      return IDBFactory.prototype.deleteDatabase.apply(indexedDB, args);
    });
    expect(await newDatabase().snapshot()).toMatchObject({ key: undefined });
    expect(rebuilt).toBe(1);
  },
);

test('what cannot be stored is not tried again, and costs nothing else', async () => {
  const database = newDatabase();
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('Full.', 'QuotaExceededError');
  });
  await expect(database.replaceState('sealed', undefined, ciphertext)).rejects.toThrow();
  expect(put).toHaveBeenCalledOnce();
  expect(await database.state('sealed')).toBeUndefined();
  put.mockRestore();
  expect(await database.replaceState('sealed', undefined, ciphertext)).toBeUndefined();
});

test('openings that fail are repeated, and so is a transaction of a connection that was lost', async () => {
  const database = newDatabase();
  const open = indexedDB.open.bind(indexedDB);
  let failures = 6;
  vi.spyOn(indexedDB, 'open').mockImplementation((...args) => {
    if (failures === 0) return open(...args);
    failures -= 1;
    throw new DOMException('Internal error.', 'UnknownError');
  });
  expect(await database.state('sealed')).toBeUndefined();
  await makeOther(2, () => undefined);
  expect(await database.state('sealed')).toBeUndefined();
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
    throw new DOMException('The connection is dead.', 'InvalidStateError');
  });
  expect(await database.state('sealed')).toBeUndefined();
  expect(transaction).toHaveBeenCalled();
});

test('a database that does not answer costs two seconds once, and is used again when it does', async () => {
  // Page script keeps a connection open that the deletion would have to wait for.
  const held = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(NAME, 99);
    request.addEventListener('success', () => resolve(request.result));
  });
  let recovered = 0;
  const onRecovered = (): void => {
    recovered += 1;
  };
  const database = new Database('/', { onRecovered });
  const startedAtMs = Date.now();
  await expect(database.state('sealed')).rejects.toMatchObject({ code: 'storage-unavailable' });
  const failedAtMs = Date.now();
  expect(failedAtMs - startedAtMs).toBeLessThan(4_000);
  await expect(database.state('sealed')).rejects.toMatchObject({ code: 'storage-unavailable' });
  expect(Date.now() - failedAtMs).toBeLessThan(500);
  expect(recovered).toBe(0);
  held.close();
  await vi.waitFor(async () => expect(await database.state('sealed')).toBeUndefined());
  expect(recovered).toBe(1);
});

test('one answer that never comes is not waited for again', async () => {
  const database = newDatabase();
  const lost = new Promise<never>(() => undefined);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return controller.signal;
  });
  const get = vi
    .spyOn(IDBObjectStore.prototype, 'get')
    .mockImplementationOnce(() => Object.assign(new IDBRequest(), { lost }) as IDBRequest);
  await expect(database.state('sealed')).rejects.toMatchObject({ code: 'storage-unavailable' });
  get.mockRestore();
  await vi.waitFor(async () => expect(await database.state('sealed')).toBeUndefined());
  vi.restoreAllMocks();
});

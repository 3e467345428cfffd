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
  new Database('/', () => {
    rebuilt += 1;
  });

beforeEach(() => {
  rebuilt = 0;
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
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

test('two workers at once end with one key', async () => {
  const [first, second] = await Promise.all([
    newDatabase().key('encryption', isOwnKey, createKey),
    newDatabase().key('encryption', isOwnKey, createKey),
  ]);
  const iv = new Uint8Array(12);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, first, new Uint8Array(1));
  await expect(crypto.subtle.decrypt({ name: 'AES-GCM', iv }, second, data)).resolves.toBeDefined();
});

test('an opening that fails is repeated at once, and so is a transaction of a connection that was lost', async () => {
  const database = newDatabase();
  const open = indexedDB.open.bind(indexedDB);
  let failures = 2;
  vi.spyOn(indexedDB, 'open').mockImplementation((...args) => {
    if (failures === 0) return open(...args);
    failures -= 1;
    throw new DOMException('Internal error.', 'UnknownError');
  });
  expect(await database.state('sealed')).toBeUndefined();
  await makeOther(2, () => undefined);
  expect(await database.state('sealed')).toBeUndefined();
});

test('a database that does not answer costs two seconds, and is then left alone until it does', async () => {
  // Page script keeps a connection open that the deletion would have to wait for.
  const held = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(NAME, 99);
    request.addEventListener('success', () => resolve(request.result));
  });
  const open = vi.spyOn(indexedDB, 'open');
  const database = newDatabase();
  const startedAtMs = Date.now();
  await expect(database.state('sealed')).rejects.toMatchObject({ code: 'storage-unavailable' });
  expect(Date.now() - startedAtMs).toBeLessThan(4_000);
  open.mockClear();
  await expect(database.state('sealed')).rejects.toMatchObject({ code: 'storage-unavailable' });
  expect(open).not.toHaveBeenCalled();
  held.close();
  await vi.waitFor(async () => expect(await database.state('sealed')).toBeUndefined());
  vi.restoreAllMocks();
});

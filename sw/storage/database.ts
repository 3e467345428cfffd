/** The database: schema, transactions, time limit, repair. The only file that imports idb. What it returns is unchecked. */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type StoreNames } from 'idb';
import { IdentityError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';

/** Followed by the path of the worker's scope. */
const NAME = 'identity-worker:';
const VERSION = 1;

/** Longest wait for the database, in ms: page script can keep it from answering for as long as it likes. */
const TIMEOUT_MS = 2_000;

/** How long a database that did not answer is left alone, in ms. */
const PAUSE_MS = 30_000;

/** So often what failed is tried again at once. */
const MAX_RETRIES = 2;

/** Ciphertext of AES-GCM with its own initialisation vector (NIST SP 800-38D: never twice under one key). */
export interface Ciphertext {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/** The levels whose state is stored. */
export type StoredLevel = 'persistent' | 'sealed';

interface Schema extends DBSchema {
  states: { key: StoredLevel; value: unknown };
  keys: { key: string; value: unknown };
}

/** Everything a worker needs to start with, read in one transaction. */
export interface Snapshot {
  readonly states: Readonly<Record<StoredLevel, unknown>>;
  readonly key: unknown;
}

const STORES = ['states', 'keys'] as const satisfies readonly StoreNames<Schema>[];
const STRICT = { durability: 'strict' } as const;

/** A key as `createKey` makes it: another one may have been planted, or have lost its usages. */
export const isOwnKey = (key: unknown): key is CryptoKey =>
  key instanceof CryptoKey &&
  key.algorithm.name === 'AES-GCM' &&
  !key.extractable &&
  key.usages.includes('encrypt') &&
  key.usages.includes('decrypt');

/** Names a stored ciphertext: no initialisation vector is used twice. `undefined` for what is none. */
const nameOf = (stored: unknown): string | undefined =>
  isRecord(stored) && stored['iv'] instanceof Uint8Array ? stored['iv'].join() : undefined;

/** Whether two stored values are the same ciphertext, or both none. */
export const isSameCiphertext = (a: unknown, b: unknown): boolean => nameOf(a) === nameOf(b);

/** The states and the encryption key of a worker. One database per worker scope. */
export class Database {
  #opened: Promise<IDBPDatabase<Schema>> | undefined;
  #pausedUntilMs = 0;
  readonly #name: string;
  readonly #onRebuilt: () => void;

  /**
   * @param scopePath - Path of the worker's scope.
   * @param onRebuilt - Told when what was there could not be used and was deleted.
   */
  constructor(scopePath: string, onRebuilt: () => void = () => undefined) {
    this.#name = NAME + scopePath;
    this.#onRebuilt = onRebuilt;
  }

  /** One read for all, at cold start. */
  snapshot(): Promise<Snapshot> {
    return this.#limited(async (db) => {
      const tx = db.transaction(STORES);
      const states = tx.objectStore('states');
      const [persistent, sealed, key] = await Promise.all([
        states.get('persistent'),
        states.get('sealed'),
        tx.objectStore('keys').get('encryption'),
      ]);
      return { states: { persistent, sealed }, key };
    });
  }

  state(level: StoredLevel): Promise<unknown> {
    return this.#limited((db) => db.get('states', level));
  }

  /**
   * Replaces a level's state if it is still the expected one. Strictly durable: a rotated refresh token must be on disk before
   * anything uses its access token.
   *
   * @returns What is stored where it is another one; `undefined` where it was replaced.
   */
  replaceState(
    level: StoredLevel,
    expected: unknown,
    next: Ciphertext,
  ): Promise<{ readonly found: unknown } | undefined> {
    return this.#limited(async (db) => {
      const tx = db.transaction('states', 'readwrite', STRICT);
      const found = await tx.store.get(level);
      const isExpected = isSameCiphertext(found, expected);
      if (isExpected) await tx.store.put(next, level);
      await tx.done;
      return isExpected ? undefined : { found };
    });
  }

  /**
   * A key, or a pair of keys, made by `create` where there is none that can be used; two workers at once end with one.
   *
   * @param isOwn - Whether what is there is one: page script can write the database.
   */
  key<K>(name: string, isOwn: (found: unknown) => found is K, create: () => Promise<K>): Promise<K> {
    return this.#limited(async (db) => {
      const known = await db.get('keys', name);
      if (isOwn(known)) return known;
      const made = await create();
      const tx = db.transaction('keys', 'readwrite', STRICT);
      const existing = await tx.store.get(name);
      if (!isOwn(existing)) await tx.store.put(made, name);
      await tx.done;
      return isOwn(existing) ? existing : made;
    });
  }

  /** Opens the database again where it fails: a connection may be lost at any time, as when a newer worker has it closed. */
  async #limited<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    if (Date.now() < this.#pausedUntilMs) throw new IdentityError('storage-unavailable');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#pausedUntilMs = Date.now() + PAUSE_MS;
        this.#opened = undefined;
        reject(new IdentityError('storage-unavailable', { name: 'TimeoutError' }));
      }, TIMEOUT_MS);
    });
    const attempt = async (attemptsLeft: number): Promise<T> => {
      try {
        return await work(await this.#open());
      } catch (error) {
        this.#opened = undefined;
        if (attemptsLeft === 0) throw error;
        return attempt(attemptsLeft - 1);
      }
    };
    try {
      const answer = attempt(MAX_RETRIES);
      // Late as it may be: it answers again.
      answer.then(
        () => {
          this.#pausedUntilMs = 0;
        },
        () => undefined,
      );
      return await Promise.race([answer, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#opened ??= this.#openUsable().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** Something else may lie under our name, put there by page script or by another version. */
  async #openUsable(): Promise<IDBPDatabase<Schema>> {
    const db = await this.#openAnyVersion();
    if (isUsable(db)) return db;
    db.close();
    await deleteDB(this.#name);
    this.#onRebuilt();
    return this.#openAnyVersion();
  }

  async #openAnyVersion(): Promise<IDBPDatabase<Schema>> {
    const reset = (): void => {
      this.#opened = undefined;
    };
    const callbacks = {
      // A newer worker wants to upgrade: an open connection would hang it.
      blocking: (_current: number, _blocked: number | null, event: IDBVersionChangeEvent): void => {
        (event.target as IDBDatabase).close();
        reset();
      },
      terminated: reset,
    };
    try {
      return await openDB<Schema>(this.#name, VERSION, {
        ...callbacks,
        upgrade(db) {
          for (const store of STORES) db.createObjectStore(store);
        },
      });
    } catch (error) {
      // A newer worker has upgraded; later schemas only add, so this one may go on.
      if (error instanceof DOMException && error.name === 'VersionError')
        return openDB<Schema>(this.#name, undefined, callbacks);
      throw error;
    }
  }
}

/** Whether a database has our stores, with keys outside their values. */
function isUsable(db: IDBPDatabase<Schema>): boolean {
  if (!STORES.every((store) => db.objectStoreNames.contains(store))) return false;
  const tx = db.transaction(STORES);
  return STORES.every((name) => {
    const { keyPath, autoIncrement } = tx.objectStore(name);
    return keyPath === null && !autoIncrement;
  });
}

/** The database: schema, transactions, time limit, repair. The only file that imports idb. What it returns is unchecked. */
import {
  deleteDB,
  openDB,
  type DBSchema,
  type IDBPDatabase,
  type IDBPTransaction,
  type StoreNames,
} from 'idb';
import { isRecord } from '../../protocol/record.js';
import { inTime } from './in-time.js';

/** Followed by the path of the worker's scope. */
const NAME = 'identity-worker:';
const VERSION = 1;

/** Longest wait for the database, in ms: page script can keep it from answering for as long as it likes. */
const TIMEOUT_MS = 2_000;

/** How often a database that does not work is tried again, in ms. Nothing waits for that. */
const PROBE_MS = 5_000;

/** Pause before what failed is tried again, in ms. Each further one is twice as long; together they last less than the limit. */
const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 640;

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

type Connection = IDBPDatabase<Schema>;
type Work<T> = (db: Connection) => Promise<T>;

/** What is told of the database. */
export interface DatabaseEvents {
  /** What was there could not be used, and was deleted. */
  readonly onRebuilt?: () => void;
  /** It works again. */
  readonly onRecovered?: () => void;
}

/** What no repetition would change: the value cannot be stored, or there is no room for it. */
const isRefusal = (error: unknown): boolean => /^(DataClone|QuotaExceeded)Error$/.test(nameOfError(error));

/** What is stored cannot be read, though the database is open. */
const isUnreadable = (error: unknown): boolean =>
  /^(Data|NotFound|NotReadable)Error$/.test(nameOfError(error));

const nameOfError = (error: unknown): string => (error instanceof DOMException ? error.name : '');

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

/** Whether two stored values are the same ciphertext, both something else, or both nothing. */
export const isSameCiphertext = (a: unknown, b: unknown): boolean =>
  nameOf(a) === nameOf(b) && (a === undefined) === (b === undefined);

/** The states and the encryption key of a worker. One database per worker scope. */
export class Database {
  #opened: Promise<Connection> | undefined;
  /** What failed and why, until it is done after all: meanwhile everything else fails at once. */
  #failed: { readonly work: Work<unknown>; readonly error: unknown } | undefined;
  #probeAtMs = 0;
  #isRebuilt = false;
  readonly #name: string;
  readonly #events: DatabaseEvents;

  /** @param scopePath - Path of the worker's scope. */
  constructor(scopePath: string, events: DatabaseEvents = {}) {
    this.#name = NAME + scopePath;
    this.#events = events;
  }

  /** One read for all, at cold start. */
  snapshot(): Promise<Snapshot> {
    return this.#limited(async (db) => {
      const tx = begin(db, 'readonly');
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
    return this.#limited((db) => begin(db, 'readonly').objectStore('states').get(level));
  }

  /**
   * Replaces a level's state if it is still the expected one. Strictly durable: a rotated refresh token must be on disk before
   * anything uses its access token.
   *
   * @param key - Stored with the state that it has encrypted: without it the state could not be read at the next start. Absent
   *   for a key that is kept elsewhere.
   * @returns What is stored where it is another one; `undefined` where it was replaced.
   */
  replaceState(
    level: StoredLevel,
    expected: unknown,
    next: Ciphertext,
    key?: CryptoKey,
  ): Promise<{ readonly found: unknown } | undefined> {
    return this.#limited(async (db) => {
      const tx = begin(db, 'readwrite');
      const states = tx.objectStore('states');
      const found = await states.get(level);
      if (!isSameCiphertext(found, expected)) return { found };
      // First the key: should it be refused, nothing is written.
      const writes = [key && tx.objectStore('keys').put(key, 'encryption')];
      await Promise.all([...writes, states.put(next, level), tx.done]);
      return undefined;
    });
  }

  /**
   * A key, or a pair of keys, made by `create` where there is none that can be used; two workers at once end with one.
   *
   * @param isOwn - Whether what is there is one: page script can write the database.
   */
  key<K>(name: string, isOwn: (found: unknown) => found is K, create: () => Promise<K>): Promise<K> {
    return this.#limited(async (db) => {
      const known = await begin(db, 'readonly').objectStore('keys').get(name);
      if (isOwn(known)) return known;
      const made = await create();
      const tx = begin(db, 'readwrite');
      const keys = tx.objectStore('keys');
      const existing = await keys.get(name);
      if (isOwn(existing)) return existing;
      await Promise.all([keys.put(made, name), tx.done]);
      return made;
    });
  }

  /** Works within the time limit, or fails. After a failure nothing waits for the database until it works again. */
  async #limited<T>(work: Work<T>): Promise<T> {
    if (this.#failed) {
      this.#probe(this.#failed.work);
      throw this.#failed.error;
    }
    try {
      return await inTime(this.#attempt(work), TIMEOUT_MS);
    } catch (error) {
      if (!isRefusal(error)) {
        this.#failed ??= { work, error };
        this.#close();
      }
      throw error;
    }
  }

  /** A connection may be lost at any time, without a word: what fails is tried again with a new one. */
  async #attempt<T>(work: Work<T>): Promise<T> {
    for (let pauseMs = MIN_PAUSE_MS; ; pauseMs *= 2) {
      try {
        this.#opened ??= this.#openUsable();
        const answer = await work(await this.#opened);
        // Late as it may be.
        if (this.#failed) {
          this.#failed = undefined;
          this.#events.onRecovered?.();
        }
        return answer;
      } catch (error) {
        if (isRefusal(error)) throw error;
        this.#close();
        if (pauseMs <= MAX_PAUSE_MS) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        else if (isUnreadable(error) && !this.#isRebuilt) await this.#rebuild();
        else throw error;
      }
    }
  }

  #probe(work: Work<unknown>): void {
    const nowMs = performance.now();
    if (nowMs < this.#probeAtMs) return;
    this.#probeAtMs = nowMs + PROBE_MS;
    this.#close();
    this.#attempt(work).catch(() => undefined);
  }

  #close(): void {
    this.#opened?.then(
      (db) => db.close(),
      () => undefined,
    );
    this.#opened = undefined;
  }

  /** Something else may lie under our name, put there by page script or by another version. */
  async #openUsable(): Promise<Connection> {
    const db = await this.#openAnyVersion();
    if (isUsable(db)) return db;
    db.close();
    await this.#rebuild();
    return this.#openAnyVersion();
  }

  async #rebuild(): Promise<void> {
    await deleteDB(this.#name);
    this.#isRebuilt = true;
    this.#events.onRebuilt?.();
  }

  async #openAnyVersion(): Promise<Connection> {
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

/** A transaction of both stores. That it fails is told by its requests, and by `done` where that is waited for. */
function begin<M extends 'readonly' | 'readwrite'>(
  db: Connection,
  mode: M,
): IDBPTransaction<Schema, ('states' | 'keys')[], M> {
  const tx = db.transaction([...STORES], mode, { durability: 'strict' });
  tx.done.catch(() => undefined);
  return tx;
}

/** Whether a database has our stores, with keys outside their values. */
function isUsable(db: Connection): boolean {
  if (!STORES.every((store) => db.objectStoreNames.contains(store))) return false;
  const tx = begin(db, 'readonly');
  return STORES.every((name) => {
    const { keyPath, autoIncrement } = tx.objectStore(name);
    return keyPath === null && !autoIncrement;
  });
}

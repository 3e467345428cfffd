/** The database: schema, versions, transactions. The only file that imports idb. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { WireError } from '../../protocol/identity-error.js';
import type { ReturnTo } from '../../protocol/worker-api.js';
import type { Persistence } from './persistence.js';

/** Followed by the path of the worker's scope. */
const NAME = 'identity-worker:';
const VERSION = 1;

/** Ciphertext of AES-GCM with its own initialisation vector (NIST SP 800-38D: never twice under one key). */
export interface Ciphertext {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/** A credential as stored: what may be read in clear, and the encrypted tokens. */
export interface CredentialRecord {
  /** Portal URL, or the root of a federated server. */
  readonly id: string;
  /** Portal whose credential this is, or whose token it was exchanged for. */
  readonly portal: string;
  /** Registration it was issued for; another registration does not get it. */
  readonly fingerprint: string;
  readonly username?: string;
  readonly obtainedAtMs: number;
  /** Life of the access token from `obtainedAtMs`; absent where the server does not say. */
  readonly lifetimeMs?: number;
  /** Instant at which the refresh token ends, by this machine's clock, and its whole life. */
  readonly refreshExpiresAtMs?: number;
  readonly refreshLifetimeMs?: number;
  /** Encrypted {@link Secrets}. */
  readonly encrypted: Ciphertext;
}

/** A challenge as stored, so that a stopped worker can still redeem its code. */
export interface ChallengeRecord {
  readonly id: string;
  readonly portal: string;
  readonly fingerprint: string;
  readonly authorizationUrl: string;
  readonly state: string;
  readonly madeAtMs: number;
  /** `redeeming` is written before the code is sent: a code is never sent twice. */
  readonly phase: 'open' | 'redeeming' | 'signed-in' | 'cancelled' | 'failed';
  /** The call that brought the code; a repetition of that call is answered like the first. */
  readonly callId?: string;
  /** Pages that were open when the user cancelled: they are not asked again. */
  readonly dismissedBy?: readonly string[];
  /** Encrypted code verifier; gone once the code is sent. */
  readonly encrypted?: Ciphertext;
  /** The level whose key encrypts the verifier, where it is another than the registration's. */
  readonly encryptedBy?: Persistence;
  /** Shown to no user: it stands beside the portal's challenge, which other requests may wait for. */
  readonly isSilent?: true;
  /** Where to return to after a sign-in in place of the page; gone once returned. */
  readonly returnTo?: ReturnTo;
  /** Why it failed, for the page that is returned to. */
  readonly reason?: WireError;
}

/** What is known of an ArcGIS Server: the portal that owns it, or none of ours. */
export interface ServerRecord {
  readonly root: string;
  /** URL of the registered portal, `null` for a server that none of them owns. */
  readonly portal: string | null;
  readonly checkedAtMs: number;
}

interface Schema extends DBSchema {
  credentials: { key: string; value: CredentialRecord };
  challenges: { key: string; value: ChallengeRecord };
  servers: { key: string; value: ServerRecord };
  keys: { key: string; value: CryptoKey };
}

/** Everything a worker needs to start with, read in one transaction. */
export interface Snapshot {
  readonly credentials: CredentialRecord[];
  readonly servers: ServerRecord[];
  readonly key: CryptoKey | undefined;
}

const STRICT = { durability: 'strict' } as const;

/** Where a challenge lies: one a portal, and beside it a silent one. */
const slotOf = ({ portal, isSilent }: Pick<ChallengeRecord, 'portal' | 'isSilent'>): string =>
  isSilent ? `${portal} silent` : portal;

/** Credentials, challenges, known servers and the encryption key. One database per worker scope. */
export class Database {
  #opened: Promise<IDBPDatabase<Schema>> | undefined;
  readonly #name: string;

  /** @param scopePath - Path of the worker's scope. */
  constructor(scopePath: string) {
    this.#name = NAME + scopePath;
  }

  /** One read for all, at cold start. */
  async snapshot(): Promise<Snapshot> {
    const db = await this.#open();
    const tx = db.transaction(['credentials', 'servers', 'keys']);
    const [credentials, servers, key] = await Promise.all([
      tx.objectStore('credentials').getAll(),
      tx.objectStore('servers').getAll(),
      tx.objectStore('keys').get('encryption'),
    ]);
    return { credentials, servers, key };
  }

  async credential(id: string): Promise<CredentialRecord | undefined> {
    return (await this.#open()).get('credentials', id);
  }

  /** Strictly durable: a rotated refresh token must be on disk before anything uses its access token. */
  async putCredential(record: CredentialRecord): Promise<void> {
    const tx = (await this.#open()).transaction('credentials', 'readwrite', STRICT);
    await Promise.all([tx.store.put(record), tx.done]);
  }

  /** Removes a portal's credential and every server token made from it. */
  removeCredentials(portal: string): Promise<void> {
    return this.replaceCredentials(portal, undefined);
  }

  /** Removes a portal's credential and its server tokens in one transaction with the arrival of their successor, if any. */
  async replaceCredentials(portal: string, successor: CredentialRecord | undefined): Promise<void> {
    const tx = (await this.#open()).transaction('credentials', 'readwrite', STRICT);
    // Not by idb's iterators: the ready worker leaves them out.
    for (let cursor = await tx.store.openCursor(); cursor; cursor = await cursor.continue())
      if (cursor.value.portal === portal) await cursor.delete();
    if (successor) await tx.store.put(successor);
    await tx.done;
  }

  async removeCredential(id: string): Promise<void> {
    await (await this.#open()).delete('credentials', id);
  }

  async challenge(portal: string, isSilent?: true): Promise<ChallengeRecord | undefined> {
    return (await this.#open()).get('challenges', slotOf({ portal, ...(isSilent ? { isSilent } : {}) }));
  }

  async challenges(): Promise<ChallengeRecord[]> {
    return (await this.#open()).getAll('challenges');
  }

  /**
   * Replaces a portal's challenge if it is still the expected one: of two workers or tabs, one succeeds.
   *
   * @param expected - Id and phase the record must have, `undefined` for no record.
   * @returns Whether it was replaced.
   */
  async replaceChallenge(
    expected: Pick<ChallengeRecord, 'id' | 'phase'> | undefined,
    record: ChallengeRecord,
  ): Promise<boolean> {
    const tx = (await this.#open()).transaction('challenges', 'readwrite', STRICT);
    const slot = slotOf(record);
    const current = await tx.store.get(slot);
    const isExpected = current?.id === expected?.id && current?.phase === expected?.phase;
    if (isExpected) await tx.store.put(record, slot);
    await tx.done;
    return isExpected;
  }

  async putServer(record: ServerRecord): Promise<void> {
    await (await this.#open()).put('servers', record);
  }

  /** The encryption key, made by `create` the first time; two workers at once end with one key. */
  async encryptionKey(create: () => Promise<CryptoKey>): Promise<CryptoKey> {
    const known = await (await this.#open()).get('keys', 'encryption');
    if (known) return known;
    const made = await create();
    // Opened again, should a newer worker have had it closed meanwhile.
    const tx = (await this.#open()).transaction('keys', 'readwrite', STRICT);
    const existing = await tx.store.get('encryption');
    if (!existing) await tx.store.put(made, 'encryption');
    await tx.done;
    return existing ?? made;
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#opened ??= this.#openAnyVersion().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
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
          db.createObjectStore('credentials', { keyPath: 'id' });
          db.createObjectStore('challenges');
          db.createObjectStore('servers', { keyPath: 'root' });
          db.createObjectStore('keys');
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

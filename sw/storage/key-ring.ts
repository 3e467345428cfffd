/** Which key encrypts the records of a portal: the persistence level of its registration decides. */
import type { Database } from './database.js';
import { createKey, Encrypter } from './encrypter.js';
import type { Persistence } from './persistence.js';

/** The encrypters of this boot of the worker, each made when it is first needed. */
export class KeyRing {
  readonly #made = new Map<Persistence, Promise<Encrypter>>();

  /** @param sealed - Makes the encrypter of the level `sealed`, where the worker has that part. */
  constructor(
    private readonly database: Pick<Database, 'encryptionKey'>,
    private readonly sealed?: () => Promise<Encrypter>,
  ) {}

  /** Takes the key of the level `persistent` from a snapshot of the database. */
  restore(key: CryptoKey | undefined): void {
    if (key && !this.#made.has('persistent'))
      this.#made.set('persistent', Promise.resolve(new Encrypter([key])));
  }

  /** The encrypter of a level. */
  encrypter(level: Persistence): Promise<Encrypter> {
    let encrypter = this.#made.get(level);
    if (!encrypter) {
      encrypter = this.#make(level);
      this.#made.set(level, encrypter);
    }
    return encrypter;
  }

  async #make(level: Persistence): Promise<Encrypter> {
    if (level === 'sealed' && this.sealed) return this.sealed();
    // A database that fails keeps no records either: a key for this boot of the worker is enough.
    const key =
      level === 'persistent'
        ? await this.database.encryptionKey(createKey).catch(createKey)
        : await createKey();
    return new Encrypter([key]);
  }
}

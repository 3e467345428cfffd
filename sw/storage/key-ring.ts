/** Which key encrypts a level's state. */
import { isOwnKey, type Database, type StoredLevel } from './database.js';
import { createKey, Encrypter } from './encrypter.js';

/** The encrypters of this boot of the worker, each made when it is first needed. */
export class KeyRing {
  readonly #made = new Map<StoredLevel, Promise<Encrypter>>();
  readonly #database: Pick<Database, 'key'>;
  readonly #sealed: (() => Promise<Encrypter>) | undefined;

  /** @param sealed - Makes the encrypter of the level `sealed`, where the worker has that part. */
  constructor(database: Pick<Database, 'key'>, sealed?: () => Promise<Encrypter>) {
    this.#database = database;
    this.#sealed = sealed;
  }

  /** Takes the key of the level `persistent` from a snapshot of the database. */
  restore(key: unknown): void {
    if (isOwnKey(key) && !this.#made.has('persistent'))
      this.#made.set('persistent', Promise.resolve(new Encrypter([key])));
  }

  /** Has a level's key read anew. */
  forget(level: StoredLevel): void {
    this.#made.delete(level);
  }

  /**
   * The encrypter of a level.
   *
   * @throws where its key cannot be made or kept: nothing is stored under a key that would be gone at the next start.
   */
  encrypter(level: StoredLevel): Promise<Encrypter> {
    let encrypter = this.#made.get(level);
    if (!encrypter) {
      encrypter = this.#make(level);
      this.#made.set(level, encrypter);
      encrypter.catch(() => this.#made.delete(level));
    }
    return encrypter;
  }

  async #make(level: StoredLevel): Promise<Encrypter> {
    if (level === 'persistent')
      return new Encrypter([await this.#database.key('encryption', isOwnKey, createKey)]);
    if (!this.#sealed) throw new TypeError('The worker has no sealed level.');
    return this.#sealed();
  }
}

/**
 * What the worker keeps, a level at a time: all of a level is one ciphertext, so that page script, which can write the database,
 * can neither change, swap nor take back a part of it. Memory is what counts while the worker runs; the database is for its next
 * start.
 */
import { IdentityError } from '../../protocol/identity-error.js';
import { isRecord } from '../../protocol/record.js';
import { isSameCiphertext, type Database, type Snapshot, type StoredLevel } from './database.js';
import type { KeyRing } from './key-ring.js';
import { emptyState, parseState, type StoredState } from './records.js';

const levels = ['persistent', 'sealed'] as const satisfies readonly StoredLevel[];

/** So often a change is tried against a database that others write at the same time. */
const MAX_CONFLICTS = 10;

/** A level's state, and the ciphertext in the database that it was read from or written to. */
interface Held {
  readonly state: StoredState;
  /** Raised by every change: of two versions the higher one is the newer. */
  readonly revision: number;
  readonly stored: unknown;
  /** Whether the database lacks something of it. */
  readonly isUnsaved?: true;
}

/** A level's state out of a ciphertext. */
interface Read {
  readonly state: StoredState;
  readonly revision: number;
  /** Whether an older key had encrypted it. */
  readonly isOld: boolean;
}

const nothing: Held = { state: emptyState, revision: 0, stored: undefined };

/** The state of all levels. */
export class Store {
  readonly #held = new Map<StoredLevel, Held>();
  /** Levels that have been compared with the database: until then revisions say nothing. */
  readonly #compared = new Set<StoredLevel>();
  readonly #changes = new Map<StoredLevel, Promise<unknown>>();
  readonly #database: Database;
  readonly #keyRing: KeyRing;
  readonly #report: (error: unknown) => void;

  /** @param report - Told of each failure of the database, and with `undefined` that it works. */
  constructor(database: Database, keyRing: KeyRing, report: (error: unknown) => void) {
    this.#database = database;
    this.#keyRing = keyRing;
    this.#report = report;
  }

  /** Takes what the database held at the start. */
  async restore({ states, key }: Snapshot): Promise<void> {
    this.#keyRing.restore(key);
    await Promise.all(levels.map((level) => this.#restoreLevel(level, states[level])));
  }

  /** A level's state as this boot of the worker knows it. */
  state(level: StoredLevel): StoredState {
    return (this.#held.get(level) ?? nothing).state;
  }

  /** A level's state, with what another version of the worker has written meanwhile. */
  async latest(level: StoredLevel): Promise<StoredState> {
    try {
      await this.#take(level, await this.#database.state(level));
    } catch (error) {
      this.#report(error);
    }
    return this.state(level);
  }

  /**
   * Changes a level's state, in memory and in the database. It does not fail: where the database does, memory has the change.
   *
   * @param change - Makes the new state; called again should another version of the worker have written meanwhile. `undefined`
   *   leaves the state as it is.
   * @returns Whether it was changed.
   */
  update(level: StoredLevel, change: (state: StoredState) => StoredState | undefined): Promise<boolean> {
    const before = this.#changes.get(level) ?? Promise.resolve();
    const changed = before.catch(() => undefined).then(() => this.#update(level, change));
    this.#changes.set(level, changed);
    return changed;
  }

  async #restoreLevel(level: StoredLevel, stored: unknown): Promise<void> {
    const read = await this.#take(level, stored);
    // Under an older key: the current one takes its place. And what came while the database could not be used.
    if (read?.isOld || this.#held.get(level)?.isUnsaved) await this.update(level, (state) => ({ ...state }));
  }

  async #update(
    level: StoredLevel,
    change: (state: StoredState) => StoredState | undefined,
  ): Promise<boolean> {
    for (let conflicts = 0; ; conflicts++) {
      const held = this.#held.get(level) ?? nothing;
      const state = change(held.state);
      if (!state) return false;
      const next: Held = { stored: held.stored, state, revision: held.revision + 1, isUnsaved: true };
      try {
        const encrypter = await this.#keyRing.encrypter(level);
        const stored = await encrypter.encrypt({ revision: next.revision, ...state }, stateData(level));
        // Of the other level only the worker's script has the key.
        const key = level === 'persistent' ? encrypter.key : undefined;
        const conflict = await this.#database.replaceState(level, held.stored, stored, key);
        if (conflict && conflicts < MAX_CONFLICTS) {
          await this.#take(level, conflict.found);
          continue;
        }
        this.#compared.add(level);
        this.#held.set(level, conflict ? next : { state, revision: next.revision, stored });
        this.#report(undefined);
      } catch (error) {
        this.#held.set(level, next);
        this.#report(error);
      }
      return true;
    }
  }

  /** Takes what is stored if it is newer. What is older, forged or missing stays out, and is written over by the next change. */
  async #take(level: StoredLevel, stored: unknown): Promise<Read | undefined> {
    const isFirst = !this.#compared.has(level);
    this.#compared.add(level);
    if (isSameCiphertext(stored, this.#held.get(level)?.stored)) return undefined;
    // Deleted, perhaps with its key.
    if (stored === undefined) this.#keyRing.forget(level);
    const read = stored === undefined ? undefined : await this.#read(level, stored);
    const held = this.#held.get(level) ?? nothing;
    if (read && (isFirst || read.revision > held.revision)) {
      const state = isFirst ? withUnsaved(read.state, held.state) : read.state;
      this.#held.set(level, { ...held, state, revision: read.revision, stored });
    } else this.#held.set(level, { ...held, stored });
    return read;
  }

  async #read(level: StoredLevel, stored: unknown): Promise<Read | undefined> {
    for (const isLast of [false, true]) {
      // Without its key, as of a level that the app has given up, it cannot be read.
      const encrypter = await this.#keyRing.encrypter(level).catch(() => undefined);
      if (!encrypter) return undefined;
      const decrypted = await encrypter.decrypt(stored, stateData(level));
      const revision = isRecord(decrypted?.value) ? decrypted.value['revision'] : undefined;
      if (decrypted && Number.isSafeInteger(revision))
        return { state: parseState(decrypted.value), revision: Number(revision), isOld: decrypted.isOld };
      // Another version of the worker may have stored a key of its own meanwhile.
      if (!isLast) this.#keyRing.forget(level);
    }
    this.#report(new IdentityError('storage-rebuilt'));
    return undefined;
  }
}

/** A state that could be read only now, with the sign-ins that began before: they are under way. */
const withUnsaved = (
  { challenges, revocations, ...read }: StoredState,
  unsaved: StoredState,
): StoredState => ({
  ...read,
  challenges: [
    ...challenges.filter(
      ({ portal, isSilent }) =>
        !unsaved.challenges.some((each) => each.portal === portal && each.isSilent === isSilent),
    ),
    ...unsaved.challenges,
  ],
  revocations: [...revocations, ...unsaved.revocations],
});

/** What a ciphertext is bound to (AES-GCM additional data): in another place it does not decrypt. */
const stateData = (level: StoredLevel): string => `state ${level}`;

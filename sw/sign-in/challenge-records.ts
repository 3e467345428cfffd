/** The challenges of all portals as they are stored: one a portal, and beside it a silent one. */
import type { PortalIndex } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import type { StoredLevel } from '../storage/database.js';
import { storedLevelOf } from '../storage/persistence.js';
import type { ChallengeRecord } from '../storage/records.js';
import type { Store } from '../storage/store.js';

/** Whether a challenge lies in a place. */
const isIn = (portal: string, isSilent: true | undefined, record: ChallengeRecord): boolean =>
  record.portal === portal && record.isSilent === isSilent;

/** Reads and replaces challenges. */
export class ChallengeRecords {
  readonly #store: Store;
  readonly #portalIndex: PortalIndex;
  /** Code verifiers of portals of the level `memory`, by challenge. */
  readonly #codeVerifiers = new Map<string, string>();
  /** The levels of all portals; found once, as there may be a thousand. */
  #levels: ReadonlySet<StoredLevel> | undefined;

  constructor(store: Store, portalIndex: PortalIndex) {
    this.#store = store;
    this.#portalIndex = portalIndex;
  }

  /** All challenges of registered portals. */
  async all(): Promise<ChallengeRecord[]> {
    return (await Promise.all(Array.from(this.#levelsOfPortals(), (level) => this.#at(level)))).flat();
  }

  /** The challenges as they were read last. */
  known(): ChallengeRecord[] {
    return Array.from(this.#levelsOfPortals(), (level) => this.#own(level)).flat();
  }

  /** Notes which page shows a challenge to the user, for the next start of the worker. */
  notePrompted(portal: Portal, id: string, promptedPage: string): Promise<boolean> {
    return this.#store.update(storedLevelOf(portal), (state) => ({
      ...state,
      challenges: state.challenges.map((each) => (each.id === id ? { ...each, promptedPage } : each)),
    }));
  }

  async of(portal: Portal, isSilent?: true): Promise<ChallengeRecord | undefined> {
    return (await this.#at(storedLevelOf(portal))).find((record) => isIn(portal.url, isSilent, record));
  }

  async byId(id: string): Promise<ChallengeRecord | undefined> {
    return (await this.all()).find((record) => record.id === id);
  }

  /** The challenge with a state; none has an empty one. */
  async byState(state: string | null): Promise<ChallengeRecord | undefined> {
    return (await this.all()).find((record) => record.state === state);
  }

  /**
   * Replaces a portal's challenge if it is still the expected one: of two workers or tabs, one succeeds.
   *
   * @param expected - Id and phase the record must have, `undefined` for no record.
   * @returns Whether it was replaced.
   */
  async replace(
    expected: Pick<ChallengeRecord, 'id' | 'phase'> | undefined,
    record: ChallengeRecord,
  ): Promise<boolean> {
    const portal = this.#portalIndex.byUrl(record.portal);
    if (!portal) return false;
    const stored = portal.persistence === 'memory' ? this.#withoutVerifier(record) : record;
    return this.#store.update(storedLevelOf(portal), (state) => {
      const current = state.challenges.find((each) => isIn(record.portal, record.isSilent, each));
      if (current?.id !== expected?.id || current?.phase !== expected?.phase) return undefined;
      return { ...state, challenges: [...state.challenges.filter((each) => each !== current), stored] };
    });
  }

  #levelsOfPortals(): ReadonlySet<StoredLevel> {
    return (this.#levels ??= new Set(this.#portalIndex.portals.map(storedLevelOf)));
  }

  async #at(level: StoredLevel): Promise<ChallengeRecord[]> {
    await this.#store.latest(level);
    return this.#own(level);
  }

  #own(level: StoredLevel): ChallengeRecord[] {
    const { challenges } = this.#store.state(level);
    // One of a weaker level may be page script's.
    const own = challenges.filter(({ portal }) => {
      const owner = this.#portalIndex.byUrl(portal);
      return owner !== undefined && storedLevelOf(owner) === level;
    });
    return own.map((record) => {
      const codeVerifier = this.#codeVerifiers.get(record.id);
      return codeVerifier === undefined ? record : { ...record, codeVerifier };
    });
  }

  /** What leaves no page behind that keeps the worker alive is stored with its verifier, for the time of the sign-in. */
  #withoutVerifier(record: ChallengeRecord): ChallengeRecord {
    const { codeVerifier, ...rest } = record;
    if (codeVerifier === undefined) this.#codeVerifiers.delete(record.id);
    else this.#codeVerifiers.set(record.id, codeVerifier);
    return record.returnTo ? record : rest;
  }
}

/** The credentials of portals in the store, and the revocations that their portals have yet to take. */
import type { PortalIndex } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import { storedLevelOf } from '../storage/persistence.js';
import type { CredentialRecord, RevocationRecord } from '../storage/records.js';
import type { Store } from '../storage/store.js';
import { revoke } from './revocations.js';
import type { Credential } from './token-lifetime.js';

/** Reads and replaces credentials. */
export class StoredCredentials {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  of(portal: Portal): CredentialRecord | undefined {
    const { credentials } = this.#store.state(storedLevelOf(portal));
    return credentials.find((record) => record.portal === portal.url);
  }

  /** Takes what another version of the worker has written meanwhile. */
  async readAgain(portal: Portal): Promise<void> {
    await this.#store.latest(storedLevelOf(portal));
  }

  /**
   * Stores a portal's credential in place of the one before, or none. The level `memory` stores none.
   *
   * @param revocation - What is to be told to the portal of the one before.
   * @param isCurrent - Asked when it is written: a sign-in or sign-out may have come first.
   */
  async keep(
    portal: Portal,
    credential: Credential | undefined,
    revocation?: RevocationRecord,
    isCurrent: () => boolean = () => true,
  ): Promise<void> {
    const isKept = credential !== undefined && portal.persistence !== 'memory';
    await this.#store.update(storedLevelOf(portal), ({ credentials, revocations, partitions, ...state }) => {
      const others = credentials.filter((record) => record.portal !== portal.url);
      if (!isCurrent() || (!isKept && others.length === credentials.length)) return undefined;
      return {
        ...state,
        credentials: isKept ? [...others, toRecord(credential)] : others,
        revocations: revocation ? [...revocations, revocation] : revocations,
        // After a sign-out nothing of the user's is served any more, even if the worker stops before it is deleted.
        partitions: revocation ? partitions.filter((record) => record.portal !== portal.url) : partitions,
      };
    });
  }

  /** Removes what an earlier registration kept less securely than this one asks for. */
  async removeMisplaced(portalIndex: PortalIndex): Promise<void> {
    await this.#store.update('persistent', (state) => {
      const credentials = state.credentials.filter(
        ({ portal }) => (portalIndex.byUrl(portal)?.persistence ?? 'persistent') === 'persistent',
      );
      return credentials.length < state.credentials.length ? { ...state, credentials } : undefined;
    });
  }

  /** The revocations that a portal has yet to take. */
  revocations(portal: Portal): readonly RevocationRecord[] {
    return this.#store.state(storedLevelOf(portal)).revocations.filter((each) => each.portal === portal.url);
  }

  /** Asks a portal at once for a revocation, and forgets it where it was taken; else the next start asks again. */
  async revoke(portal: Portal, revocation: RevocationRecord): Promise<void> {
    if (!(await revoke(portal, revocation))) return;
    await this.#store.update(storedLevelOf(portal), ({ revocations, ...state }) => {
      const others = revocations.filter(({ token }) => token !== revocation.token);
      return others.length < revocations.length ? { ...state, revocations: others } : undefined;
    });
  }
}

/** As it is stored: a field more would be kept for good. */
function toRecord(credential: Credential): CredentialRecord {
  const { id: _, ...record } = credential;
  return record;
}

/** The credentials of portals in the store, and the revocations that their portals have yet to take. */
import type { PortalIndex } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import { storedLevelOf } from '../storage/persistence.js';
import type { ChallengeRecord, CredentialRecord, RevocationRecord } from '../storage/records.js';
import type { Store } from '../storage/store.js';
import { revoke } from './revocations.js';
import type { Credential } from './token-lifetime.js';

/** Why a credential is replaced: `end` is a session that the portal has ended, without a sign-out. */
export type CredentialChange = 'sign-in' | 'renewal' | 'end' | 'sign-out';

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
   * @param change - What has happened: answers that are kept for the user are another's after a sign-in of somebody else, and
   *   nobody's after a sign-out. They go in the same write, should the worker stop before they are deleted.
   * @param revocation - What is to be told to the portal of the one before.
   * @param isCurrent - Asked when it is written: a sign-in or sign-out may have come first.
   */
  async keep(
    portal: Portal,
    credential: Credential | undefined,
    change: CredentialChange,
    revocation?: RevocationRecord,
    isCurrent: () => boolean = () => true,
  ): Promise<void> {
    const isKept = credential !== undefined && portal.persistence !== 'memory';
    const username = credential?.username;
    await this.#store.update(
      storedLevelOf(portal),
      ({ credentials, revocations, partitions, challenges, ...state }) => {
        const others = credentials.filter((record) => record.portal !== portal.url);
        const kept = partitions.filter(
          (record) =>
            record.portal !== portal.url ||
            change === 'end' ||
            // Where the server names no user, every sign-in is another one's.
            record.username === (change === 'renewal' ? (username ?? '') : username),
        );
        // In the same write: the worker may be stopped before it tells the pages.
        const isRedeemed = (each: ChallengeRecord): boolean =>
          change === 'sign-in' && each.portal === portal.url && each.phase === 'redeeming';
        const isChanged =
          isKept ||
          others.length < credentials.length ||
          kept.length < partitions.length ||
          challenges.some(isRedeemed);
        if (!isCurrent() || !isChanged) return undefined;
        return {
          ...state,
          credentials: isKept ? [...others, toRecord(credential)] : others,
          revocations: revocation ? [...revocations, revocation] : revocations,
          partitions: kept,
          challenges: challenges.map((each) =>
            isRedeemed(each) ? { ...each, phase: 'signed-in' as const } : each,
          ),
        };
      },
    );
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

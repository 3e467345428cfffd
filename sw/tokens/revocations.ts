/** Ends tokens at the portal. A sign-out that the portal or the store could not be told of is made up for at the next start. */
import type { Portal } from '../portals/portal.js';
import { storedLevelOf } from '../storage/persistence.js';
import type { CredentialRecord, RevocationRecord } from '../storage/records.js';
import type { Store, StoredRevocation } from '../storage/store.js';

/** All revocations of the worker. */
export class Revocations {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Asks the portal once to revoke the tokens of a credential.
   *
   * @returns Whether there is nothing left to do.
   */
  attempt(portal: Portal, credential: CredentialRecord): Promise<boolean> {
    return send(portal, toRevocation(portal, credential));
  }

  /**
   * Asks the portal at once. That it has to be asked is stored until it has answered and the credential has left the store.
   *
   * @param removed - Settles when the store has been told to remove the credential.
   */
  async untilDone(portal: Portal, credential: CredentialRecord, removed: Promise<void>): Promise<void> {
    const revocation = toRevocation(portal, credential);
    const level = storedLevelOf(portal);
    const isStored = portal.persistence !== 'memory';
    const [isDone, id] = await Promise.all([
      send(portal, revocation),
      isStored ? this.#store.addRevocation(level, revocation) : undefined,
    ]);
    await removed;
    if (id !== undefined && isDone && this.#store.isStored(level)) await this.#store.removeRevocation(id);
  }

  /** Makes up for what an earlier boot of the worker could not do. */
  async resume(
    pending: readonly StoredRevocation[],
    portalOf: (url: string) => Portal | undefined,
  ): Promise<void> {
    for (const { id, ...revocation } of pending) {
      const portal = portalOf(revocation.portal);
      if (!portal || (await send(portal, revocation))) await this.#store.removeRevocation(id);
    }
  }
}

/** ArcGIS revokes the access tokens of a refresh token with it (ArcGIS REST: Revoke Token). */
const toRevocation = ({ url }: Portal, { refreshToken, accessToken }: CredentialRecord): RevocationRecord =>
  refreshToken === undefined
    ? { portal: url, token: accessToken, hint: 'access_token' }
    : { portal: url, token: refreshToken, hint: 'refresh_token' };

const send = (portal: Portal, { token, hint }: RevocationRecord): Promise<boolean> =>
  portal.authorizationServer.revoke(portal, token, hint);

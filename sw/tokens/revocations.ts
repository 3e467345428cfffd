/** Ends tokens at the portal. What a stop of the worker or an absent network keeps from it is made up for at the next start. */
import type { Portal } from '../portals/portal.js';
import { storedLevelOf } from '../storage/persistence.js';
import type { CredentialRecord, RevocationRecord } from '../storage/records.js';
import type { Store } from '../storage/store.js';

/** ArcGIS revokes the access tokens of a refresh token with it (ArcGIS REST: Revoke Token). */
export const toRevocation = ({ portal, refreshToken, accessToken }: CredentialRecord): RevocationRecord =>
  refreshToken === undefined
    ? { portal, token: accessToken, hint: 'access_token' }
    : { portal, token: refreshToken, hint: 'refresh_token' };

/**
 * Asks the portal once.
 *
 * @returns Whether there is nothing left to do.
 */
export const revoke = (portal: Portal, { token, hint }: RevocationRecord): Promise<boolean> =>
  portal.authorizationServer.revoke(portal, token, hint);

/** Asks the portal at once; where it answers, the store forgets that it has to be asked. */
export async function revokeStored(
  portal: Portal,
  revocation: RevocationRecord,
  store: Store,
): Promise<void> {
  if (!(await revoke(portal, revocation))) return;
  await store.update(storedLevelOf(portal), ({ revocations, ...state }) => {
    const others = revocations.filter(({ token }) => token !== revocation.token);
    return others.length < revocations.length ? { ...state, revocations: others } : undefined;
  });
}

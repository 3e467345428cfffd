/** Ends the tokens of a credential at the portal. */
import type { Portal } from '../portals/portal.js';
import type { CredentialRecord, RevocationRecord } from '../storage/records.js';

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

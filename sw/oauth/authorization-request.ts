/** The authorization request that opens a sign-in, the check of who answers it, and the page that ends the portal's session. */
import { calculatePKCECodeChallenge, generateRandomCodeVerifier, generateRandomState } from 'oauth4webapi';
import { identityError } from '../../protocol/errors.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { Portal } from '../portals/portal.js';

/** What opens a sign-in: the URL for the person, and the secrets that redeem its answer. */
export interface AuthorizationRequest {
  readonly authorizationUrl: string;
  readonly state: string;
  readonly codeVerifier: string;
}

/**
 * Builds an authorization request with a fresh state and a fresh PKCE code verifier.
 *
 * @throws PortalError `portal-unreachable` when the metadata of the server cannot be read.
 * @see RFC 6749 §4.1.1, RFC 7636 §4.1-4.3
 */
export async function buildAuthorizationRequest(portal: Portal): Promise<AuthorizationRequest> {
  const endpoints = await portal.dialect.endpointsOf(portal).catch(() => {
    throw identityError('portal-unreachable', { origin: new URL(portal.url).origin });
  });
  const state = generateRandomState();
  const codeVerifier = generateRandomCodeVerifier();
  const url = new URL(endpoints.authorization_endpoint);
  const parameters = {
    ...portal.authorizationParameters,
    client_id: portal.clientId,
    response_type: 'code',
    redirect_uri: portal.redirectUri,
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value);
  return { authorizationUrl: url.href, state, codeVerifier };
}

/**
 * Checks that an authorization error response comes from the server that was asked; a success is checked with its code.
 *
 * @param iss - As received.
 * @throws ChallengeError `issuer-mismatch` when it names another server, or none though the server always does.
 * @see RFC 9207 §2.4
 */
export async function checkIssuer(portal: Portal, iss: string | undefined): Promise<void> {
  const server = await portal.dialect.endpointsOf(portal);
  const isWrong =
    iss === undefined
      ? server.authorization_response_iss_parameter_supported === true
      : iss !== server.issuer;
  if (isWrong) throw identityError('issuer-mismatch', { origin: new URL(portal.url).origin });
}

/**
 * The page that ends the portal's own session with this browser, and then sends the person to the redirect URI.
 *
 * @throws ConfigurationError `sign-out-unsupported` where there is no such page; PortalError `portal-unreachable`.
 * @see ArcGIS: oauth2/signout; OpenID Connect RP-Initiated Logout 1.0 §2
 */
export async function signOutUrl(portal: Portal): Promise<string> {
  const origin = new URL(portal.url).origin;
  const server = await portal.dialect.endpointsOf(portal).catch(() => {
    throw identityError('portal-unreachable', { origin });
  });
  if (server.end_session_endpoint === undefined) throw identityError('sign-out-unsupported', { origin });
  const url = new URL(server.end_session_endpoint);
  url.searchParams.set('client_id', portal.clientId);
  if (portal.redirectUri !== OUT_OF_BAND)
    url.searchParams.set(
      portal.kind === 'arcgis' ? 'redirect_uri' : 'post_logout_redirect_uri',
      portal.redirectUri,
    );
  return url.href;
}

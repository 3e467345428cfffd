/** The authorization request that opens a sign-in, and the page that ends the portal's session. */
import { IdentityError } from '../../protocol/identity-error.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { SignInParameters } from '../../protocol/worker-api.js';
import type { Endpoints, OAuthClient } from './authorization-server.js';
import { codeChallengeOf } from './pkce.js';

/**
 * The URL of an authorization request. Made from the registration whenever it is needed: a stored one could have been changed.
 *
 * @param state - As random as the code verifier: the two differ for each request.
 * @throws PortalError `portal-unreachable` when the metadata of the server cannot be read.
 * @see RFC 6749 §4.1.1, RFC 7636 §4.1-4.3
 */
export async function authorizationUrlOf(
  client: OAuthClient,
  state: string,
  codeVerifier: string,
): Promise<string> {
  const { authorization_endpoint } = await reachableEndpoints(client);
  return withParameters(authorization_endpoint, {
    ...client.authorizationParameters,
    client_id: client.clientId,
    response_type: 'code',
    redirect_uri: client.redirectUri,
    state,
    code_challenge: await codeChallengeOf(codeVerifier),
    code_challenge_method: 'S256',
  });
}

/** The authorization URL with what this sign-in asks for. */
export const withSignInParameters = (
  authorizationUrl: string,
  { authorizationServer }: Pick<OAuthClient, 'authorizationServer'>,
  parameters: SignInParameters,
): string => withParameters(authorizationUrl, authorizationServer.signInParameters(parameters));

/**
 * The page that ends the portal's own session with this browser, and then sends the user to the redirect URI.
 *
 * @throws ConfigurationError `sign-out-unsupported` where there is no such page; PortalError `portal-unreachable`.
 * @see ArcGIS: oauth2/signout; OpenID Connect RP-Initiated Logout 1.0 §2
 */
export async function signOutUrl(client: OAuthClient): Promise<string> {
  const { end_session_endpoint } = await reachableEndpoints(client);
  if (end_session_endpoint === undefined)
    throw new IdentityError('sign-out-unsupported', { origin: originOf(client) });
  const { redirectUri, authorizationServer, clientId } = client;
  return withParameters(end_session_endpoint, {
    client_id: clientId,
    [authorizationServer.postSignOutParameter]: redirectUri === OUT_OF_BAND ? undefined : redirectUri,
  });
}

async function reachableEndpoints(client: OAuthClient): Promise<Endpoints> {
  try {
    return await client.authorizationServer.endpointsOf(client);
  } catch {
    throw new IdentityError('portal-unreachable', { origin: originOf(client) });
  }
}

const originOf = ({ url }: OAuthClient): string => new URL(url).origin;

function withParameters(address: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

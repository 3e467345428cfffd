/** The authorization request that opens a sign-in, and the page that ends the portal's session. */
import { IdentityError } from '../../protocol/identity-error.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { SignInParameters } from '../../protocol/worker-api.js';
import type { OAuthClient } from './authorization-server.js';
import { DiscoveryFailed } from './discovery.js';
import { codeChallengeOf } from './pkce.js';

/**
 * The URL of an authorization request. Made from the registration whenever it is needed: a stored one could have been changed.
 *
 * @param state - As random as the code verifier: the two differ for each request.
 * @param parameters - What this sign-in asks for.
 * @param asked - What an API has asked for.
 * @throws PortalError `portal-unreachable`, `dpop-unsupported`, `dpop-required`, `dpop-refused`, `par-endpoint-missing`,
 * `par-unreadable`, `par-refused`, or what is wrong with the metadata of the server.
 * @see RFC 6749 §4.1.1, RFC 7636 §4.1-4.3, RFC 9126
 */
export async function authorizationUrlOf(
  client: OAuthClient,
  state: string,
  codeVerifier: string,
  parameters: SignInParameters = {},
  asked: Parameters = {},
): Promise<string> {
  const { authorizationServer, clientId } = client;
  const { authorization_endpoint } = await reachable(client, authorizationServer.endpointsOf(client));
  const codeChallenge = await codeChallengeOf(codeVerifier);
  const request = {
    ...client.authorizationParameters,
    ...asked,
    ...defined(authorizationServer.signInParameters(parameters)),
    ...(await reachable(client, authorizationServer.requestParameters?.(client, codeChallenge))),
    client_id: clientId,
    response_type: 'code',
    redirect_uri: client.redirectUri,
    state,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  };
  const pushed = await reachable(
    client,
    authorizationServer.push?.(client, new URLSearchParams(defined(request))),
  );
  // The server reads nothing but what it was sent ahead; the state is for the page that hands over a pasted code.
  return withParameters(authorization_endpoint, pushed ? { ...pushed, client_id: clientId, state } : request);
}

const defined = (parameters: Parameters): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/**
 * The page that ends the portal's own session with this browser, and then sends the user back to the app.
 *
 * @param idToken - For an address that is for the browser alone.
 * @throws ConfigurationError `sign-out-unsupported` where there is no such page; PortalError `portal-unreachable`.
 * @see ArcGIS: oauth2/signout; OpenID Connect RP-Initiated Logout 1.0 §2
 */
export async function signOutUrl(client: OAuthClient, idToken?: string): Promise<string> {
  const { authorizationServer, clientId, postLogoutRedirectUri = client.redirectUri } = client;
  const { end_session_endpoint } = await reachable(client, authorizationServer.endpointsOf(client));
  if (end_session_endpoint === undefined)
    throw new IdentityError('sign-out-unsupported', { origin: originOf(client) });
  return withParameters(end_session_endpoint, {
    client_id: clientId,
    id_token_hint: idToken,
    [authorizationServer.postSignOutParameter]:
      postLogoutRedirectUri === OUT_OF_BAND ? undefined : postLogoutRedirectUri,
  });
}

async function reachable<T>(client: OAuthClient, work: T | Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof IdentityError) throw error;
    throw error instanceof DiscoveryFailed
      ? error.reason
      : new IdentityError('portal-unreachable', { origin: originOf(client) });
  }
}

const originOf = ({ url }: OAuthClient): string => new URL(url).origin;

type Parameters = Readonly<Record<string, string | undefined>>;

function withParameters(address: string, parameters: Parameters): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(defined(parameters))) url.searchParams.set(name, value);
  return url.href;
}

/** The OAuth 2.0 requests of the worker, on oauth4webapi: authorization URL, code exchange, refresh, revocation. */
import * as oauth from 'oauth4webapi';
import { IdentityError, identityError } from '../../protocol/errors.js';
import { isLoopback, OUT_OF_BAND } from '../../protocol/registration.js';
import type { Endpoints, Portal } from '../portals/portal.js';
import { dialectFetch } from './arcgis-dialect.js';
import { GrantRefused, NoVerdict, type TokenAnswer } from './token-answer.js';

/** Longest wait for a token endpoint, in ms. */
const TOKEN_TIMEOUT_MS = 30_000;

const discovered = new Map<string, Promise<Endpoints>>();

/**
 * The endpoints of a portal: fixed ones, or those its metadata names.
 *
 * @throws {@link NoVerdict} when the metadata cannot be read or names another issuer.
 * @see RFC 8414 §3, OpenID Connect Discovery 1.0 §4
 */
async function endpointsOf(portal: Portal): Promise<Endpoints> {
  if (portal.endpoints) return portal.endpoints;
  const known = discovered.get(portal.url);
  if (known) return known;
  const pending = discover(portal.url);
  discovered.set(portal.url, pending);
  // A failed look-up must not stick.
  pending.catch(() => discovered.delete(portal.url));
  return pending;
}

async function discover(issuer: string): Promise<Endpoints> {
  const url = new URL(issuer);
  const options = requestOptions(url.href);
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    const response = await oauth.discoveryRequest(url, { ...options, algorithm }).catch(() => undefined);
    if (response?.status !== 200) continue;
    const server = await oauth.processDiscoveryResponse(url, response).catch(() => undefined);
    if (server?.authorization_endpoint === undefined || server.token_endpoint === undefined) continue;
    // A server whose metadata lists methods but not S256 cannot be used safely (RFC 7636 §4.2, RFC 9700 §2.1.1).
    if (server.code_challenge_methods_supported && !server.code_challenge_methods_supported.includes('S256'))
      continue;
    const {
      authorization_endpoint,
      token_endpoint,
      revocation_endpoint,
      end_session_endpoint,
      id_token_signing_alg_values_supported,
    } = server;
    if (
      ![authorization_endpoint, token_endpoint, revocation_endpoint, end_session_endpoint].every(isWebAddress)
    )
      continue;
    return {
      issuer: server.issuer,
      authorization_endpoint,
      token_endpoint,
      ...(revocation_endpoint === undefined ? {} : { revocation_endpoint }),
      ...(end_session_endpoint === undefined ? {} : { end_session_endpoint }),
      ...(id_token_signing_alg_values_supported === undefined
        ? {}
        : { id_token_signing_alg_values_supported }),
      authorization_response_iss_parameter_supported:
        server.authorization_response_iss_parameter_supported === true,
    };
  }
  throw new NoVerdict();
}

/** Pages go to some of these addresses: one of another scheme, such as `javascript:`, would be run there. */
function isWebAddress(address: string | undefined): boolean {
  if (address === undefined) return true;
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** http is let through on loopback alone: registrations admit no other (S3). */
const requestOptions = (url: string): { signal: AbortSignal; [oauth.allowInsecureRequests]: boolean } => ({
  signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  // oxlint-disable-next-line no-deprecated -- marked so as a warning by its authors; loopback portals need it
  [oauth.allowInsecureRequests]: url.startsWith('http:'),
});

const tokenOptions = (portal: Portal, endpoint: string) => ({
  ...requestOptions(endpoint),
  [oauth.customFetch]: dialectFetch(portal.kind, portal.webTier ? 'include' : 'omit'),
});

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
  const endpoints = await endpointsOf(portal).catch(() => {
    throw identityError('portal-unreachable', { origin: new URL(portal.url).origin });
  });
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const url = new URL(endpoints.authorization_endpoint);
  const parameters = {
    ...portal.authorizationParameters,
    client_id: portal.clientId,
    response_type: 'code',
    redirect_uri: portal.redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
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
  const server = await endpointsOf(portal);
  const isWrong =
    iss === undefined
      ? server.authorization_response_iss_parameter_supported === true
      : iss !== server.issuer;
  if (isWrong) throw identityError('issuer-mismatch', { origin: new URL(portal.url).origin });
}

/** An authorization response together with the request it answers. */
export interface CodeGrant {
  readonly code: string;
  /** As received; absent out of band. */
  readonly state: string | undefined;
  readonly iss: string | undefined;
  readonly request: { readonly state: string; readonly codeVerifier: string };
}

/**
 * Swaps an authorization code for tokens.
 *
 * @throws {@link GrantRefused} when the server refused the code.
 * @throws {@link NoVerdict} when there was no token answer.
 * @throws ChallengeError `issuer-mismatch` when the response names another server (RFC 9207 §2.4).
 * @see RFC 6749 §4.1.3, RFC 7636 §4.5
 */
export async function exchangeCode(portal: Portal, grant: CodeGrant): Promise<TokenAnswer> {
  const server = await endpointsOf(portal);
  const client = { client_id: portal.clientId };
  const parameters = new URLSearchParams({ code: grant.code });
  if (grant.state !== undefined) parameters.set('state', grant.state);
  if (grant.iss !== undefined) parameters.set('iss', grant.iss);
  let validated: URLSearchParams;
  try {
    const expected = grant.state === undefined ? oauth.expectNoState : grant.request.state;
    // Out of band the person carries the code alone: there is no `iss` to check.
    const checked =
      portal.redirectUri === OUT_OF_BAND
        ? { ...server, authorization_response_iss_parameter_supported: false }
        : server;
    validated = oauth.validateAuthResponse(checked, client, parameters, expected);
  } catch {
    throw identityError('issuer-mismatch', { origin: new URL(portal.url).origin });
  }
  const answer = await processed(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      validated,
      portal.redirectUri,
      grant.request.codeVerifier,
      tokenOptions(portal, server.token_endpoint),
    );
    return oauth.processAuthorizationCodeResponse(server, client, response);
  });
  return withSessionLife(portal, answer);
}

/**
 * Renews an access token.
 *
 * @throws {@link GrantRefused} when the server says the refresh token is dead.
 * @throws {@link NoVerdict} when there was no token answer: the refresh token may still be good.
 * @see RFC 6749 §6
 */
export async function refresh(portal: Portal, refreshToken: string): Promise<TokenAnswer> {
  const server = await endpointsOf(portal);
  const client = { client_id: portal.clientId };
  return processed(async () => {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken,
      tokenOptions(portal, server.token_endpoint),
    );
    return oauth.processRefreshTokenResponse(server, client, response);
  });
}

/**
 * Swaps a refresh token near its end for a new one; the old one and its access tokens die.
 *
 * @throws {@link GrantRefused} or {@link NoVerdict} as {@link refresh} does.
 * @see ArcGIS REST API: Token, grant_type=exchange_refresh_token
 */
export async function exchangeRefreshToken(portal: Portal, refreshToken: string): Promise<TokenAnswer> {
  const server = await endpointsOf(portal);
  const client = { client_id: portal.clientId };
  const answer = await processed(async () => {
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      oauth.None(),
      'exchange_refresh_token',
      { refresh_token: refreshToken, redirect_uri: portal.redirectUri },
      tokenOptions(portal, server.token_endpoint),
    );
    return oauth.processGenericTokenEndpointResponse(server, client, response);
  });
  return withSessionLife(portal, answer);
}

/**
 * Revokes a token, best effort: local sign-out never waits for it or fails with it.
 *
 * @param hint - Which kind of token it is (RFC 7009 §2.1).
 */
export async function revoke(
  portal: Portal,
  token: string,
  hint: 'refresh_token' | 'access_token',
): Promise<void> {
  try {
    const server = await endpointsOf(portal);
    if (server.revocation_endpoint === undefined) return;
    await oauth.revocationRequest(server, { client_id: portal.clientId }, oauth.None(), token, {
      ...tokenOptions(portal, server.revocation_endpoint),
      additionalParameters: { token_type_hint: hint },
    });
  } catch {
    // ArcGIS answers success for unknown tokens too: the answer proves nothing, and neither does its absence.
  }
}

/**
 * The page that ends the portal's own session with this browser, and then sends the person to the redirect URI.
 *
 * @throws PortalError `sign-out-unsupported` where there is no such page, `portal-unreachable`.
 * @see ArcGIS: oauth2/signout; OpenID Connect RP-Initiated Logout 1.0 §2
 */
export async function signOutUrl(portal: Portal): Promise<string> {
  const origin = new URL(portal.url).origin;
  const server = await endpointsOf(portal).catch(() => {
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

/** Life of a refresh token where neither portal nor registration say, in minutes (ArcGIS REST: Authorize). */
const DEFAULT_SESSION_MINUTES = 20_160;

/** Older portals do not tell how long a refresh token lives: then it is what was asked for. */
function withSessionLife(portal: Portal, answer: TokenAnswer): TokenAnswer {
  const isTold = answer.refreshToken === undefined || answer.refreshTokenExpiresInS !== undefined;
  if (portal.kind !== 'arcgis' || isTold) return answer;
  const minutes = Number(portal.authorizationParameters['expiration'] ?? DEFAULT_SESSION_MINUTES);
  // -1 asks for as long as the organisation allows: nobody knows how long that is.
  return minutes > 0 ? { ...answer, refreshTokenExpiresInS: minutes * 60 } : answer;
}

async function processed(grant: () => Promise<oauth.TokenEndpointResponse>): Promise<TokenAnswer> {
  let answer: oauth.TokenEndpointResponse;
  try {
    answer = await grant();
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) throw new GrantRefused(error.error);
    if (error instanceof oauth.WWWAuthenticateChallengeError) throw new GrantRefused('invalid_client');
    if (error instanceof IdentityError || error instanceof NoVerdict) throw error;
    // The library found something that is not a token answer, or the network failed.
    throw new NoVerdict();
  }
  const claims = oauth.getValidatedIdTokenClaims(answer);
  const username = [answer['username'], claims?.['preferred_username'], claims?.['email'], claims?.sub].find(
    (name) => typeof name === 'string',
  );
  const refreshLifetime = answer['refresh_token_expires_in'];
  return {
    accessToken: answer.access_token,
    ...(answer.expires_in === undefined ? {} : { expiresInS: answer.expires_in }),
    ...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token }),
    ...(typeof refreshLifetime === 'number' ? { refreshTokenExpiresInS: refreshLifetime } : {}),
    ...(typeof username === 'string' ? { username } : {}),
  };
}

/** Any OAuth 2.0 authorization server, on oauth4webapi: metadata, code exchange, refresh, revocation. */
import * as oauth from 'oauth4webapi';
import { IdentityError } from '../../protocol/identity-error.js';
import { isLoopback, OUT_OF_BAND } from '../../protocol/registration.js';
import type { AuthorizationServer, Endpoints, OAuthClient } from './authorization-server.js';
import { readLimited } from './read-limited.js';
import {
  fetchTokenEndpoint,
  OAuthError,
  TOKEN_TIMEOUT_MS,
  TokenEndpointUnavailable,
  type TokenResponse,
} from './token-endpoint.js';

const discovered = new Map<string, Promise<Endpoints>>();

/**
 * The endpoints that a server's metadata names.
 *
 * @throws {@link TokenEndpointUnavailable} when the metadata cannot be read or names another issuer.
 * @see RFC 8414 §3, OpenID Connect Discovery 1.0 §4
 */
async function endpointsOf({ url }: Pick<OAuthClient, 'url'>): Promise<Endpoints> {
  const known = discovered.get(url);
  if (known) return known;
  const pending = discover(url);
  discovered.set(url, pending);
  // A failed look-up must not stick.
  pending.catch(() => discovered.delete(url));
  return pending;
}

async function discover(issuer: string): Promise<Endpoints> {
  const url = new URL(issuer);
  const options = { ...requestOptions(url.href), [oauth.customFetch]: fetchMetadata };
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
  throw new TokenEndpointUnavailable();
}

/** Metadata is as short as a token response. */
async function fetchMetadata(address: string, init: oauth.CustomFetchOptions<'GET'>): Promise<Response> {
  const response = await fetch(address, { ...init, body: null });
  const headers = { 'content-type': response.headers.get('content-type') ?? 'text/plain' };
  return new Response(await readLimited(response), { status: response.status, headers });
}

/** Pages go to some of these addresses: one of another scheme, such as `javascript:`, would be run there. */
function isWebAddress(address: string | undefined): boolean {
  if (address === undefined) return true;
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** http is let through on loopback alone: registrations admit no other. */
const requestOptions = (url: string): { signal: AbortSignal; [oauth.allowInsecureRequests]: boolean } => ({
  signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  // oxlint-disable-next-line no-deprecated -- marked so as a warning by its authors; loopback portals need it
  [oauth.allowInsecureRequests]: url.startsWith('http:'),
});

const tokenOptions = (endpoint: string) => ({
  ...requestOptions(endpoint),
  [oauth.customFetch]: fetchForLibrary,
});

/** A `fetch` for the library that keeps no response apart from a refusal. */
export async function fetchForLibrary(url: string, init: RequestInit): Promise<Response> {
  const { status, contentType, text } = await fetchTokenEndpoint(url, { ...init, credentials: 'omit' });
  return new Response(text === '' ? null : text, { status, headers: { 'content-type': contentType } });
}

async function processed(grant: () => Promise<oauth.TokenEndpointResponse>): Promise<TokenResponse> {
  let tokens: oauth.TokenEndpointResponse;
  try {
    tokens = await grant();
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) throw new OAuthError(error.error);
    if (error instanceof oauth.WWWAuthenticateChallengeError) throw new OAuthError('invalid_client');
    if (error instanceof IdentityError || error instanceof TokenEndpointUnavailable) throw error;
    // The library found something that is not a token answer, or the network failed.
    throw new TokenEndpointUnavailable();
  }
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const username = [tokens['username'], claims?.['preferred_username'], claims?.['email'], claims?.sub].find(
    (name) => typeof name === 'string',
  );
  const refreshLifetime = tokens['refresh_token_expires_in'];
  return {
    accessToken: tokens.access_token,
    ...(tokens.expires_in === undefined ? {} : { expiresInS: tokens.expires_in }),
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
    ...(typeof refreshLifetime === 'number' ? { refreshTokenExpiresInS: refreshLifetime } : {}),
    ...(typeof username === 'string' ? { username } : {}),
  };
}

/**
 * Servers that keep to the RFCs.
 *
 * @see RFC 6749, RFC 7009, RFC 7636, RFC 8414, RFC 9207
 */
export const rfcServer: AuthorizationServer = {
  endpointsOf,

  async exchangeCode(registered, grant) {
    const server = await endpointsOf(registered);
    const client = { client_id: registered.clientId };
    const parameters = new URLSearchParams({ code: grant.code });
    if (grant.state !== undefined) parameters.set('state', grant.state);
    if (grant.iss !== undefined) parameters.set('iss', grant.iss);
    let validated: URLSearchParams;
    try {
      const expected = grant.state === undefined ? oauth.expectNoState : grant.request.state;
      // Out of band the user carries the code alone: there is no `iss` to check.
      const checked =
        registered.redirectUri === OUT_OF_BAND
          ? { ...server, authorization_response_iss_parameter_supported: false }
          : server;
      validated = oauth.validateAuthResponse(checked, client, parameters, expected);
    } catch {
      throw new IdentityError('issuer-mismatch', { origin: new URL(registered.url).origin });
    }
    return processed(async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        validated,
        registered.redirectUri,
        grant.request.codeVerifier,
        tokenOptions(server.token_endpoint),
      );
      return oauth.processAuthorizationCodeResponse(server, client, response);
    });
  },

  async checkIssuer(registered, iss) {
    const server = await endpointsOf(registered);
    const isWrong =
      iss === undefined
        ? server.authorization_response_iss_parameter_supported === true
        : iss !== server.issuer;
    if (isWrong) throw new IdentityError('issuer-mismatch', { origin: new URL(registered.url).origin });
  },

  async refresh(registered, refreshToken) {
    const server = await endpointsOf(registered);
    const client = { client_id: registered.clientId };
    return processed(async () => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        oauth.None(),
        refreshToken,
        tokenOptions(server.token_endpoint),
      );
      return oauth.processRefreshTokenResponse(server, client, response);
    });
  },

  async revoke(registered, token, hint) {
    try {
      const server = await endpointsOf(registered);
      if (server.revocation_endpoint === undefined) return true;
      const { status } = await oauth.revocationRequest(
        server,
        { client_id: registered.clientId },
        oauth.None(),
        token,
        {
          ...tokenOptions(server.revocation_endpoint),
          additionalParameters: { token_type_hint: hint },
        },
      );
      // Unknown tokens are answered with success too (RFC 7009 §2.2); any other verdict would be the same the next time.
      return status < 500 && status !== 429;
    } catch {
      return false;
    }
  },
  // OpenID Connect Core §3.1.2.1.
  signInParameters: ({ forceLogin, loginHint, silent }) => ({
    prompt: silent ? 'none' : forceLogin ? 'login' : undefined,
    login_hint: loginHint,
  }),

  // OpenID Connect RP-Initiated Logout 1.0 §2.
  postSignOutParameter: 'post_logout_redirect_uri',
};

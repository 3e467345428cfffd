/** ArcGIS as an authorization server: close to RFC 6749, but its token responses and errors have another shape. */
import { IdentityError } from '../../protocol/identity-error.js';
import type { AuthorizationServer, Endpoints, OAuthClient } from './authorization-server.js';
import {
  fetchTokenEndpoint,
  TOKEN_TIMEOUT_MS,
  TokenEndpointUnavailable,
  type EndpointResponse,
  type TokenResponse,
} from './token-endpoint.js';
import { isErrorWord, parseObject, parseTokenResponse, type Json } from './token-response.js';

/** The RFC 6749 §5.2 error word of an ArcGIS error object. 498 at the token endpoint is about the refresh token. */
function errorWord({ code, error, error_description: description, message }: Json): string {
  const words = description ?? message;
  const text = typeof words === 'string' ? words.toLowerCase() : '';
  if (text.includes('not specified')) return 'invalid_request';
  if (error === 'invalid_client_id') return 'invalid_client';
  if (
    Number(code) === 498 ||
    /\b(invalid|expired)\b.*\b(refresh_token|code|code_verifier|redirect_uri)\b|\brefresh_token expired\b/.test(
      text,
    )
  )
    return 'invalid_grant';
  return isErrorWord(error) ? error : 'invalid_request';
}

/**
 * The token response of an ArcGIS portal.
 *
 * @throws {@link OAuthError} when it refuses the grant, {@link TokenEndpointUnavailable} when there is no token response in it.
 * @see ArcGIS REST API: Token
 */
export const toTokenResponse = (response: Pick<EndpointResponse, 'status' | 'text'>): TokenResponse =>
  parseTokenResponse(response, errorWord).tokens;

function endpointsOf({ endpoints }: OAuthClient): Endpoints {
  if (!endpoints) throw new TokenEndpointUnavailable();
  return endpoints;
}

/** ArcGIS names itself in no response; one that names another issuer is not its own. */
function checkIssuer(client: OAuthClient, iss = endpointsOf(client).issuer): void {
  if (iss !== endpointsOf(client).issuer)
    throw new IdentityError('issuer-mismatch', { origin: new URL(client.url).origin });
}

/** Cookies have a place at a portal behind web-tier authentication only. */
const post = (
  url: string,
  { clientId, webTier }: OAuthClient,
  form: Record<string, string>,
): Promise<EndpointResponse> =>
  fetchTokenEndpoint(url, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...form, f: 'json' }),
    headers: { accept: 'application/json' },
    credentials: webTier ? 'include' : 'omit',
    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  });

const grant = async (client: OAuthClient, form: Record<string, string>): Promise<TokenResponse> =>
  toTokenResponse(await post(endpointsOf(client).token_endpoint, client, form));

/** Life of a refresh token where neither portal nor registration say, in minutes (ArcGIS REST: Authorize). */
const DEFAULT_SESSION_MINUTES = 20_160;

/** Older portals do not tell how long a refresh token lives: then it is what was asked for. */
function withSessionLife({ authorizationParameters }: OAuthClient, response: TokenResponse): TokenResponse {
  if (response.refreshToken === undefined || response.refreshTokenExpiresInS !== undefined) return response;
  const minutes = Number(authorizationParameters['expiration'] ?? DEFAULT_SESSION_MINUTES);
  // -1 asks for as long as the organisation allows, which the portal does not tell.
  return minutes > 0 ? { ...response, refreshTokenExpiresInS: minutes * 60 } : response;
}

/**
 * ArcGIS Online and ArcGIS Enterprise.
 *
 * @see ArcGIS REST API: Token, Revoke Token, User (community/self)
 */
export const arcgisServer: AuthorizationServer = {
  endpointsOf: async (client) => endpointsOf(client),

  checkIssuer: async (client, iss) => checkIssuer(client, iss),

  async exchangeCode(client, { code, state, iss, request }) {
    // A response to another request is not one of ours.
    checkIssuer(client, state === undefined || state === request.state ? iss : '');
    const response = await grant(client, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: request.codeVerifier,
    });
    return withSessionLife(client, response);
  },

  refresh: async (client, refreshToken) =>
    grant(client, { grant_type: 'refresh_token', refresh_token: refreshToken }),

  async exchangeRefreshToken(client, refreshToken) {
    const response = await grant(client, {
      grant_type: 'exchange_refresh_token',
      refresh_token: refreshToken,
      redirect_uri: client.redirectUri,
    });
    return withSessionLife(client, response);
  },

  async accepts(client, token) {
    const { text } = await post(`${client.url}/sharing/rest/community/self`, client, { token });
    const answer = parseObject(text);
    // What cannot be read is no verdict.
    if (!answer) throw new TokenEndpointUnavailable(0);
    return typeof answer['username'] === 'string';
  },

  async revoke(client, token, hint) {
    const url = endpointsOf(client).revocation_endpoint;
    if (url === undefined) return true;
    // The parameter is `auth_token`, where RFC 7009 §2.1 has `token`. The portal answers success for unknown tokens too.
    return post(url, client, { auth_token: token, token_type_hint: hint }).then(
      () => true,
      () => false,
    );
  },

  // ArcGIS knows no other: its sign-in page shows no form where the portal has a session.
  signInParameters: ({ forceLogin }) => ({ force_login: forceLogin ? 'true' : undefined }),

  // The access tokens of a refresh token end with it, those of other sign-ins do not (ArcGIS REST: Revoke Token).
  revokesTokenOnly: true,

  postSignOutParameter: 'redirect_uri',
};

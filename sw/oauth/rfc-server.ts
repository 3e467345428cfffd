/** Any OAuth 2.0 authorization server, on oauth4webapi: code exchange, refresh, revocation. */
import * as oauth from 'oauth4webapi';
import { IdentityError } from '../../protocol/identity-error.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { AuthorizationServer, Endpoints, OAuthClient, TokenEndpoints } from './authorization-server.js';
import { discover } from './discovery.js';
import { codeChallengeOf } from './pkce.js';
import { pushAuthorizationRequest } from './pushed-request.js';
import { readLimited } from './read-limited.js';
import { issuerOf, optionsFor, originOf, parsed, proofFault } from './rfc-requests.js';
import { concealedSignOutUrl, holdIdToken, leadToSignOut, usableIdToken } from './sign-out-hint.js';
import { stepUpOf } from './step-up.js';
import { MAX_BACKOFF_MS, OAuthError, TokenEndpointUnavailable } from './token-endpoint.js';
import { claimsOf, nameIn, parseObject, type Json } from './token-response.js';

const discovered = new Map<string, Promise<Endpoints>>();

/** Token endpoints by issuer: from the metadata, or as they were kept with a credential. */
const known = new Map<string, TokenEndpoints>();

/** Longest wait for the user's name, in ms: the sign-in waits for it. */
const USERINFO_TIMEOUT_MS = 3_000;

/**
 * The endpoints of a registration, or those that its server's metadata names.
 *
 * @throws {@link TokenEndpointUnavailable} when the metadata cannot be read or used.
 */
async function endpointsOf(client: OAuthClient): Promise<Endpoints> {
  if (client.endpoints) return client.endpoints;
  const issuer = issuerOf(client);
  const earlier = discovered.get(issuer);
  if (earlier) return earlier;
  const pending = discover(issuer);
  discovered.set(issuer, pending);
  pending.then(
    (endpoints) => known.set(issuer, endpoints),
    // A failed look-up must not stick.
    () => discovered.delete(issuer),
  );
  return pending;
}

/** The same for tokens alone: those that are known do while the metadata cannot be read. */
async function tokenEndpointsOf(client: OAuthClient): Promise<TokenEndpoints> {
  try {
    return await endpointsOf(client);
  } catch (error) {
    const remembered = known.get(issuerOf(client));
    if (remembered) return remembered;
    throw error;
  }
}

/**
 * Asks the server about the user of a token.
 *
 * @see OpenID Connect Core §5.3
 */
function askUserinfo({ proofs }: OAuthClient, endpoint: string, accessToken: string): Promise<Response> {
  const signal = AbortSignal.timeout(USERINFO_TIMEOUT_MS);
  const make = (): Request =>
    new Request(endpoint, {
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal,
    });
  return proofs?.send(accessToken, make, fetch) ?? fetch(make());
}

/** The name that the server has for the user. Best effort: it is for people to read. */
async function usernameOf(
  client: OAuthClient,
  { userinfo_endpoint }: Endpoints,
  accessToken: string,
): Promise<string | undefined> {
  if (userinfo_endpoint === undefined) return undefined;
  try {
    const response = await askUserinfo(client, userinfo_endpoint, accessToken);
    return response.ok ? nameIn(parseObject(await readLimited(response))) : undefined;
  } catch {
    return undefined;
  }
}

/** Tells users apart, where the server has no name for them. */
const subjectIn = (claims: Json | undefined): string | undefined =>
  typeof claims?.['sub'] === 'string' ? claims['sub'] : undefined;

/** Servers that demand proofs of a client may say no more than that the code is refused; their metadata tell that they know proofs. */
const asPerhapsUnproven = (client: OAuthClient, server: Endpoints, error: unknown): unknown =>
  !client.proofs &&
  server.dpop_signing_alg_values_supported &&
  error instanceof OAuthError &&
  error.oauthError === 'invalid_grant'
    ? new OAuthError(
        error.oauthError,
        new IdentityError('dpop-required', { origin: originOf(client), oauthError: error.oauthError }),
      )
    : error;

const isOpenId = ({ authorizationParameters }: OAuthClient): boolean =>
  authorizationParameters['scope']?.split(' ').includes('openid') === true;

/**
 * Servers that keep to the RFCs.
 *
 * @see RFC 6749, RFC 7009, RFC 7636, RFC 8414, RFC 9126, RFC 9207, RFC 9449, RFC 9470
 */
export const rfcServer: AuthorizationServer = {
  endpointsOf,

  knownEndpoints: (client) => client.endpoints ?? known.get(issuerOf(client)),

  rememberEndpoints(client, endpoints) {
    known.set(issuerOf(client), endpoints);
  },

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
      throw new IdentityError('issuer-mismatch', { origin: originOf(registered) });
    }
    const { tokens, idToken, tokenType } = await parsed(registered, server, (options) =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        validated,
        registered.redirectUri,
        grant.request.codeVerifier,
        options,
      ),
    ).catch((error: unknown) => {
      throw proofFault(registered, error) ?? asPerhapsUnproven(registered, server, error);
    });
    // A token that is bound is refused without proofs; one that is not is what the registration forbids (RFC 9449 §5).
    if (tokenType === (registered.proofs ? 'bearer' : 'dpop')) {
      const { refreshToken, accessToken } = tokens;
      await this.revoke(
        registered,
        refreshToken ?? accessToken,
        refreshToken ? 'refresh_token' : 'access_token',
      );
      throw new IdentityError(registered.proofs ? 'dpop-unsupported' : 'dpop-required', {
        origin: originOf(registered),
      });
    }
    const { issuer } = server;
    const nonce = isOpenId(registered) ? await codeChallengeOf(grant.request.codeVerifier) : undefined;
    const claims = claimsOf(idToken, { issuer, clientId: registered.clientId, nonce });
    const username =
      tokens.username ??
      nameIn(claims) ??
      (isOpenId(registered) ? await usernameOf(registered, server, tokens.accessToken) : undefined) ??
      subjectIn(claims);
    return {
      ...tokens,
      ...(username === undefined ? {} : { username }),
      ...(claims && usableIdToken(server, idToken)),
    };
  },

  async checkIssuer(registered, iss) {
    const server = await endpointsOf(registered);
    const isWrong =
      iss === undefined
        ? server.authorization_response_iss_parameter_supported === true
        : iss !== server.issuer;
    if (isWrong) throw new IdentityError('issuer-mismatch', { origin: originOf(registered) });
  },

  async refresh(registered, refreshToken) {
    const server = await tokenEndpointsOf(registered);
    const client = { client_id: registered.clientId };
    const { tokens } = await parsed(registered, server, (options) =>
      oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options),
    ).catch((error: unknown) => {
      // A proof that is refused, as for a wrong clock, is no verdict on the refresh token.
      const isProof = registered.proofs && proofFault(registered, error);
      throw isProof ? new TokenEndpointUnavailable(MAX_BACKOFF_MS) : error;
    });
    return tokens;
  },

  async accepts(registered, accessToken) {
    const endpoint = isOpenId(registered) && (await endpointsOf(registered)).userinfo_endpoint;
    if (!endpoint) return undefined;
    const response = await askUserinfo(registered, endpoint, accessToken).catch(() => undefined);
    void response?.body?.cancel().catch(() => undefined);
    if (response?.ok === true) return true;
    // What is no verdict ends no session, and neither does a proof that is refused (RFC 9449 §7.1).
    const isAboutProof = /_dpop_/.test(response?.headers.get('www-authenticate') ?? '');
    if (response?.status !== 401 || isAboutProof) throw new TokenEndpointUnavailable(response && 0);
    return false;
  },

  async revoke(registered, token, hint) {
    try {
      const server = await tokenEndpointsOf(registered);
      if (server.revocation_endpoint === undefined) return true;
      const { status } = await oauth.revocationRequest(
        server,
        { client_id: registered.clientId },
        oauth.None(),
        token,
        {
          ...optionsFor(server.revocation_endpoint),
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

  async requestParameters(client, codeChallenge) {
    const { dpop_signing_alg_values_supported: algorithms } = await endpointsOf(client);
    if (client.proofs && algorithms?.includes('ES256') === false)
      throw new IdentityError('dpop-unsupported', { origin: originOf(client) });
    return {
      // The code challenge is bound to this request and to a secret that the worker alone has: nothing more has to be kept for it.
      ...(isOpenId(client) && { nonce: codeChallenge }),
      // The code is worth nothing without the key (RFC 9449 §10).
      ...(client.proofs && { dpop_jkt: await (await client.proofs.handle()).calculateThumbprint() }),
    };
  },

  stepUpOf,

  push: async (client, parameters) => pushAuthorizationRequest(client, await endpointsOf(client), parameters),

  holdIdToken,
  concealedSignOutUrl,
  leadToSignOut,

  // Many end the whole grant, with the tokens of a sign-in that has just taken the place of this one (RFC 7009 §2.1).
  revokesTokenOnly: false,

  // OpenID Connect RP-Initiated Logout 1.0 §2.
  postSignOutParameter: 'post_logout_redirect_uri',
};

/** Any OAuth 2.0 authorization server, on oauth4webapi: code exchange, refresh, revocation. */
import * as oauth from 'oauth4webapi';
import { IdentityError } from '../../protocol/identity-error.js';
import { OUT_OF_BAND } from '../../protocol/registration.js';
import type { AuthorizationServer, Endpoints, OAuthClient, TokenEndpoints } from './authorization-server.js';
import { discover } from './discovery.js';
import { codeChallengeOf } from './pkce.js';
import { readLimited } from './read-limited.js';
import { concealedSignOutUrl, holdIdToken, leadToSignOut, usableIdToken } from './sign-out-hint.js';
import { fetchTokenEndpoint, TOKEN_TIMEOUT_MS, TokenEndpointUnavailable } from './token-endpoint.js';
import {
  claimsOf,
  isErrorWord,
  parseTokenResponse,
  nameIn,
  parseObject,
  type Json,
  type ParsedTokenResponse,
} from './token-response.js';

const discovered = new Map<string, Promise<Endpoints>>();

/** Token endpoints by issuer: from the metadata, or as they were kept with a credential. */
const known = new Map<string, TokenEndpoints>();

/** The issuer of a registration: its URL, unless several registrations share one. */
const issuerOf = ({ issuer, url }: Pick<OAuthClient, 'issuer' | 'url'>): string => issuer ?? url;

const originOf = (client: OAuthClient): string => new URL(issuerOf(client)).origin;

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

/** http is let through on loopback alone: registrations admit no other. */
const optionsFor = (endpoint: string) => ({
  signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  // oxlint-disable-next-line no-deprecated -- marked so as a warning by its authors; loopback portals need it
  [oauth.allowInsecureRequests]: endpoint.startsWith('http:'),
  [oauth.customFetch]: fetchForLibrary,
});

/** A `fetch` for the library that keeps no response apart from a refusal. */
export async function fetchForLibrary(url: string, init: RequestInit): Promise<Response> {
  const { status, contentType, text } = await fetchTokenEndpoint(url, { ...init, credentials: 'omit' });
  return new Response(text === '' ? null : text, { status, headers: { 'content-type': contentType } });
}

/** What a server of the RFCs has to say of a grant; a 401 without a word is about the client (RFC 6749 §5.2). */
async function parsed(grant: () => Promise<Response>): Promise<ParsedTokenResponse> {
  let answer: { status: number; text: string };
  try {
    const response = await grant();
    answer = { status: response.status, text: await response.text() };
  } catch (error) {
    // The library's own errors hold what was sent.
    throw error instanceof TokenEndpointUnavailable ? error : new TokenEndpointUnavailable();
  }
  return parseTokenResponse(answer, ({ error }) => (isErrorWord(error) ? error : 'invalid_request'));
}

/**
 * Asks the server about the user of a token.
 *
 * @see OpenID Connect Core §5.3
 */
const askUserinfo = (endpoint: string, accessToken: string): Promise<Response> =>
  fetch(endpoint, {
    headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(USERINFO_TIMEOUT_MS),
  });

/** The name that the server has for the user. Best effort: it is for people to read. */
async function usernameOf(
  { userinfo_endpoint }: Endpoints,
  accessToken: string,
): Promise<string | undefined> {
  if (userinfo_endpoint === undefined) return undefined;
  try {
    const response = await askUserinfo(userinfo_endpoint, accessToken);
    return response.ok ? nameIn(parseObject(await readLimited(response))) : undefined;
  } catch {
    return undefined;
  }
}

/** Tells users apart, where the server has no name for them. */
const subjectIn = (claims: Json | undefined): string | undefined =>
  typeof claims?.['sub'] === 'string' ? claims['sub'] : undefined;

const isOpenId = ({ authorizationParameters }: OAuthClient): boolean =>
  authorizationParameters['scope']?.split(' ').includes('openid') === true;

/**
 * Servers that keep to the RFCs.
 *
 * @see RFC 6749, RFC 7009, RFC 7636, RFC 8414, RFC 9207
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
    const { tokens, idToken } = await parsed(() =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        validated,
        registered.redirectUri,
        grant.request.codeVerifier,
        {
          ...optionsFor(server.token_endpoint),
          ...(registered.tokenParameters && { additionalParameters: registered.tokenParameters }),
        },
      ),
    );
    const { issuer } = server;
    const nonce = isOpenId(registered) ? await codeChallengeOf(grant.request.codeVerifier) : undefined;
    const claims = claimsOf(idToken, { issuer, clientId: registered.clientId, nonce });
    const username =
      tokens.username ??
      nameIn(claims) ??
      (isOpenId(registered) ? await usernameOf(server, tokens.accessToken) : undefined) ??
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
    const { tokens } = await parsed(() =>
      oauth.refreshTokenGrantRequest(server, { client_id: registered.clientId }, oauth.None(), refreshToken, {
        ...optionsFor(server.token_endpoint),
        ...(registered.tokenParameters && { additionalParameters: registered.tokenParameters }),
      }),
    );
    return tokens;
  },

  async accepts(registered, accessToken) {
    const endpoint = isOpenId(registered) && (await endpointsOf(registered)).userinfo_endpoint;
    if (!endpoint) return undefined;
    const response = await askUserinfo(endpoint, accessToken).catch(() => undefined);
    void response?.body?.cancel().catch(() => undefined);
    if (response?.ok === true) return true;
    // What is no verdict ends no session.
    if (response?.status !== 401) throw new TokenEndpointUnavailable(response && 0);
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

  // The code challenge is bound to this request and to a secret that the worker alone has: nothing more has to be kept for it.
  requestParameters: (client, codeChallenge) => (isOpenId(client) ? { nonce: codeChallenge } : {}),

  async push(client, parameters) {
    const server = await endpointsOf(client);
    const endpoint = server.pushed_authorization_request_endpoint;
    if (server.require_pushed_authorization_requests !== true || endpoint === undefined) return undefined;
    const response = await oauth.pushedAuthorizationRequest(
      server,
      { client_id: client.clientId },
      oauth.None(),
      parameters,
      optionsFor(endpoint),
    );
    const { request_uri } = await oauth.processPushedAuthorizationResponse(
      server,
      { client_id: client.clientId },
      response,
    );
    return { request_uri };
  },

  holdIdToken,
  concealedSignOutUrl,
  leadToSignOut,

  // Many end the whole grant, with the tokens of a sign-in that has just taken the place of this one (RFC 7009 §2.1).
  revokesTokenOnly: false,

  // OpenID Connect RP-Initiated Logout 1.0 §2.
  postSignOutParameter: 'post_logout_redirect_uri',
};

/** Asks a token endpoint. Keeps a refusal of the grant apart from no token response at all: only a refusal costs the session. */
import type { IdentityError } from '../../protocol/identity-error.js';
import { readLimited } from './read-limited.js';

/** Longest wait for a token endpoint, in ms. */
export const TOKEN_TIMEOUT_MS = 30_000;

/** Longest pause before a server in trouble is asked again, where it does not say how long. In ms. */
export const MAX_BACKOFF_MS = 30_000;

/** Tokens as an endpoint issued them, whichever grant was used. */
export interface TokenResponse {
  readonly accessToken: string;
  /** Life of the access token, in s; absent where the server does not say. */
  readonly expiresInS?: number;
  /** Absent where the old refresh token stays valid (ArcGIS) or none is issued. */
  readonly refreshToken?: string;
  /** Life of the refresh token, in s. */
  readonly refreshTokenExpiresInS?: number;
  readonly username?: string;
  /** That the sign-in has asked for beyond the registered one. */
  readonly scope?: string;
  /** Of a sign-in, for its sign-out at the server; absent where that has no use for it. */
  readonly idToken?: string;
}

/** Errors about this very grant or client (RFC 6749 §5.2), and those that only the user can help with (OpenID Connect Core §3.1.2.6). */
const final = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'mfa_required',
]);

/** Whether an error word tells of the server's own state: no verdict on a grant. */
export const isTemporary = (word: string): boolean =>
  word === 'temporarily_unavailable' || word === 'server_error' || word === 'slow_down';

/** The server refused, in a parsed OAuth error (RFC 6749 §5.2). */
export class OAuthError extends Error {
  /** @param reason - What it means, where the word alone does not say. */
  constructor(
    readonly oauthError: string,
    readonly reason?: IdentityError,
  ) {
    super(oauthError);
  }

  /** Whether asking again with the same grant is useless. Other words are taken for it when they come a second time. */
  get isFinal(): boolean {
    return final.has(this.oauthError);
  }
}

/** No token response: network failure, 5xx, 429, HTML or truncated JSON. The grant may still be good. */
export class TokenEndpointUnavailable extends Error {
  /**
   * @param retryAfterMs - How long the server wants to be left alone, in ms; 0 where it is in trouble and does not say, absent
   * where it may not have been reached.
   */
  constructor(readonly retryAfterMs?: number) {
    super();
  }
}

/**
 * What a response with 5xx, 408 or 429 says about asking again. 511 is of a network before the server: it says nothing of it.
 *
 * @see RFC 9110 §10.2.3 (Retry-After), RFC 6585 §4, §6
 */
export function unavailableFrom({ status, headers }: Response): TokenEndpointUnavailable {
  if (status === 511) return new TokenEndpointUnavailable();
  const retryAfter = headers.get('retry-after') ?? '';
  const askedMs = Number(retryAfter) * 1000 || Date.parse(retryAfter) - Date.now();
  return new TokenEndpointUnavailable(askedMs > 0 ? askedMs : status === 429 ? MAX_BACKOFF_MS : 0);
}

/** A response of a token endpoint that was read to its end. */
export interface EndpointResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends a request to a token endpoint: no cache, no redirect.
 *
 * @throws {@link TokenEndpointUnavailable} for network failures, 5xx, 408, 429 and responses that are too long or break off.
 */
export async function fetchTokenEndpoint(url: string, init: RequestInit): Promise<EndpointResponse> {
  let response: Response;
  let text: string;
  try {
    // A redirect could carry the grant to another server (RFC 9700 §4.12).
    response = await fetch(url, { ...init, cache: 'no-store', redirect: 'error' });
    text = await readLimited(response);
  } catch {
    throw new TokenEndpointUnavailable();
  }
  const { status, headers } = response;
  if (status >= 500 || status === 429 || status === 408) throw unavailableFrom(response);
  return { status, headers, text };
}

/** A token answer in our own terms, and the two ways in which there is none. */

/** What a token endpoint gave, whichever grant was used. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Life of the access token, in s; absent where the server does not say. */
  readonly expiresInS?: number;
  /** Absent where the old refresh token stays valid (ArcGIS) or none is given. */
  readonly refreshToken?: string;
  /** Life of the refresh token, in s. */
  readonly refreshTokenExpiresInS?: number;
  readonly username?: string;
}

/** Errors about this very grant or client (RFC 6749 §5.2); the others are about the request or the server's mood. */
const final = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/** The server refused, in a parsed OAuth error (RFC 6749 §5.2). */
export class GrantRefused extends Error {
  constructor(readonly oauthError: string) {
    super(oauthError);
  }

  /** Whether asking again with the same grant is useless: only then is it forgotten. */
  get isFinal(): boolean {
    return final.has(this.oauthError);
  }
}

/** How long a server that refuses to answer, and does not say until when, is left alone. In ms. */
export const COOL_DOWN_MS = 30_000;

/** No verdict: network failure, 5xx, 429, HTML or truncated JSON. The grant may still be good. */
export class NoVerdict extends Error {
  /** @param restMs - How long the server wants to be left alone; 0 where it is in trouble and does not say, absent where it may not have been reached. */
  constructor(readonly restMs?: number) {
    super();
  }
}

/**
 * What a server means that answers with 5xx, 408 or 429.
 *
 * @see RFC 9110 §10.2.3 (Retry-After), RFC 6585 §4
 */
export function noVerdictOf({ status, headers }: Response): NoVerdict {
  const retryAfter = headers.get('retry-after') ?? '';
  const askedMs = Number(retryAfter) * 1000 || Date.parse(retryAfter) - Date.now();
  return new NoVerdict(askedMs > 0 ? askedMs : status === 429 ? COOL_DOWN_MS : 0);
}

/** The authorization response in the address of the redirect URI (RFC 6749 §4.1.2): read by the page or by the worker. */

/** An authorization response as received (RFC 6749 §4.1.2), or the code alone for a known authorization URL. */
export interface AuthorizationCodeResponse {
  readonly code: string;
  readonly state?: string;
  /** Issuer of the response (RFC 9207). */
  readonly iss?: string;
  /** Address that the response was sent to, without its query; absent where the code came in another way. */
  readonly redirectUri?: string;
  /** Names the challenge where there is no `state` (out of band). */
  readonly authorizationUrl?: string;
}

/** An authorization error response (RFC 6749 §4.1.2.1). */
export interface AuthorizationErrorResponse {
  readonly error: string;
  readonly state: string;
  readonly iss?: string;
  readonly redirectUri?: string;
}

/** A code or an error, with the state that it answers. */
export type AuthorizationResponse =
  (AuthorizationCodeResponse & { readonly state: string }) | AuthorizationErrorResponse;

/**
 * Reads an authorization response.
 *
 * @param redirectUri - Address of the page that it was sent to, without its query.
 * @returns `undefined` without a state: no sign-in of ours asked for it (RFC 9700 §4.7).
 */
export function readAuthorizationResponse(
  query: URLSearchParams,
  redirectUri: string,
): AuthorizationResponse | undefined {
  const [code, state, iss] = ['code', 'state', 'iss'].map((name) => query.get(name) ?? undefined);
  if (state === undefined) return undefined;
  const from = { state, redirectUri, ...(iss === undefined ? {} : { iss }) };
  return code === undefined ? { error: query.get('error') ?? '', ...from } : { code, ...from };
}

/** The code of our error for one of the portal's (RFC 6749 §4.1.2.1). */
export const authorizationErrorCode = (error: string): 'access-denied' | 'authorization-failed' =>
  error === 'access_denied' ? 'access-denied' : 'authorization-failed';

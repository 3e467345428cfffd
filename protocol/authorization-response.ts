/** The portal's answer in the address of the redirect URI (RFC 6749 §4.1.2): read in the page or in the worker, whoever takes it. */
import type { AuthorizationCodeResponse, AuthorizationErrorResponse } from './worker-api.js';

/** A code or an error, with the state that it answers. */
export type AuthorizationResponse =
  (AuthorizationCodeResponse & { readonly state: string }) | AuthorizationErrorResponse;

/**
 * Reads an answer.
 *
 * @param redirectUri - Address of the page that it came home to, without its query.
 * @returns `undefined` without a state: nobody asked for it (RFC 9700 §4.7).
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

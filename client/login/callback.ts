/** The page the portal sends the person back to: hands the answer to the worker and closes. */
import { readOutcome } from '../../protocol/callback-outcome.js';
import { fromWireError, identityError, type ErrorCode } from '../../protocol/errors.js';
import type { Connection } from '../connection.js';

/** An authorization response in a page's address (RFC 6749 §4.1.2). */
export type AuthorizationResponse =
  | { readonly code: string; readonly state: string; readonly iss?: string; readonly redirectUri: string }
  | { readonly error: string; readonly state: string; readonly iss?: string; readonly redirectUri: string };

/**
 * Takes how it went out of the page's address, where the worker has taken the answer itself.
 *
 * @throws ChallengeError or PortalError: what the person can be told.
 */
export function takeOutcome(): boolean {
  const outcome = readOutcome(new URLSearchParams(location.search));
  if (outcome === undefined) return false;
  history.replaceState(history.state, '', location.pathname);
  // Nobody has signed in: somebody has come to look.
  if (outcome === 'none') return false;
  window.close();
  if (outcome !== 'signed-in') throw fromWireError({ code: outcome as ErrorCode, facts: {} });
  return true;
}

/** Takes an authorization response out of the page's address, so that it stays nowhere; `undefined` where there is none. */
export function takeAuthorizationResponse(): AuthorizationResponse | undefined {
  const parameters = new URLSearchParams(location.search);
  const [code, error, state, iss] = ['code', 'error', 'state', 'iss'].map(
    (name) => parameters.get(name) ?? undefined,
  );
  if (state === undefined || (code === undefined && error === undefined)) return undefined;
  history.replaceState(history.state, '', location.pathname);
  const redirectUri = location.origin + location.pathname;
  const from = iss === undefined ? { redirectUri } : { iss, redirectUri };
  return code === undefined ? { error: error ?? '', state, ...from } : { code, state, ...from };
}

/**
 * Hands an authorization response to the worker, then closes the window.
 *
 * @throws ChallengeError or PortalError: what the person can be told.
 */
export async function handOver(response: AuthorizationResponse, connection: Connection): Promise<void> {
  if ('error' in response) {
    await connection.call('submitError', response);
    window.close();
    throw identityError(response.error === 'access_denied' ? 'access-denied' : 'authorization-failed', {});
  }
  await connection.call('submitCode', response, crypto.randomUUID());
  window.close();
}

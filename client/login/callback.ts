/** The page the portal sends the person back to: hands the answer to the worker and closes. */
import { readOutcome } from '../../protocol/callback-outcome.js';
import { fromWireError, identityError, isIdentityError, type ErrorCode } from '../../protocol/errors.js';
import { PROTOCOL_VERSION, type AuthorizationResponse, type HandedOver } from '../../protocol/messages.js';
import type { Connection } from '../connection.js';

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
  if (outcome === 'authorization-url-unknown') tellOpener(null);
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
 * Hands an authorization response to the worker, then closes the window, or goes back to where the sign-in began.
 *
 * @throws ChallengeError or PortalError: what the person can be told.
 */
export async function handOver(response: AuthorizationResponse, connection: Connection): Promise<void> {
  try {
    await submit(response, connection);
  } catch (error) {
    // The worker of a frame that another site shows is not the one of this window, where storage is partitioned.
    const isUnknown = isIdentityError(error) && error.code === 'authorization-url-unknown';
    if (isUnknown && tellOpener(response)) return;
    if (await goBack(response.state, connection)) return;
    throw error;
  }
  if (await goBack(response.state, connection)) return;
  window.close();
  if ('error' in response)
    throw identityError(response.error === 'access_denied' ? 'access-denied' : 'authorization-failed', {});
}

/** Brings an authorization response to the worker. */
export async function submit(response: AuthorizationResponse, connection: Connection): Promise<void> {
  if ('error' in response) await connection.call('submitError', response);
  else await connection.call('submitCode', response, crypto.randomUUID());
}

/** Where a page has departed for this sign-in, it is told there how it went. */
async function goBack(state: string, connection: Connection): Promise<boolean> {
  const address = await connection.call('returnAddress', state).catch(() => null);
  if (address === null) return false;
  location.replace(address);
  return true;
}

/** @returns Whether there is an opener that may know the sign-in. */
function tellOpener(response: AuthorizationResponse | null): boolean {
  const opener = window.opener as Window | null;
  if (!opener) return false;
  const message = { type: 'identity:handed-over', version: PROTOCOL_VERSION, response } satisfies HandedOver;
  // To a page of this very origin alone.
  opener.postMessage(message, location.origin);
  window.close();
  return true;
}

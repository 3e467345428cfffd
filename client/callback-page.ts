/** The page the portal sends the person back to: hands the answer to the worker and closes. */
import {
  authorizationErrorCode,
  readAuthorizationResponse,
  type AuthorizationResponse,
} from '../protocol/authorization-response.js';
import { readOutcome } from '../protocol/callback-outcome.js';
import { fromWireError, identityError, isIdentityError, type ErrorCode } from '../protocol/errors.js';
import { CALLBACK_RELAY, PROTOCOL_VERSION, type CallbackRelay } from '../protocol/messages.js';
import type { Connection } from './connection.js';

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
  if (outcome === 'authorization-url-unknown') relayToOpener(null);
  window.close();
  if (outcome !== 'signed-in') throw fromWireError({ code: outcome as ErrorCode, facts: {} });
  return true;
}

/** Takes an authorization response out of the page's address, so that it stays nowhere; `undefined` where there is none. */
export function takeAuthorizationResponse(): AuthorizationResponse | undefined {
  const query = new URLSearchParams(location.search);
  const response = readAuthorizationResponse(query, location.origin + location.pathname);
  if (!response || !(query.has('code') || query.has('error'))) return undefined;
  history.replaceState(history.state, '', location.pathname);
  return response;
}

/**
 * Hands an authorization response to the worker, then closes the window, or goes back to where the sign-in began.
 *
 * @throws ChallengeError or PortalError: what the person can be told.
 */
export async function submitCallback(response: AuthorizationResponse, connection: Connection): Promise<void> {
  try {
    await submitResponse(response, connection);
  } catch (error) {
    // The worker of a frame that another site shows is not the one of this window, where storage is partitioned.
    const isUnknown = isIdentityError(error) && error.code === 'authorization-url-unknown';
    if (isUnknown && relayToOpener(response)) return;
    if (await goBack(response.state, connection)) return;
    throw error;
  }
  if (await goBack(response.state, connection)) return;
  window.close();
  if ('error' in response) throw identityError(authorizationErrorCode(response.error));
}

/** Brings an authorization response to the worker. */
export async function submitResponse(response: AuthorizationResponse, connection: Connection): Promise<void> {
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
function relayToOpener(response: AuthorizationResponse | null): boolean {
  const opener = window.opener as Window | null;
  if (!opener) return false;
  const message = { type: CALLBACK_RELAY, version: PROTOCOL_VERSION, response } satisfies CallbackRelay;
  // To a page of this very origin alone.
  opener.postMessage(message, location.origin);
  window.close();
  return true;
}

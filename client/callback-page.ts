/** The page that the portal redirects to: submits the authorization response to the worker and closes. */
import {
  authorizationErrorCode,
  readAuthorizationResponse,
  type AuthorizationResponse,
} from '../protocol/authorization-response.js';
import { readOutcome } from '../protocol/callback-outcome.js';
import { fromWireError, identityError, isIdentityError, type ErrorCode } from '../protocol/errors.js';
import { CALLBACK_RELAY, PROTOCOL_VERSION, type CallbackRelay } from '../protocol/messages.js';
import type { Connection } from './connection.js';
import { returnFromSignOut } from './sign-out.js';
import { submitResponse } from './submit-response.js';

/** What the callback page uses of its window. */
export interface CallbackWindow {
  readonly location: Pick<Location, 'search' | 'origin' | 'pathname' | 'replace'>;
  readonly history: Pick<History, 'state' | 'replaceState'>;
  readonly opener: Pick<Window, 'postMessage'> | null;
  close(): void;
}

/** Whether an address may have something of a sign-in: of ours, or of another library. */
export const hasCallback = (search: string): boolean => /[?&](code|error|identity-worker)=/.test(search);

/**
 * Takes outcome or response out of the page's address, so that it stays nowhere, and ends the sign-in, or a sign-out at the portal.
 *
 * @param isCallbackPage - The page has no other purpose. Another page is shown in its place where a server or a worker answers every
 * navigation with it: its address may be of another library, and stays unless the worker knows the response.
 * @returns Whether there was one.
 * @throws ChallengeError or PortalError: why the user has not signed in.
 */
export async function completeSignIn(
  connection: Pick<Connection, 'call'>,
  view: CallbackWindow = window,
  isCallbackPage = true,
): Promise<boolean> {
  const { location, history } = view;
  const clean = (): void => history.replaceState(history.state, '', location.pathname);
  const query = new URLSearchParams(location.search);
  // The worker has taken the response itself.
  const outcome = readOutcome(query);
  const response =
    query.has('code') || query.has('error')
      ? readAuthorizationResponse(query, location.origin + location.pathname)
      : undefined;
  if (outcome !== undefined || (response && isCallbackPage)) clean();
  if (response) await submitCallback(response, connection, view, isCallbackPage ? undefined : clean);
  // Without a sign-in, the user visits the page, or comes from a sign-out at the portal.
  else if (outcome === undefined || outcome === 'none') return isCallbackPage && returnFromSignOut();
  else endWith(outcome, view);
  return true;
}

function endWith(outcome: string, view: CallbackWindow): void {
  if (outcome === 'authorization-url-unknown') relayToOpener(null, view);
  view.close();
  if (outcome !== 'signed-in') throw fromWireError({ code: outcome as ErrorCode, facts: {} });
}

/**
 * Submits an authorization response to the worker, then closes the window, or goes back to where the sign-in began.
 *
 * @throws ChallengeError or PortalError: why the user has not signed in.
 */
async function submitCallback(
  response: AuthorizationResponse,
  connection: Pick<Connection, 'call'>,
  view: CallbackWindow,
  cleanIfOurs?: () => void,
): Promise<void> {
  try {
    await submitResponse(response, connection);
    cleanIfOurs?.();
  } catch (error) {
    const isUnknown = isIdentityError(error) && error.code === 'authorization-url-unknown';
    if (isUnknown && cleanIfOurs) return;
    cleanIfOurs?.();
    // In a frame of another site's page, storage is partitioned: its worker is not the worker of this window.
    if (isUnknown && relayToOpener(response, view)) return;
    if (await goBack(response.state, connection, view)) return;
    throw error;
  }
  if (await goBack(response.state, connection, view)) return;
  view.close();
  if ('error' in response) throw identityError(authorizationErrorCode(response.error));
}

/** A sign-in that took the place of a page ends on that page, which tells its outcome. */
async function goBack(
  state: string,
  connection: Pick<Connection, 'call'>,
  view: CallbackWindow,
): Promise<boolean> {
  const address = await connection.call('returnUrl', state).catch(() => null);
  if (address === null) return false;
  view.location.replace(address);
  return true;
}

/** @returns Whether there is an opener, which may have begun the sign-in. */
function relayToOpener(response: AuthorizationResponse | null, view: CallbackWindow): boolean {
  const { opener } = view;
  if (!opener) return false;
  const message = { type: CALLBACK_RELAY, version: PROTOCOL_VERSION, response } satisfies CallbackRelay;
  // Delivered only if the opener is a page of this origin.
  opener.postMessage(message, view.location.origin);
  view.close();
  return true;
}

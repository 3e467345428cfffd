/** Strict redirect: the worker takes the portal's answer out of the navigation, so that no page script ever sees a code. */
import { authorizationErrorCode, readAuthorizationResponse } from '../../protocol/authorization-response.js';
import { cleanPage, hasAuthorizationResponse, readOutcome } from '../../protocol/callback-outcome.js';
import { toWireError } from '../../protocol/errors.js';
import type { Portal } from '../portals/portal.js';
import type { Challenges } from '../sign-in/challenges.js';
import type { Departures } from './redirect-return.js';

/**
 * The callback page that a navigation wants to open with something else in its address than how a sign-in went, or
 * `undefined` for any other request. An answer may stand in the query (RFC 6749 §4.1.2) or in the fragment (§4.2.2).
 */
export function callbackOf(
  { mode, method }: Pick<Request, 'mode' | 'method'>,
  { origin, pathname, searchParams }: URL,
  portals: readonly Portal[],
): string | undefined {
  if (mode !== 'navigate' || method !== 'GET') return undefined;
  const page = origin + pathname;
  const isOurs = ({ callback, redirectUri }: Portal): boolean =>
    callback === 'worker' && redirectUri === page;
  return readOutcome(searchParams) === undefined && portals.some(isOurs) ? page : undefined;
}

/** Redeems the answer, whoever asked for it, and sends the browser on: to where the sign-in began, or to the page without the answer. */
export async function answerCallback(
  page: string,
  { searchParams }: URL,
  challenges: Challenges,
  departures: Departures,
): Promise<Response> {
  const outcome = hasAuthorizationResponse(searchParams)
    ? await redeem(page, searchParams, challenges)
    : 'none';
  const address = await departures.address(searchParams.get('state') ?? '').catch(() => null);
  return Response.redirect(address ?? cleanPage(page, outcome), 303);
}

async function redeem(redirectUri: string, query: URLSearchParams, challenges: Challenges): Promise<string> {
  const response = readAuthorizationResponse(query, redirectUri);
  if (!response) return 'authorization-url-unknown';
  try {
    if ('error' in response) {
      await challenges.submitError(response);
      return authorizationErrorCode(response.error);
    }
    // A stopped worker is given the same navigation again: it is the same call.
    await challenges.submitCode(response, `navigation:${response.state}`);
    return 'signed-in';
  } catch (reason) {
    return toWireError(reason).code;
  }
}

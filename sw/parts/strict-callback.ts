/** Option `callback: 'worker'`: the worker takes the authorization response out of the navigation, so that no page script sees a code. */
import { authorizationErrorCode, readAuthorizationResponse } from '../../protocol/authorization-response.js';
import { cleanPage, hasAuthorizationResponse, readOutcome } from '../../protocol/callback-outcome.js';
import { toWireError } from '../../protocol/identity-error.js';
import type { Portal } from '../portals/portal.js';
import type { CodeRedemption } from '../sign-in/redeem-code.js';
import type { PartServices, WorkerPart } from '../worker-part.js';

/** The part. */
export const strictCallback = (): WorkerPart => ({
  name: 'strict-callback',
  intercept: (request, url, services) => {
    const page = callbackOf(request, url, services.portalIndex.portals);
    return page === undefined ? undefined : () => handleCallback(page, url, services);
  },
});

/**
 * The callback page that a navigation opens with something else in its address than how a sign-in went, or `undefined` for any
 * other request. A response may stand in the query (RFC 6749 §4.1.2) or in the fragment (§4.2.2).
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

/** Redeems the code and sends the browser on: to where the sign-in began, or to the page without the response in its address. */
export async function handleCallback(
  page: string,
  { searchParams }: URL,
  services: Pick<PartServices, 'redemption' | 'redirectReturn'>,
): Promise<Response> {
  const { redemption, redirectReturn } = services;
  const outcome = hasAuthorizationResponse(searchParams)
    ? await redeem(page, searchParams, redemption)
    : 'none';
  const state = searchParams.get('state') ?? '';
  const returnUrl = await redirectReturn?.urlOf(state, services as PartServices).catch(() => null);
  return Response.redirect(returnUrl ?? cleanPage(page, outcome), 303);
}

async function redeem(
  redirectUri: string,
  query: URLSearchParams,
  redemption: CodeRedemption,
): Promise<string> {
  const response = readAuthorizationResponse(query, redirectUri);
  if (!response) return 'authorization-url-unknown';
  try {
    if ('error' in response) {
      await redemption.submitError(response);
      return authorizationErrorCode(response.error);
    }
    // A worker that was stopped is given the same navigation again: it is the same call.
    await redemption.submitCode(response, `navigation:${response.state}`);
    return 'signed-in';
  } catch (reason) {
    return toWireError(reason).code;
  }
}

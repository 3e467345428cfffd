/** Option `callback: 'worker'`: the worker takes the authorization response out of the navigation, so that no page script sees a code. */
import { authorizationErrorCode, readAuthorizationResponse } from '../../protocol/authorization-response.js';
import { cleanPage, hasAuthorizationResponse, readOutcome } from '../../protocol/callback-outcome.js';
import { ConfigurationError, toWireError } from '../../protocol/identity-error.js';
import type { Portal } from '../portals/portal.js';
import type { CodeRedemption, ResponseWay } from '../sign-in/redeem-code.js';
import type { PartServices, WorkerPart } from '../worker-part.js';

/** The part. */
export const strictCallback = (): WorkerPart => ({
  name: 'strict-callback',
  check: (portals) => {
    // The page tells to which redirect URI a posted response was sent: one page for two would mix them up.
    const isShared = ({ callbackPage, redirectUri }: Portal): boolean =>
      callbackPage !== undefined &&
      portals.some((other) => pageOf(other) === callbackPage && other.redirectUri !== redirectUri);
    if (portals.some(isShared)) throw new ConfigurationError('option-invalid', { field: 'callbackPage' });
  },
  intercept: (request, url, services) => {
    const callback = callbackOf(request, url, services.portalIndex.portals);
    return callback && (() => handleCallback(callback, request, url, services));
  },
});

/** A callback page, and where the authorization response was sent to before it came there. */
export interface Callback {
  readonly page: string;
  readonly redirectUri: string;
}

const pageOf = ({ callbackPage, redirectUri }: Portal): string => callbackPage ?? redirectUri;

/**
 * The callback page that a navigation opens with something else in its address than how a sign-in went, or `undefined` for any
 * other request. A response may stand in the query (RFC 6749 §4.1.2) or in the fragment (§4.2.2), or in the body where the redirect
 * URI is at another origin, which posts it (OAuth 2.0 Form Post Response Mode).
 */
export function callbackOf(
  { mode, method }: Pick<Request, 'mode' | 'method'>,
  { origin, pathname, searchParams }: URL,
  portals: readonly Portal[],
): Callback | undefined {
  if (mode !== 'navigate') return undefined;
  const page = origin + pathname;
  const portal = portals.find((each) => each.callback === 'worker' && pageOf(each) === page);
  const isOurs = method === 'POST' ? portal?.callbackPage : method === 'GET' && !isClean(searchParams);
  return portal && isOurs ? { page, redirectUri: portal.redirectUri } : undefined;
}

const isClean = (query: URLSearchParams): boolean => readOutcome(query) !== undefined;

/** Redeems the code and sends the browser on: to where the sign-in began, or to the page without the response in its address. */
export async function handleCallback(
  { page, redirectUri }: Callback,
  request: Request,
  { searchParams }: URL,
  services: Pick<PartServices, 'redemption' | 'redirectReturn'>,
): Promise<Response> {
  const { redemption, redirectReturn } = services;
  const isElsewhere = page !== redirectUri;
  const parameters = isElsewhere ? await readForm(request) : searchParams;
  const via = request.destination === 'document' ? 'window' : 'frame';
  const outcome = hasAuthorizationResponse(parameters)
    ? await redeem(redirectUri, parameters, via, redemption)
    : 'none';
  const state = parameters.get('state') ?? '';
  const returnUrl = await redirectReturn?.urlOf(state, services as PartServices).catch(() => null);
  return Response.redirect(returnUrl ?? cleanPage(page, outcome), 303);
}

/** Longest response that is read, in bytes; any site may post to the page. */
const MAX_FORM_BYTES = 32 * 1024;

/** The form of a request; empty for one without: a response in the address of this page comes from no redirect URI of ours. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const blob = await request.blob();
  return new URLSearchParams(blob.size > MAX_FORM_BYTES ? '' : await blob.text());
}

async function redeem(
  redirectUri: string,
  parameters: URLSearchParams,
  via: ResponseWay,
  redemption: CodeRedemption,
): Promise<string> {
  const response = readAuthorizationResponse(parameters, redirectUri);
  if (!response) return 'authorization-url-unknown';
  try {
    if ('error' in response) {
      await redemption.submitError(response);
      return authorizationErrorCode(response.error);
    }
    // A worker that was stopped is given the same navigation again: it is the same call.
    await redemption.submitCode(response, `navigation:${response.state}`, via);
    return 'signed-in';
  } catch (reason) {
    return toWireError(reason).code;
  }
}

/** Sends a request and returns its response in a form from which the page learns no token. */
import type { Portal } from '../portals/portal.js';
import {
  attachInHeader,
  attachToken,
  canBeSigned,
  needsCors,
  withQueryPlacement,
  type SignedRequest,
} from './attach-token.js';
import { classifyResponse } from './classify-response.js';
import { asReadable, readable, toRequest, type ReplayableRequest } from './replayable-request.js';
import type { ServiceMemory } from './service-memory.js';

/** The network failed: the page gets the browser's own network error. */
export class NetworkFailure extends Error {}

/** Statuses whose responses have no body; a Response with one cannot be built (Fetch standard, null body status). */
const withoutBody = new Set([101, 103, 204, 205, 304]);

/** Sends without a token, as the page would have. */
export async function sendAnonymously(replayable: ReplayableRequest): Promise<Response> {
  const isUntouched = replayable.body === undefined && replayable.changes === undefined;
  return send(isUntouched ? replayable.request : toRequest(replayable));
}

/**
 * Sends with a token, in the form that the server takes and the page cannot tell from its own.
 *
 * @throws {@link NetworkFailure} or an AbortError where the page would have met one.
 */
export async function sendWithToken(
  token: string,
  replayable: ReplayableRequest,
  portal: Portal,
  memory: ServiceMemory,
): Promise<Response> {
  if (needsCors(replayable, portal)) {
    try {
      return await sendPlaced(token, asReadable(replayable), portal, memory);
    } catch (error) {
      // A server that forbids reading (CORS) gets what a no-cors request can carry.
      if (!(error instanceof NetworkFailure)) throw error;
    }
  }
  return canBeSigned(replayable, portal)
    ? sendPlaced(token, replayable, portal, memory)
    : sendAnonymously(replayable);
}

/**
 * Sends a no-cors request in a form whose response can be read, with the token where the page's own request will have it. The
 * response is for the worker only, never for the page.
 *
 * @throws {@link NetworkFailure} where the server forbids reading (CORS).
 */
export async function probeWithToken(
  token: string,
  replayable: ReplayableRequest,
  portal: Portal,
  memory: ServiceMemory,
): Promise<Response> {
  const { request } = attachToken(replayable, token, placementOf(replayable, portal, memory));
  return send(new Request(request, { ...readable, redirect: 'manual' }));
}

/** Frees the connection of a response that nothing will read. */
export function discard(response: Response | undefined): void {
  void response?.body?.cancel().catch(() => undefined);
}

const placementOf = ({ url }: ReplayableRequest, portal: Portal, memory: ServiceMemory): Portal =>
  memory.isWithoutHeader(url) ? withQueryPlacement(portal) : portal;

async function sendPlaced(
  token: string,
  replayable: ReplayableRequest,
  portal: Portal,
  memory: ServiceMemory,
): Promise<Response> {
  const signed = attachToken(replayable, token, placementOf(replayable, portal, memory));
  try {
    return await sendSigned(replayable, signed, token);
  } catch (error) {
    const mayTryQuery =
      error instanceof NetworkFailure &&
      signed.placement === 'header' &&
      portal.kind === 'arcgis' &&
      isRepeatable(replayable);
    if (!mayTryQuery) throw error;
    return sendWithoutHeader(token, replayable, portal, memory, error);
  }
}

/** A preflight that failed looks like a network that failed: which of them it was shows when the query passes. */
async function sendWithoutHeader(
  token: string,
  replayable: ReplayableRequest,
  portal: Portal,
  memory: ServiceMemory,
  failure: NetworkFailure,
): Promise<Response> {
  try {
    // The network may just have dropped it.
    return await sendSigned(replayable, attachToken(replayable, token, portal), token);
  } catch {
    const { url } = replayable;
    const signed = attachToken(replayable, token, withQueryPlacement(portal));
    const response = await sendSigned(replayable, signed, token);
    if ((await classifyResponse(response, { kind: portal.kind, url, isSigned: true })) !== 'ok') {
      discard(response);
      throw failure;
    }
    memory.noteWithoutHeader(url);
    return response;
  }
}

async function sendSigned(
  replayable: ReplayableRequest,
  { request, placement, changesUrl }: SignedRequest,
  token: string,
): Promise<Response> {
  const response = await send(request);
  if (response.type === 'opaqueredirect' && placement !== 'header') {
    if (replayable.request.redirect === 'follow') return followSafely(replayable, token);
    // The page sees of a redirect that there is one, and its own URL: another redirect shows it no more.
    return changesUrl ? Response.redirect(replayable.url, 302) : response;
  }
  const showsUrl = changesUrl && !replayable.responseUrlIsHidden && response.type !== 'opaque';
  return showsUrl ? withoutUrl(response) : response;
}

/** A header is the one placement that the browser itself drops at another origin (Fetch standard, HTTP-redirect fetch). */
async function followSafely(replayable: ReplayableRequest, token: string): Promise<Response> {
  // Sending a body twice could do its work twice: the redirect of an upload ends as a network error.
  if (replayable.body !== undefined || replayable.hasStreamBody) throw new NetworkFailure();
  try {
    return await send(attachInHeader(replayable, token, { mode: 'cors' }));
  } catch {
    // The server answers no preflight: what is public is all that can be followed.
    return sendAnonymously(replayable);
  }
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    // The reason may hold the URL, and the URL the token.
    throw error instanceof DOMException && error.name === 'AbortError' ? error : new NetworkFailure();
  }
}

/** The network's response carries the URL with the token in it; a rebuilt one gets the page's own. Streams as before. */
function withoutUrl(response: Response): Response {
  const { status, statusText, headers } = response;
  return new Response(withoutBody.has(status) ? null : response.body, { status, statusText, headers });
}

/** Only what changes nothing at the server is sent again; a page that forbids redirects has had its response. */
const isRepeatable = ({ request: { method, redirect } }: ReplayableRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && redirect !== 'error';

/** Sends a request and returns its response in a form from which the page learns no token. */
import type { Portal } from '../portals/portal.js';
import { allowsLocalNetwork } from '../rpc/local-network.js';
import { attachInHeader, attachToken, withQueryPlacement, type SignedRequest } from './attach-token.js';
import { classifyResponse } from './classify-response.js';
import { asReadable, toRequest, type ReplayableRequest } from './replayable-request.js';
import type { ReportedServices } from './reported-services.js';
import type { ServiceMemory } from './service-memory.js';

/** The network failed: the page gets the browser's own network error. */
export class NetworkFailure extends Error {}

/** Whether the page has aborted a request. */
export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError';

/** What is known of servers. */
interface SendServices {
  readonly memory: ServiceMemory;
  readonly reported: ReportedServices;
}

/** Statuses whose responses have no body; a Response with one cannot be built (Fetch standard, null body status). */
const withoutBody = new Set([101, 103, 204, 205, 304]);

/** Sends without a token, as the page would have. */
export async function sendAnonymously(replayable: ReplayableRequest): Promise<Response> {
  replayable.recorder?.add({ step: 'sent', token: 'none' });
  const isUntouched = replayable.body === undefined && replayable.changes === undefined;
  return send(isUntouched ? replayable.request : toRequest(replayable));
}

/**
 * Sends with a token, in the form that the server takes and the page cannot tell from its own. Every response to it can be
 * read, and so be rebuilt and classified: one that cannot would keep the address that it was obtained from, and browsers use
 * that again (ranges of a film, `import.meta.url`).
 *
 * @throws {@link NetworkFailure} or an AbortError where the page would have met one.
 */
export async function sendWithToken(
  token: string,
  replayable: ReplayableRequest,
  portal: Portal,
  services: SendServices,
): Promise<Response> {
  if (replayable.request.mode !== 'no-cors') return sendPlaced(token, replayable, portal, services);
  try {
    return await sendPlaced(token, asReadable(replayable), portal, services);
  } catch (error) {
    // A server that forbids reading (CORS) is sent no token. What writes may have been done, and is not sent again.
    if (!(error instanceof NetworkFailure) || !isRepeatable(replayable)) throw error;
    return sendAnonymously(replayable);
  }
}

/** Frees the connection of a response that nothing will read. */
export function discard(response: Response | undefined): void {
  void response?.body?.cancel().catch(() => undefined);
}

async function sendPlaced(
  token: string,
  replayable: ReplayableRequest,
  portal: Portal,
  services: SendServices,
): Promise<Response> {
  const { url } = replayable;
  const { memory, reported } = services;
  const known = memory.isReported(url) ?? reported.check(url);
  // The usual request waits for nothing.
  const isReported = typeof known === 'boolean' ? known : await known;
  const placed = memory.isWithoutHeader(url) && !isReported ? withQueryPlacement(portal) : portal;
  const signed = attachToken(replayable, token, placed, isReported);
  try {
    return await sendSigned(replayable, signed, token, portal);
  } catch (error) {
    const mayTryQuery =
      error instanceof NetworkFailure &&
      signed.placement === 'header' &&
      portal.kind === 'arcgis' &&
      !isReported &&
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
    return await sendSigned(replayable, attachToken(replayable, token, portal), token, portal);
  } catch {
    const { url } = replayable;
    const signed = attachToken(replayable, token, withQueryPlacement(portal));
    const response = await sendSigned(replayable, signed, token, portal);
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
  { proofs }: Portal,
): Promise<Response> {
  replayable.recorder?.add({ step: 'sent', token: proofs ? 'proof' : placement });
  if (placement !== 'query') requireNetwork(replayable);
  const response = await (proofs?.send(
    token,
    () => attachInHeader(replayable, token),
    send,
    !replayable.hasStreamBody,
  ) ?? send(request));
  if (response.type === 'opaqueredirect' && placement !== 'header') {
    if (replayable.request.redirect === 'follow') return followSafely(replayable, token);
    // The page sees of a redirect that there is one, and its own URL: another redirect shows it no more.
    return changesUrl ? Response.redirect(replayable.url, 302) : response;
  }
  return changesUrl ? rebuild(response, replayable) : forElement(response, replayable);
}

/** Elements whose content has addresses relative to that of the response. */
const hasRelativeAddresses = (destination: RequestDestination): boolean =>
  destination === 'script' || destination === 'style';

/**
 * A page remembers what its elements have loaded, by address, and shows it after a reload to the user who is signed in then: such
 * a response is rebuilt as one that is not to be remembered.
 */
function forElement(response: Response, replayable: ReplayableRequest): Response {
  const { destination } = replayable;
  const isKept = destination === '' || (response.redirected && hasRelativeAddresses(destination));
  return isKept ? response : rebuild(response, replayable);
}

/** What was obtained with a token is in the cache under an address with it only: elsewhere there is nothing to be found. */
function requireNetwork({ request }: ReplayableRequest): void {
  if (request.cache === 'only-if-cached') throw new NetworkFailure();
}

/** A header is the one placement that the browser itself drops at another origin (Fetch standard, HTTP-redirect fetch). */
async function followSafely(replayable: ReplayableRequest, token: string): Promise<Response> {
  // Sending a body twice could do its work twice: the redirect of an upload ends as a network error.
  if (replayable.body !== undefined || replayable.hasStreamBody) throw new NetworkFailure();
  requireNetwork(replayable);
  replayable.recorder?.add({ step: 'sent', token: 'header' });
  try {
    return forElement(await send(attachInHeader(replayable, token, { mode: 'cors' })), replayable);
  } catch {
    // The server answers no preflight: what is public is all that can be followed.
    return sendAnonymously(replayable);
  }
}

async function send(request: Request, isSecond = false): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (isAbort(error)) throw error;
    const mayRepeat = !isSecond && (request.method === 'GET' || request.method === 'HEAD');
    if (mayRepeat && (await allowsLocalNetwork(request.url))) return send(request, true);
    // The reason may hold the URL, and the URL the token.
    throw new NetworkFailure();
  }
}

/** The network's response carries the URL with the token in it; a rebuilt one gets the page's own. Streams as before. */
function rebuild(response: Response, { request, destination }: ReplayableRequest): Response {
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  if (destination !== '') headers.set('cache-control', 'no-store');
  if (status === 206 && destination !== '') addContentRange(headers, request.headers.get('range') ?? '');
  // The server may forbid to guess types and its header cannot be read (CORS): what is no script is not run.
  if (hasRelativeAddresses(destination)) headers.set('x-content-type-options', 'nosniff');
  return new Response(withoutBody.has(status) ? null : body, { status, statusText, headers });
}

/** A media element plays no part of a file without its place in it, which most servers let no other origin read (RFC 9110 §14.4). */
function addContentRange(headers: Headers, range: string): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/i.exec(range) ?? [];
  const length = Number(headers.get('content-length'));
  if (first === undefined || length === 0 || headers.has('content-range')) return;
  const end = Number(first) + length;
  headers.set('content-range', `bytes ${first}-${end - 1}/${last === '' ? end : '*'}`);
}

/** Only what changes nothing at the server is sent again; a page that forbids redirects has had its response. */
const isRepeatable = ({ request: { method, redirect } }: ReplayableRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && redirect !== 'error';

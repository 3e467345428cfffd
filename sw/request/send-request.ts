/** Sends a request and hands its answer over in a form from which the page learns no token. */
import { readable, toRequest, type Outgoing } from './replayable-request.js';
import type { Placed } from './attach-token.js';

/** The network failed: the page gets the browser's own network error. */
export class NetworkFailure extends Error {}

/** Statuses whose responses have no body; a Response with one cannot be built (Fetch standard, null body status). */
const withoutBody = new Set([101, 103, 204, 205, 304]);

/** Sends without a token, as the page would have. */
export async function sendPlain(outgoing: Outgoing): Promise<Response> {
  const isUntouched = outgoing.body === undefined && outgoing.changes === undefined;
  return send(isUntouched ? outgoing.request : toRequest(outgoing));
}

/**
 * Sends with a token.
 *
 * @param signed - The request with the token in it.
 * @param retryInHeader - The same request with the token as a header, for a redirect that must be followed.
 */
export async function sendSigned(
  outgoing: Outgoing,
  signed: Placed,
  retryInHeader: () => Request,
): Promise<Response> {
  const response = await send(signed.request);
  if (response.type === 'opaqueredirect' && signed.placement !== 'header') {
    if (outgoing.request.redirect === 'follow') return followSafely(outgoing, retryInHeader);
    // The page sees of a redirect that there is one, and its own URL: another redirect shows it no more.
    return signed.changesUrl ? Response.redirect(outgoing.url, 302) : response;
  }
  const showsUrl = signed.changesUrl && !outgoing.hidesUrl && response.type !== 'opaque';
  return showsUrl ? withoutUrl(response) : response;
}

/** A header is the one placement that the browser itself drops at another origin (Fetch standard, HTTP-redirect fetch). */
async function followSafely(outgoing: Outgoing, retryInHeader: () => Request): Promise<Response> {
  // Sending a body twice could do its work twice: the redirect of an upload ends as a network error.
  if (outgoing.body !== undefined || outgoing.isOneShot) throw new NetworkFailure();
  try {
    return await send(retryInHeader());
  } catch {
    // The server answers no preflight: what it shows without a sign-in is all that can be followed.
    return sendPlain(outgoing);
  }
}

/**
 * Sends a signed no-cors request in a form whose answer can be read: for us only, never for the page.
 *
 * @throws {@link NetworkFailure} where the server forbids reading (CORS).
 */
export async function sendReadable({ request }: Placed): Promise<Response> {
  return send(new Request(request, { ...readable, redirect: 'manual' }));
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

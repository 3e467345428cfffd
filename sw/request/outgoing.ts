/** A request of the page in the form in which it can be sent again: its parts, and its body where it has one. */

/** What is sent to the network, once or twice. */
export interface Outgoing {
  readonly request: Request;
  readonly url: URL;
  /** The whole body; `undefined` for requests without one. A Blob is kept by the browser, not in the worker's heap. */
  readonly body: Blob | undefined;
}

/** Takes a request apart. A body is read once, so that it can be sent again byte for byte; GET and HEAD have none (Fetch standard). */
export function readOutgoing(request: Request, url: URL): Outgoing | Promise<Outgoing> {
  if (request.method === 'GET' || request.method === 'HEAD') return { request, url, body: undefined };
  return request.blob().then((body) => ({ request, url, body }));
}

/** Everything of the page's request but its URL, headers and body; the browser loses referrer and policy otherwise. */
function initOf(request: Request): RequestInit {
  const {
    method,
    mode,
    credentials,
    cache,
    redirect,
    referrer,
    referrerPolicy,
    integrity,
    keepalive,
    signal,
  } = request;
  return {
    method,
    mode,
    credentials,
    cache,
    redirect,
    referrer,
    referrerPolicy,
    integrity,
    keepalive,
    signal,
  };
}

/** What makes a no-cors request readable: it is sent once more in this form, to learn what its answer will be. */
export const readable: RequestInit = { mode: 'cors', credentials: 'same-origin', integrity: '' };

/**
 * Builds the request for the network.
 *
 * @param changes.url - Another URL than the page's.
 * @param changes.headers - Replaces the page's headers.
 * @param changes.body - Replaces the page's body.
 * @param changes.init - Replaces single fields.
 */
export function toRequest(
  { request, url, body }: Outgoing,
  changes: { url?: URL; headers?: Headers; body?: Blob; init?: RequestInit } = {},
): Request {
  const sent = changes.body ?? body;
  // An empty body stays none: a Content-Length of its own would tell the server of a body that the page did not send.
  const withBody = sent !== undefined && sent.size > 0 ? { body: sent } : {};
  return new Request(changes.url ?? url, {
    ...initOf(request),
    headers: changes.headers ?? request.headers,
    ...withBody,
    ...changes.init,
  });
}

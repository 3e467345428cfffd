/** A request of the page in the form in which it can be sent again: its parts, and its body where it has one. */

/** What is sent to the network, once or twice. */
export interface Outgoing {
  readonly request: Request;
  readonly url: URL;
  /** The whole body; `undefined` for requests without one. A Blob is kept by the browser, not in the worker's heap. */
  readonly body: Blob | undefined;
  /** The body is a stream of the page's: it goes out once, as it comes, and is never sent again. */
  readonly isOneShot: boolean;
  /** The page asked by an element that never shows the URL of its answer, such as an image. */
  readonly hidesUrl: boolean;
  /** Replaces single fields of the page's request. */
  readonly changes?: RequestInit;
}

/** Elements whose answers have a URL nobody can read; styles and scripts tell theirs to what they load. */
const hidingDestinations = new Set(['image', 'audio', 'video', 'font', 'track']);

/** Takes a request apart. A body is read once, so that it can be sent again byte for byte; GET and HEAD have none (Fetch standard). */
export function readOutgoing(request: Request, url: URL): Outgoing | Promise<Outgoing> {
  const bodiless: Outgoing = {
    request,
    url,
    body: undefined,
    isOneShot: false,
    hidesUrl: hidingDestinations.has(request.destination),
  };
  if (request.method === 'GET' || request.method === 'HEAD') return bodiless;
  const repeatable = takeRepeatable(request);
  if (!repeatable) return { ...bodiless, isOneShot: true };
  return repeatable.blob().then((body) => ({ ...bodiless, body }));
}

/**
 * The request with its body moved over, or `undefined` where the body is a stream: only such a one may not be sent
 * without CORS, and the constructor says so before it touches the body (Fetch standard, Request constructor).
 */
function takeRepeatable(request: Request): Request | undefined {
  try {
    return new Request(request, { method: 'POST', mode: 'no-cors', cache: 'default', integrity: '' });
  } catch {
    return undefined;
  }
}

/**
 * Everything of the page's request but its URL, headers and body; the browser loses referrer and policy otherwise. Its
 * integrity is checked by the page's own fetch: checking it here too would hide a mismatch behind a network error.
 */
const keptFields = [
  'method',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'keepalive',
  'signal',
] as const;

const initOf = (request: Request): RequestInit =>
  Object.fromEntries(keptFields.map((field) => [field, request[field]]));

/** What makes a no-cors request one whose answer can be read. */
export const readable: RequestInit = { mode: 'cors', credentials: 'same-origin', integrity: '' };

/** A no-cors request as one whose answer can be read; it keeps its Range, which the browser takes from a rebuilt no-cors one. */
export function asReadable(outgoing: Outgoing): Outgoing {
  const { request, url, changes } = outgoing;
  const headers = new Headers(request.headers);
  return { ...outgoing, request: new Request(url, { ...initOf(request), ...readable, headers, ...changes }) };
}

/**
 * Builds the request for the network.
 *
 * @param changes.url - Another URL than the page's.
 * @param changes.headers - Replaces the page's headers.
 * @param changes.body - Replaces the page's body.
 * @param changes.init - Replaces single fields.
 */
export function toRequest(
  { request, url, body, isOneShot, changes: own }: Outgoing,
  changes: { url?: URL; headers?: Headers; body?: Blob; init?: RequestInit } = {},
): Request {
  return new Request(changes.url ?? url, {
    ...initOf(request),
    ...own,
    headers: changes.headers ?? request.headers,
    ...(isOneShot ? { body: request.body, duplex: 'half' } : bodyInit(changes.body ?? body)),
    ...changes.init,
  });
}

/** An empty body stays none: a Content-Length of its own would tell the server of a body that the page did not send. */
const bodyInit = (body: Blob | undefined): RequestInit =>
  body !== undefined && body.size > 0 ? { body } : {};

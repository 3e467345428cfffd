/** A request of the page in a form in which it can be sent more than once: its fields, and its body where it has one. */
import type { StepRecorder } from './request-trace.js';

/** What is sent to the network, once or several times. */
export interface ReplayableRequest {
  readonly request: Request;
  readonly url: URL;
  /** The whole body; `undefined` for requests without one. A Blob is kept by the browser, not in the worker's heap. */
  readonly body: Blob | undefined;
  /** The body is a stream of the page's: it is sent once, as it comes, and never again. */
  readonly hasStreamBody: boolean;
  /** What the page wants the response for; empty for a request of its script. A rebuilt request loses it. */
  readonly destination: RequestDestination;
  /** Replaces single fields of the page's request. */
  readonly changes?: RequestInit;
  /** Told how it is sent. */
  readonly recorder?: StepRecorder | undefined;
}

/** Takes a request apart. A body is read once, so that it can be sent again byte for byte; GET and HEAD have none (Fetch standard). */
export function toReplayable(
  request: Request,
  url: URL,
  recorder?: StepRecorder,
): ReplayableRequest | Promise<ReplayableRequest> {
  const withoutBody: ReplayableRequest = {
    request,
    url,
    body: undefined,
    hasStreamBody: false,
    destination: request.destination,
    recorder,
  };
  if (request.method === 'GET' || request.method === 'HEAD') return withoutBody;
  const repeatable = takeRepeatable(request);
  if (!repeatable) return { ...withoutBody, hasStreamBody: true };
  return repeatable.blob().then((body) => ({ ...withoutBody, body }));
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
 * integrity is checked by the page's own fetch: checking it here too would turn a mismatch into a network error.
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

/** Headers that engines add by themselves and show to workers: `User-Agent` (Firefox), `Icy-MetaData` of media (WebKit). */
const addedToAll = ['user-agent', 'icy-metadata'];

/** The same for an EventSource (HTML standard, server-sent events): nothing that asks for a preflight as long as nothing copies it. */
const addedToEventSource = ['cache-control', 'pragma', 'last-event-id'];

/** The headers that the page has set. Others would make a rebuilt request one with a preflight, which the server may refuse. */
export function ownHeaders({ headers: given }: Request): Headers {
  const headers = new Headers(given);
  for (const name of addedToAll) headers.delete(name);
  if (headers.get('accept') === 'text/event-stream')
    for (const name of addedToEventSource) headers.delete(name);
  return headers;
}

/**
 * A no-cors request as one whose response can be read; it keeps its Range, which a rebuilt no-cors request loses. It brings no
 * cookies, as servers that let every origin read allow none (Fetch standard, CORS check).
 */
export function asReadable(replayable: ReplayableRequest): ReplayableRequest {
  const { request, url, changes } = replayable;
  return {
    ...replayable,
    request: new Request(url, {
      ...initOf(request),
      mode: 'cors',
      credentials: 'same-origin',
      headers: ownHeaders(request),
      ...changes,
    }),
  };
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
  { request, url, body, hasStreamBody, changes: own }: ReplayableRequest,
  changes: { url?: URL; headers?: Headers; body?: Blob; init?: RequestInit } = {},
): Request {
  return new Request(changes.url ?? url, {
    ...initOf(request),
    ...own,
    headers: changes.headers ?? ownHeaders(request),
    ...(hasStreamBody ? { body: request.body, duplex: 'half' } : bodyInit(changes.body ?? body)),
    ...changes.init,
  });
}

/** An empty body stays none: a Content-Length of its own would tell the server of a body that the page did not send. */
const bodyInit = (body: Blob | undefined): RequestInit =>
  body !== undefined && body.size > 0 ? { body } : {};

/**
 * Public entry for Node servers: mounts handlers of the Fetch standard in `http`, Connect and Express.
 *
 * @module identity-worker/server/node
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';

/** A handler of `identity-worker/server`. It returns `undefined` for requests that it does not answer. */
export type FetchHandler = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** Passes the request on to the next middleware, or an error. */
type Next = (error?: unknown) => void;

/** A request listener of Node's `http`, and a middleware of Connect and Express. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse, next?: Next) => void;

/** Stands in for scheme and host, which Node cannot know for certain. The handlers read the path only. */
const ORIGIN = 'http://localhost';

/**
 * Mounts handlers in order and sends the first response. A request that none of them answers goes to `next`, or gets status
 * 404 when there is no `next`. What a handler throws goes to `next` too, or is logged and gets status 500.
 *
 * @param handlers - They get the request's method, path, headers and body. Its origin is always `http://localhost`. A body that a
 * parser in front of them has read is empty.
 */
export function toNodeListener(...handlers: readonly FetchHandler[]): NodeListener {
  const answer = async (request: IncomingMessage, response: ServerResponse, next: Next): Promise<void> => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const found = await firstAnswer(handlers, request, gone.signal).catch(failed);
    if (!found) return next();
    if (found instanceof Failure) return next(found.error);
    setHeaders(found.headers, response);
    response.writeHead(found.status);
    // A body that breaks off ends the connection: the status is sent by now.
    await pipeline(found.body, response).catch(() => undefined);
  };
  return (request, response, next = lastResort(response)) => void answer(request, response, next);
}

/**
 * Mounts a function that adds headers to responses, such as that of `issueSealCookie`, in front of the middleware that responds.
 *
 * @param addTo - It gets the request without its body, and an empty response.
 */
export function toNodeMiddleware(
  addTo: (request: Request, response: Response) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const add = async (message: IncomingMessage, response: ServerResponse, next: Next): Promise<void> => {
    const request = toRequest(message);
    if (!request) return next();
    const added = await addTo(request, new Response(null)).catch(failed);
    if (added instanceof Failure) return next(added.error);
    setHeaders(added.headers, response);
    next();
  };
  return (message, response, next) => void add(message, response, next);
}

/** What a handler threw, as a value, so that exceptions of `next` are not passed to `next`. */
class Failure {
  constructor(readonly error: unknown) {}
}
const failed = (error: unknown): Failure => new Failure(error);

async function firstAnswer(
  handlers: readonly FetchHandler[],
  message: IncomingMessage,
  signal: AbortSignal,
): Promise<{ status: number; headers: Headers; body: Readable } | undefined> {
  const request = toRequest(message, { body: bodyOf(message), signal });
  if (!request) return undefined;
  for (const handler of handlers) {
    const answer = await handler(request);
    if (!answer) continue;
    const { status, headers, body } = answer;
    return { status, headers, body: await started(body) };
  }
  return undefined;
}

/** A body whose first part has been read: what fails before it is the handler's failure. */
async function started(body: ReadableStream<Uint8Array> | null): Promise<Readable> {
  if (!body) return Readable.from([]);
  const parts = Readable.fromWeb(body as NodeReadableStream).iterator();
  const first = (await parts.next()) as IteratorResult<Uint8Array>;
  return Readable.from(
    (async function* rest() {
      if (first.done) return;
      yield first.value;
      yield* parts;
    })(),
  );
}

/** Reads nothing before a handler does: a request that none of them answers goes on as it came. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> | undefined {
  const { method, headers, httpVersionMajor } = message;
  const hasBody = httpVersionMajor > 1 || 'content-length' in headers || 'transfer-encoding' in headers;
  if (method === 'GET' || method === 'HEAD' || !hasBody) return undefined;
  let parts: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        parts ??= (message as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      async cancel() {
        await parts?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** @returns `undefined` for what the Fetch standard has no request for, such as `OPTIONS *` or TRACE. */
function toRequest(
  message: IncomingMessage,
  { body, signal }: { body?: ReadableStream<Uint8Array> | undefined; signal?: AbortSignal } = {},
): Request | undefined {
  // Connect removes the path that it is mounted at from `url`.
  const { originalUrl, url = '/' } = message as IncomingMessage & { originalUrl?: string };
  const target = originalUrl ?? url;
  try {
    // Not resolved against the origin: a path that begins with two slashes would be read as a host.
    const init = {
      method: message.method ?? 'GET',
      ...(body && { body, duplex: 'half' }),
      ...(signal && { signal }),
      headers: Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
        // In HTTP/2 method and path are among the headers.
        value === undefined || name.startsWith(':') ? [] : [[name, String(value)]],
      ),
    };
    return new Request(target.startsWith('/') ? ORIGIN + target : target, init);
  } catch {
    return undefined;
  }
}

function setHeaders(headers: Headers, response: ServerResponse): void {
  headers.forEach((value, name) => {
    // The app may have set cookies of its own.
    if (name === 'set-cookie') response.appendHeader(name, value);
    else response.setHeader(name, value);
  });
}

/** Ends a request that no handler answers and that has no `next`. */
function lastResort(response: ServerResponse): Next {
  const end = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };
  return (error) => {
    if (error === undefined) return end(404, 'Not found');
    // There is no other place to report it.
    console.error(error);
    end(500, 'The server failed');
  };
}

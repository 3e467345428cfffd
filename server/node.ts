/** Public entry for Node servers (`identity-worker/server/node`): mounts Fetch-standard handlers in `http`, Connect and Express. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A handler as the broker makes them; `undefined` means that the request is not its own. */
export type FetchHandler = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** Hands a request on, or an error. */
type Next = (error?: unknown) => void;

/** A request listener of Node's `http`, and a middleware of Connect and Express. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse, next?: Next) => void;

/** Node knows neither scheme nor a host that can be trusted; the broker's handlers look at the path only. */
const ORIGIN = 'http://localhost';

/**
 * Mounts handlers, in order: the first answer is sent. What none of them answers goes to `next`, or is answered with status
 * 404 where there is none. What a handler throws goes to `next` too, or is logged and answered with status 500.
 *
 * @param handlers - They get the request's method, path and headers: its origin is always `http://localhost`, and it has no
 * body.
 */
export function toNodeListener(...handlers: readonly FetchHandler[]): NodeListener {
  const answer = async (request: IncomingMessage, response: ServerResponse, next: Next): Promise<void> => {
    const found = await firstAnswer(handlers, request).catch(failed);
    if (!found) return next();
    if (found instanceof Failure) return next(found.error);
    setHeaders(found.headers, response);
    response.writeHead(found.status).end(found.body);
  };
  return (request, response, next = lastResort(response)) => void answer(request, response, next);
}

/**
 * Mounts a function that adds headers to answers, such as `issueSealCookie` makes it, in front of the middleware that answers.
 *
 * @param addTo - It gets an empty answer, and the request without its body.
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

/** What a handler threw, as a value: what `next` throws is not for `next`. */
class Failure {
  constructor(readonly error: unknown) {}
}
const failed = (error: unknown): Failure => new Failure(error);

async function firstAnswer(
  handlers: readonly FetchHandler[],
  message: IncomingMessage,
): Promise<{ status: number; headers: Headers; body: Uint8Array } | undefined> {
  const request = toRequest(message);
  if (!request) return undefined;
  for (const handler of handlers) {
    const answer = await handler(request);
    if (!answer) continue;
    const { status, headers } = answer;
    return { status, headers, body: new Uint8Array(await answer.arrayBuffer()) };
  }
  return undefined;
}

/** @returns `undefined` for what the Fetch standard knows no request for, such as `OPTIONS *` or TRACE. */
function toRequest(message: IncomingMessage): Request | undefined {
  // Connect takes the path it is mounted at out of `url`.
  const { originalUrl, url = '/' } = message as IncomingMessage & { originalUrl?: string };
  const target = originalUrl ?? url;
  try {
    // Not resolved against the origin: a path of two slashes would be taken for a host.
    return new Request(target.startsWith('/') ? ORIGIN + target : target, {
      method: message.method ?? 'GET',
      headers: Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
        // HTTP/2 has the method and the path among the headers.
        value === undefined || name.startsWith(':') ? [] : [[name, String(value)]],
      ),
    });
  } catch {
    return undefined;
  }
}

function setHeaders(headers: Headers, response: ServerResponse): void {
  headers.forEach((value, name) => {
    // Others may have set cookies of their own.
    if (name === 'set-cookie') response.appendHeader(name, value);
    else response.setHeader(name, value);
  });
}

/** What ends a request that nobody answers. */
function lastResort(response: ServerResponse): Next {
  const end = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };
  return (error) => {
    if (error === undefined) return end(404, 'Not found');
    // Nobody else would hear of it.
    console.error(error);
    end(500, 'The server failed');
  };
}

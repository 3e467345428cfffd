/** Handles a fetch event: matches it, reads the database at cold start, sends it down the request path, reports what was done. */
import { toIdentityError } from '../protocol/identity-error.js';
import type { Services } from './compose.js';
import { handleRequest, type RequestTrace } from './request/handle-request.js';
import { matchRequest, type RequestMatch } from './request/match-request.js';
import { NetworkFailure } from './request/send-request.js';
import { waitUntilOf } from './rpc/wait-until.js';
import type { RequestReport } from './worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/**
 * Decides, synchronously, whether an event is answered here.
 *
 * @returns The response, `undefined` where the browser goes on as if there were no worker. Never throws.
 */
export function handleFetch(event: FetchEvent, services: Services): Promise<Response> | undefined {
  const { request } = event;
  const { parts, report, start } = services;
  try {
    const url = new URL(request.url);
    for (const part of parts) {
      const respondTo = part.intercept?.(request, url, services);
      if (respondTo) return start.load().then(respondTo);
    }
    const match = matchOf(request, url, services);
    if (match) return respond(event, url, match, services);
    // Most requests of a page end here: nothing is measured for a part that the worker does not have.
    report?.({
      request,
      url,
      outcome: 'passed-by',
      startedAtMs: performance.now(),
      trace: newTrace(),
      status: 0,
    });
  } catch (error) {
    // A throw here would stop the listeners behind this one.
    self.reportError(toIdentityError(error));
  }
  return undefined;
}

const newTrace = (): RequestTrace => ({ isSigned: false, refreshed: false, waited: false });

const matchOf = (
  request: Request,
  url: URL,
  { portalIndex, discovery }: Services,
): RequestMatch | undefined =>
  matchRequest(request, url, portalIndex, discovery && ((at) => discovery.unknownServerOf(at)));

async function respond(
  event: FetchEvent,
  url: URL,
  early: RequestMatch,
  services: Services,
): Promise<Response> {
  const { request, clientId } = event;
  const { start, discovery } = services;
  const startedAtMs = performance.now();
  const trace = newTrace();
  const report = (outcome: RequestReport['outcome'], status = 0): void =>
    services.report?.({ request, url, outcome, startedAtMs, trace, status });
  const unmatched = { request, url, clientId, waitUntil: waitUntilOf(event), trace };
  try {
    if (!start.isDone) await start.load();
    // At cold start the servers that were found before are known only now.
    const match = 'target' in early ? early : (matchOf(request, url, services) ?? early);
    const response = await ('target' in match
      ? handleRequest({ ...unmatched, target: match.target }, services)
      : (discovery?.respond(unmatched, match.unknownServer, services) ?? fetch(request)));
    report(trace.isSigned ? 'signed' : 'anonymous', response.status);
    return response;
  } catch (error) {
    report('failed');
    if (error instanceof NetworkFailure) return Response.error();
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    // A bug of the worker must not break the page: the browser's plain request is sent.
    self.reportError(toIdentityError(error));
    return request.bodyUsed ? Response.error() : fetch(request);
  }
}

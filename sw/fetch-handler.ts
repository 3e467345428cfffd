/** Handles a fetch event: matches it, reads the database at cold start, sends it down the request path, reports what was done. */
import { IdentityError, toIdentityError } from '../protocol/identity-error.js';
import type { Services } from './compose.js';
import { SIGN_OUT_PARAMETER } from './oauth/authorization-server.js';
import type { PortalKind } from './portals/portal.js';
import { statusByContent } from './request/classify-response.js';
import { handleRequest } from './request/handle-request.js';
import type { RequestContext, UnmatchedContext } from './request/request-context.js';
import { newTrace, timed, type StepRecorder } from './request/request-trace.js';
import { matchRequest, type RequestMatch } from './request/match-request.js';
import { discard, isAbort, NetworkFailure } from './request/send-request.js';
import { waitUntilOf } from './rpc/wait-until.js';
import type { RequestReport, WorkerPart } from './worker-part.js';

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
    const recorder = services.tracing?.begin(event.clientId, request, url);
    const leading = request.destination === 'document' && leadToSignOut(url, services);
    if (leading) return leading;
    for (const part of parts) {
      const respondTo = part.intercept?.(request, url, services);
      if (respondTo) {
        recorder?.add({ step: 'taken-over', by: part.name });
        recorder?.end('taken-over', 0);
        return start.load().then(respondTo);
      }
    }
    const match = matchOf(request, url, services, recorder);
    if (match) return respond(event, url, match, services, recorder);
    recorder?.end('passed-by', 0);
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

/** Leads a window on to the page that ends a server's session, where its address says so. */
function leadToSignOut(url: URL, { portalIndex }: Services): Promise<Response> | undefined {
  const portal = portalIndex.byUrl(url.searchParams.get(SIGN_OUT_PARAMETER) ?? '');
  return portal?.authorizationServer.leadToSignOut?.(portal, url);
}

/** What a registration says of a request. */
export const matchOf = (
  request: Request,
  url: URL,
  { portalIndex, discovery }: Pick<Services, 'portalIndex' | 'discovery'>,
  recorder?: StepRecorder,
): RequestMatch | undefined =>
  matchRequest(request, url, portalIndex, discovery && ((at) => discovery.unknownServerOf(at)), recorder);

async function respond(
  event: FetchEvent,
  url: URL,
  early: RequestMatch,
  services: Services,
  recorder: StepRecorder | undefined,
): Promise<Response> {
  const { request, clientId } = event;
  const trace = newTrace(recorder);
  const unmatched = { request, url, clientId, waitUntil: waitUntilOf(event), trace };
  try {
    return await handleMatched(unmatched, early, services, services.serve);
  } catch (error) {
    if (error instanceof NetworkFailure) return Response.error();
    if (isAbort(error)) throw error;
    // A bug of the worker must not break the page: the browser's plain request is sent.
    self.reportError(toIdentityError(error));
    return request.bodyUsed ? Response.error() : fetch(request);
  }
}

/**
 * Sends a request of the worker's own script as one of a page: matched, signed, renewed, sent again. That of a fetch event is the
 * page's, which may be prompted. For others an error inside HTTP 200 becomes the response's status.
 *
 * @param session - The session (`TokenManager.session`) that the request is to be sent in, and in no other; absent: in any.
 * @throws IdentityError `sign-in-required`, a TypeError where the network fails, or an AbortError.
 */
export async function fetchSigned(
  request: Request,
  event: ExtendableEvent | undefined,
  services: Services,
  trace = newTrace(),
  session?: number,
): Promise<Response> {
  const isOfPage = event instanceof FetchEvent;
  const url = new URL(request.url);
  const waitUntil = event ? waitUntilOf(event) : (): void => undefined;
  const clientId = isOfPage ? event.clientId : undefined;
  trace.recorder ??= services.tracing?.begin(clientId, request, url);
  const unmatched = { request, url, clientId, waitUntil, trace, onlyInSession: session };
  // Which servers are nobody's is known only then: what they answer is left as it is.
  await services.start.load();
  const match = matchOf(request, url, services);
  if (!match) return fetch(request);
  try {
    const response = await handleMatched(unmatched, match, services);
    // Code that is no page's has nobody to show the refusal to: it tries again later.
    if (trace.lacksToken && !isOfPage) {
      discard(response);
      throw new NetworkFailure();
    }
    const kind = 'target' in match ? match.target.portal.kind : 'arcgis';
    return isOfPage ? response : await withStatusByContent(response, kind, url);
  } catch (error) {
    if (error instanceof NetworkFailure) throw new TypeError('Failed to fetch', { cause: error });
    throw isAbort(error) ? error : toIdentityError(error);
  }
}

/** A refusal must not look like success to code that asks for `response.ok` only. */
async function withStatusByContent(response: Response, kind: PortalKind, url: URL): Promise<Response> {
  const status = await statusByContent(response, { kind, url });
  return status === response.status
    ? response
    : new Response(response.body, { status, headers: response.headers });
}

/** @param serve - Stands between a request that a registration matches and the network. */
async function handleMatched(
  unmatched: UnmatchedContext,
  early: RequestMatch,
  services: Services,
  serve?: WorkerPart['serve'],
): Promise<Response> {
  const { request, url, trace } = unmatched;
  const send = (context: RequestContext): Promise<Response> => handleRequest(context, services);
  const handle = (context: RequestContext): Promise<Response> =>
    serve?.(context, send, services) ?? send(context);
  const { start, discovery } = services;
  const startedAtMs = performance.now();
  const report = (outcome: RequestReport['outcome'], status = 0): void => {
    services.report?.({ request, url, outcome, startedAtMs, trace, status });
    trace.recorder?.end(outcome, status);
  };
  try {
    if (!start.isDone) await timed(trace, 'worker-start', start.load());
    // At cold start the servers that were found before are known only now.
    const match = 'target' in early ? early : (matchOf(request, url, services) ?? early);
    if ('unknownServer' in match)
      trace.recorder?.add({ step: 'server-unknown', server: match.unknownServer });
    const response = await ('target' in match
      ? handle({ ...unmatched, target: match.target })
      : (discovery?.respond(unmatched, match.unknownServer, services) ?? fetch(request)));
    report(trace.isSigned ? 'signed' : 'anonymous', response.status);
    return response;
  } catch (error) {
    if (!(error instanceof NetworkFailure || error instanceof IdentityError || isAbort(error)))
      trace.recorder?.add({ step: 'handed-back', reason: 'internal-error' });
    report('failed');
    throw error;
  }
}

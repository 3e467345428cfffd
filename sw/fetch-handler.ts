/** Handles a fetch event: matches it, reads the database at cold start, sends it down the request path, reports what was done. */
import { toIdentityError } from '../protocol/identity-error.js';
import type { PortalIndex, TokenTarget } from './portals/portal-index.js';
import {
  handleRequest,
  handleUnknownServer,
  type RequestServices,
  type RequestTrace,
} from './request/handle-request.js';
import { matchRequest, type RequestMatch } from './request/match-request.js';
import { NetworkFailure } from './request/send-request.js';
import { waitUntilOf } from './rpc/wait-until.js';
import type { PartServices, RequestReport, ServerDiscovery, WorkerPart } from './worker-part.js';

declare const self: ServiceWorkerGlobalScope;

/** What the handler works with. */
interface Dependencies {
  readonly portalIndex: PortalIndex;
  readonly requestServices: RequestServices;
  readonly partServices: PartServices;
  readonly parts: readonly WorkerPart[];
  readonly discovery: ServerDiscovery | undefined;
  readonly isLoaded: () => boolean;
  readonly load: () => Promise<void>;
}

/** Makes the response of a request that was matched. */
export type Respond = () => Promise<Response>;

/** One per worker. */
export class FetchHandler {
  readonly #intercepting: readonly WorkerPart[];
  readonly #reporting: WorkerPart | undefined;

  constructor(private readonly dependencies: Dependencies) {
    this.#intercepting = dependencies.parts.filter(({ intercept }) => intercept);
    this.#reporting = dependencies.parts.find(({ report }) => report);
  }

  /**
   * Decides, synchronously, whether an event is answered here.
   *
   * @returns What makes the response, `undefined` where the browser goes on as if there were no worker. Never throws.
   */
  match(event: FetchEvent): Respond | undefined {
    const { request } = event;
    try {
      const url = new URL(request.url);
      for (const part of this.#intercepting) {
        const respond = part.intercept?.(request, url, this.dependencies.partServices);
        if (respond) return () => this.dependencies.load().then(respond);
      }
      const match = this.#match(request, url);
      if (match) return () => this.#respond(event, url, match);
      // Most requests of a page end here: nothing is measured for a part that the worker does not have.
      if (this.#reporting) this.#report(request, url, 'passed-by', performance.now());
    } catch (error) {
      // A throw here would stop the listeners behind this one.
      self.reportError(toIdentityError(error));
    }
    return undefined;
  }

  #match(request: Request, url: URL): RequestMatch | undefined {
    const { portalIndex, discovery } = this.dependencies;
    return matchRequest(request, url, portalIndex, discovery && ((at) => discovery.unknownServerOf(at)));
  }

  async #respond(event: FetchEvent, url: URL, early: RequestMatch): Promise<Response> {
    const { request, clientId } = event;
    const { requestServices, isLoaded, load } = this.dependencies;
    const startedAtMs = performance.now();
    const trace: RequestTrace = { isSigned: false, refreshed: false, waited: false };
    const unmatched = { request, url, clientId, waitUntil: waitUntilOf(event), trace };
    try {
      if (!isLoaded()) await load();
      // At cold start the servers that were found before are known only now.
      const match = 'target' in early ? early : (this.#match(request, url) ?? early);
      const response = await ('target' in match
        ? handleRequest({ ...unmatched, target: match.target }, requestServices)
        : handleUnknownServer(unmatched, () => this.#targetOf(match.unknownServer), requestServices));
      const outcome = trace.isSigned ? 'signed' : 'anonymous';
      this.#report(request, url, outcome, startedAtMs, trace, response.status);
      return response;
    } catch (error) {
      this.#report(request, url, 'failed', startedAtMs, trace);
      if (error instanceof NetworkFailure) return Response.error();
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      // A bug of the worker must not break the page: the browser's plain request is sent.
      self.reportError(toIdentityError(error));
      return request.bodyUsed ? Response.error() : fetch(request);
    }
  }

  async #targetOf(serverRoot: string): Promise<TokenTarget | undefined> {
    const { discovery, partServices } = this.dependencies;
    return discovery?.findTarget(serverRoot, partServices);
  }

  #report(
    request: Request,
    url: URL,
    outcome: RequestReport['outcome'],
    startedAtMs: number,
    trace: RequestTrace = { isSigned: false, refreshed: false, waited: false },
    status = 0,
  ): void {
    this.#reporting?.report?.({ request, url, outcome, startedAtMs, trace, status });
  }
}

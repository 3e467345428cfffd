/** What the steps of a request work with. */
import type { PortalIndex, TokenTarget } from '../portals/portal-index.js';
import type { Portal } from '../portals/portal.js';
import type { WaitUntil } from '../rpc/wait-until.js';
import type { WaitingRequests } from '../sign-in/waiting-requests.js';
import type { TokenManager } from '../tokens/token-manager.js';
import type { ReplayableRequest } from './replayable-request.js';
import type { ReportedServices } from './reported-services.js';
import type { RequestTrace } from './request-trace.js';
import type { ServiceMemory } from './service-memory.js';

/** What the request path needs of the rest of the worker. */
export interface RequestServices {
  readonly portalIndex: PortalIndex;
  readonly tokens: TokenManager;
  readonly waitingRequests: WaitingRequests;
  readonly memory: ServiceMemory;
  readonly reported: ReportedServices;
  /** Changes a request before a token is attached (parts); absent: nothing does. */
  readonly prepare?: (
    replayable: ReplayableRequest,
    portal: Portal,
  ) => ReplayableRequest | Promise<ReplayableRequest>;
  /** Longest wait for the user in one event, in ms. */
  readonly holdLimitMs: number;
}

/** A request of which it is not known yet whether its server belongs to one of our portals. */
export interface UnmatchedContext {
  readonly request: Request;
  readonly url: URL;
  /** Client id of the page or worker that made the request, '' where the browser does not name one; `undefined` for our own worker. */
  readonly clientId: string | undefined;
  readonly waitUntil: WaitUntil;
  readonly trace: RequestTrace;
  /** The session of the portal that the request is sent in, and in no other; absent: in any. */
  readonly onlyInSession?: number | undefined;
}

/** A request that a registration matches. */
export interface RequestContext extends UnmatchedContext {
  readonly target: TokenTarget;
}

/** A request with the state of its portal when it came. */
export interface SignableContext extends RequestContext {
  /** How often this boot of the worker had signed out of the portal. */
  readonly signOuts: number;
}

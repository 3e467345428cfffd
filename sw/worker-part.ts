/** A capability that a worker has or leaves out. The core calls its hooks; a worker without the part does not carry its code. */
import type { ClientInfo } from '../protocol/client-info.js';
import type { CredentialInfo } from '../protocol/credential-info.js';
import { ConfigurationError } from '../protocol/identity-error.js';
import type { RedirectReturn, ReturnTo } from '../protocol/worker-api.js';
import type { Partitions } from './offline/partitions.js';
import type { Portal } from './portals/portal.js';
import type { PortalIndex } from './portals/portal-index.js';
import type { ReplayableRequest } from './request/replayable-request.js';
import type { RequestContext, RequestServices, UnmatchedContext } from './request/request-context.js';
import type { RequestTrace, StepRecorder } from './request/request-trace.js';
import type { ChallengeRecords } from './sign-in/challenge-records.js';
import type { CodeRedemption } from './sign-in/redeem-code.js';
import type { Encrypter } from './storage/encrypter.js';
import type { ChallengeRecord } from './storage/records.js';
import type { Store } from './storage/store.js';
import type { ServerTokenExchange } from './tokens/renewal.js';

/** Parts that an option of a registration needs. */
export type PartName = 'federation' | 'web-tier' | 'strict-callback' | 'redirect-return' | 'sealed-level';

/** What the hooks of parts may use of the worker. */
export interface PartServices {
  readonly portalIndex: PortalIndex;
  readonly store: Store;
  readonly challengeRecords: ChallengeRecords;
  readonly redemption: CodeRedemption;
  readonly redirectReturn?: RedirectReturnHooks | undefined;
}

/** What is told of a request when it has its response. */
export interface RequestReport {
  readonly request: Request;
  readonly url: URL;
  readonly outcome: 'signed' | 'anonymous' | 'passed-by' | 'failed';
  /** By `performance.now()`. */
  readonly startedAtMs: number;
  readonly trace: Readonly<RequestTrace>;
  /** HTTP status, 0 for opaque responses and failures. */
  readonly status: number;
}

/** Records what is done to requests, for the pages that ask for it. */
export interface RequestTracing {
  /** Begins with a request; `undefined` while no page traces. */
  begin(clientId: string | undefined, request: Request, url: URL): StepRecorder | undefined;
  /** Turns tracing on or off for a page. @returns Name of the Web Lock that the page is to hold meanwhile. */
  turn(clientId: string, isOn: boolean): string;
}

/** Finds the portals of ArcGIS Servers that no registration names. */
export interface ServerDiscovery {
  /** Takes what the store holds. */
  restore(services: PartServices): void;
  /** Root of the server that a URL belongs to, `undefined` for none or one known to be of no registered portal. Synchronous. */
  unknownServerOf(url: URL): string | undefined;
  /**
   * Handles a request to such a server.
   *
   * @throws NetworkFailure or an AbortError where the page would have met one.
   */
  respond(
    context: UnmatchedContext,
    serverRoot: string,
    services: PartServices & RequestServices,
  ): Promise<Response>;
}

/** Brings the user back to the page that a sign-in took the place of. */
export interface RedirectReturnHooks {
  readonly save: (challengeId: string, returnTo: ReturnTo, services: PartServices) => Promise<void>;
  /** Where the sign-in of a state began, `null` where none has. */
  readonly urlOf: (state: string, services: PartServices) => Promise<string | null>;
  /** How a sign-in ended, told once, to the page that is returned to. */
  readonly take: (clientId: string, services: PartServices) => Promise<RedirectReturn | undefined>;
  /** Whether a client is the page that a challenge returns to. */
  readonly isReturn: (record: ChallengeRecord, clientId: string) => Promise<boolean>;
}

/** One part. All hooks are optional; of two parts with one hook the last serves it. */
export interface WorkerPart {
  /** The options that need this part name it: a registration that needs a missing one is refused with `part-missing`. */
  readonly name:
    | PartName
    | 'static-routes'
    | 'keepalive'
    | 'activity'
    | 'client-list'
    | 'http-cache'
    | 'offline'
    | 'tracing';
  /** @throws ConfigurationError for registrations that the part cannot serve. */
  readonly check?: (portals: readonly Portal[]) => void;
  /** Adds listeners, synchronously, while the worker's script runs. */
  readonly listen?: (portalIndex: PortalIndex) => void;
  /** Takes a request before it is matched with the registrations. Synchronous. */
  readonly intercept?: (
    request: Request,
    url: URL,
    services: PartServices & RequestServices,
  ) => (() => Promise<Response>) | undefined;
  /** Changes a request before a token is attached. */
  readonly prepare?: (
    replayable: ReplayableRequest,
    portal: Portal,
  ) => ReplayableRequest | Promise<ReplayableRequest>;
  /**
   * Stands between a page's request that a registration matches and the network.
   *
   * @param send - Sends the request, signed.
   */
  readonly serve?: (
    context: RequestContext,
    send: (context: RequestContext) => Promise<Response>,
    services: PartServices & RequestServices,
  ) => Promise<Response>;
  /** Told once the store is read, and again where it could be read only later. */
  readonly restored?: (services: PartServices & RequestServices) => void;
  /** Told of every sign-in, renewal, end of a session and sign-out, which waits for the promise that it may return. */
  readonly credentialChanged?: (
    portal: Portal,
    credential: CredentialInfo | null,
    services: PartServices & RequestServices,
  ) => unknown;
  /** Whose answers are kept. */
  readonly partitions?: Partitions | undefined;
  /** Told what was done to each request. */
  readonly report?: (report: RequestReport) => void;
  readonly tracing?: RequestTracing;
  readonly discovery?: ServerDiscovery;
  readonly serverTokens?: ServerTokenExchange;
  readonly redirectReturn?: RedirectReturnHooks | undefined;
  /** The other clients of the origin than the page that asks. */
  readonly listClients?: (exceptId: string) => Promise<ClientInfo[]>;
  /** Makes the encrypter of the level `sealed`. */
  readonly sealed?: () => Promise<Encrypter>;
}

/** The hooks of all parts, by name. */
export type PartHooks = Omit<WorkerPart, 'name' | 'listen' | 'check' | 'intercept'>;

/** Collects the hooks that one part serves. */
export const hooksOf = (parts: readonly WorkerPart[]): PartHooks => Object.assign({}, ...parts) as PartHooks;

/**
 * Checks that the parts serve the registrations.
 *
 * @throws {@link ConfigurationError} `part-missing` for an option without its part, and what the parts throw.
 */
export function checkParts(portals: readonly Portal[], parts: readonly WorkerPart[]): void {
  const needs = (name: PartName, isNeeded: (portal: Portal) => boolean): void => {
    if (portals.some(isNeeded) && !parts.some((part) => part.name === name))
      throw new ConfigurationError('part-missing', { field: name });
  };
  needs('federation', ({ servers }) => servers.length > 0);
  needs('web-tier', ({ webTier }) => webTier);
  needs('strict-callback', ({ callback }) => callback === 'worker');
  needs('sealed-level', ({ persistence }) => persistence === 'sealed');
  for (const part of parts) part.check?.(portals);
}

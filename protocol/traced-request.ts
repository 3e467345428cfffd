/** What the worker did to one request and why, as pages are told: nothing secret, no query, no header. */
import { isRecord } from './record.js';

/** Why a request is not signed. */
export type NotSignedReason =
  /** A page that is opened: the browser's own. */
  | 'navigation'
  /** No registration has its address. */
  | 'no-registration'
  /** An address that issues tokens, or one that a server may read as such. */
  | 'token-issuing'
  /** It brings a credential of its own. */
  | 'own-credential'
  /** The registration's option `allow` does not have it. */
  | 'not-allowed'
  /** It tells a server to fetch an address of somebody else. */
  | 'foreign-address';

/** What a request waited for. */
export type WaitReason =
  /** The worker had been stopped, and reads its database. */
  | 'worker-start'
  /** A token that memory does not have: renewed, exchanged, or of the app's server. */
  | 'token'
  /** Another token in place of the one that the server rejected. */
  | 'renewal'
  /** The user. */
  | 'sign-in'
  /** The answer of a server that is asked which portal it belongs to. */
  | 'discovery'
  /** A look whether a service is public: the answer to the request itself cannot be read. */
  | 'probe';

/** Where the token of a request stood. `post`: a GET that was sent as a form. `proof`: in a header, with a proof (RFC 9449). */
export type TokenPlace = 'query' | 'post' | 'form' | 'multipart' | 'header' | 'proof' | 'none';

/** One thing that was done, or found out. */
export type TraceFact =
  /** `portal`: of the registration. `server`: the ArcGIS Server that has a token of its own. */
  | { readonly step: 'matched'; readonly portal: string; server?: string | undefined }
  /** No registration names this ArcGIS Server: it may belong to one of the portals. */
  | { readonly step: 'server-unknown'; server: string }
  | { readonly step: 'not-signed'; readonly reason: NotSignedReason }
  | { readonly step: 'waited'; readonly for: WaitReason; readonly ms: number }
  /** Whose token is sent: the user's, or that of the app's own account. */
  | {
      readonly step: 'token';
      readonly of: 'user' | 'app';
      readonly portal: string;
      server?: string | undefined;
    }
  /** There is none: nobody is signed in, or the issuer did not answer in time. */
  | { readonly step: 'no-token'; readonly reason: 'signed-out' | 'not-in-time' }
  /** `isRepeated`: not for the first time. */
  | { readonly step: 'sent'; readonly token: TokenPlace; isRepeated?: boolean }
  /** The error that an ArcGIS server put into its answer, by number. */
  | { readonly step: 'error-in-body'; readonly code: number }
  | {
      readonly step: 'classified';
      readonly as: 'ok' | 'auth-required' | 'token-rejected';
      readonly status: number;
    }
  /** The token was rejected, and another one obtained. */
  | { readonly step: 'renewed' }
  /** The token was rejected, and none is asked for: the service rejects new ones too. */
  | { readonly step: 'not-renewed' }
  | {
      readonly step: 'sign-in';
      readonly outcome: 'signed-in' | 'cancelled' | 'failed' | 'held-too-long';
    }
  /** Answered from what is kept. */
  | { readonly step: 'kept-answer' }
  /** A part of the worker answers it. */
  | { readonly step: 'taken-over'; readonly by: string }
  /** To the browser, which sends it again, or as it is. */
  | { readonly step: 'handed-back'; readonly reason: 'held-too-long' | 'internal-error' };

/** A {@link TraceFact}, and when: in ms since the request came. */
export type TraceStep = Readonly<TraceFact> & { readonly atMs: number };

/** How a request ended. `kept`: answered from what is kept. `taken-over`: by a part of the worker. Others as of `Activity`. */
export type TracedOutcome = 'signed' | 'anonymous' | 'passed-by' | 'failed' | 'kept' | 'taken-over';

/** One request, once its response has begun. */
export interface TracedRequest {
  readonly method: string;
  /** Origin and path, without query; what looks like a secret in the path is shortened. */
  readonly url: string;
  readonly outcome: TracedOutcome;
  /** HTTP status that the page got; 0 for opaque responses, failures, and requests that passed by. */
  readonly status: number;
  /** When it came, in ms since the epoch. */
  readonly startedAtMs: number;
  /** Until the headers of its response, in ms. */
  readonly durationMs: number;
  /** When the worker was started, in ms since the epoch: another one than before tells that it was stopped meanwhile. */
  readonly workerStartedAtMs: number;
  /** Whether the page that is told has made it; others are those of its workers and of other pages. */
  readonly isOwn: boolean;
  readonly steps: readonly TraceStep[];
}

/** Type of the message with a {@link TracedRequest}, by `Client.postMessage`. */
export const TRACED_MESSAGE = 'identity:request-traced';

/** Begin of the name of the Web Lock that a page holds while it traces: a worker that starts learns from it who asked. */
export const TRACE_LOCK = 'identity-worker:trace:';

const numbers = ['status', 'startedAtMs', 'durationMs', 'workerStartedAtMs'];

/** Admits the message with a traced request. */
export function parseTraced(data: unknown): TracedRequest | undefined {
  if (!isRecord(data) || data['type'] !== TRACED_MESSAGE || !isRecord(data['traced'])) return undefined;
  const { traced } = data;
  const isTraced =
    ['method', 'url', 'outcome'].every((name) => typeof traced[name] === 'string') &&
    numbers.every((name) => Number.isFinite(traced[name])) &&
    Array.isArray(traced['steps']) &&
    traced['steps'].every((step) => isRecord(step) && typeof step['step'] === 'string');
  return isTraced ? (traced as unknown as TracedRequest) : undefined;
}

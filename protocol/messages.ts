/** Every message that crosses between page and worker outside a Comlink call, and the parsers that admit them. */
import type { CredentialInfo } from './credential-info.js';
import type { AuthorizationResponse } from './authorization-response.js';
import type { WireError } from './errors.js';
import { isRecord } from './record.js';

/**
 * Raised when a shape changes. Page and worker of different versions answer `protocol-mismatch` and change nothing. The same in every
 * version, so that they get together again: the messages of pages to workers, how the protocol's version is refused, and what the
 * callback page says, which comes back to a page and a worker that may both be older than itself.
 */
export const PROTOCOL_VERSION = 1;

/** How a challenge ended. */
export type ChallengeOutcome = 'signed-in' | 'cancelled' | 'failed';

/** The user must sign in. Holds nothing page script must not know: the code verifier stays in the worker. */
export interface CodeRequired {
  challengeId: string;
  /** Root URL of the portal, as in `PortalInfo.url`. */
  portal: string;
  portalName: string;
  /** Where the user signs in (RFC 6749 §4.1.1); contains the state and the S256 code challenge. */
  authorizationUrl: string;
  /** The portal shows the code to the user, who pastes it (`urn:ietf:wg:oauth:2.0:oob`). */
  outOfBand: boolean;
  /**
   * Why: a page called `signIn`, no user is signed in, the portal has ended the session, or an API wants more of the sign-in than it
   * has shown (RFC 6750 §3.1, RFC 9470).
   */
  reason?: 'requested' | 'signed-out' | 'expired' | 'insufficient';
  /** Number of requests that wait when the message is sent. */
  waitingRequests?: number;
  /** The session was lost with an answer of the token endpoint: a silent sign-in may bring it back before the user is prompted. */
  silentFirst?: boolean;
}

/** Worker to page, by `Client.postMessage`. `scope`: of the worker's registration. */
export type WorkerMessage = { scope?: string } & (
  | ({ type: 'identity:code-required'; version: number; asked: boolean } & CodeRequired)
  | {
      type: 'identity:challenge-settled';
      version: number;
      challengeId: string;
      portal: string;
      outcome: ChallengeOutcome;
      error?: WireError;
    }
  | {
      type: 'identity:credential-changed';
      version: number;
      portal: string;
      credential: CredentialInfo | null;
      /** Why the change may not outlive the worker. */
      storageError?: WireError;
    }
  /** A server cannot be reached: the page is to have the browser ask the user. Carries the port for the answer. */
  | { type: 'identity:local-network'; version: number; origin: string }
);

/** What of it concerns sign-ins. */
export type SignInMessage = Exclude<WorkerMessage, { type: 'identity:local-network' }>;

/** Page to worker, by `ServiceWorker.postMessage`. `connect` carries the MessagePort of one Comlink call. */
export type PageMessage =
  | { type: 'identity:connect'; version: number }
  | { type: 'identity:claim'; version: number }
  | { type: 'identity:ping'; version: number }
  | { type: 'identity:skip-waiting'; version: number };

/** Web Lock that pages share while their users sign in: meanwhile no new version of the worker is let in. */
export const SIGN_IN_LOCK = 'identity-worker:sign-in';

/** Type of {@link CallbackRelay}. */
export const CALLBACK_RELAY = 'identity:callback-relay';

/**
 * The callback page to the page that opened its window, by `Window.postMessage` to their common origin: where the browser
 * partitions storage, the worker of a frame is another one than that of the window.
 */
export interface CallbackRelay {
  type: typeof CALLBACK_RELAY;
  version: number;
  /** The portal's response; `null` where a worker has taken it. */
  response: AuthorizationResponse | null;
}

/** First message on the port of a call: the Web Lock that the worker holds while it runs. */
export interface PortReady {
  type: 'identity:port-ready';
  version: number;
  lock: string;
}

/** What the worker did with one request; redacted: no query, no token. Sent only with the worker's option `activity: true`. */
export interface Activity {
  readonly method: string;
  /** Origin and path of the request, without its query. */
  readonly url: string;
  /** `signed`: sent with the token. `anonymous`: of a registration, sent without one. `passed-by`: of none, untouched. */
  readonly outcome: 'signed' | 'anonymous' | 'passed-by' | 'failed';
  /** The token was renewed for this request. */
  readonly refreshed: boolean;
  /** The request waited for the user to sign in. */
  readonly waited: boolean;
  /** HTTP status that the page got; 0 for opaque responses and failures. */
  readonly status: number;
  /** From the request's arrival in the worker to the headers of its response, in ms. */
  readonly durationMs: number;
}

/** Name of the BroadcastChannel that carries {@link Activity} values. */
export const ACTIVITY_CHANNEL = 'identity-worker:activity';

const hasStrings = (data: Record<string, unknown>, ...names: string[]): boolean =>
  names.every((name) => typeof data[name] === 'string');

/** Types of the fields of each message of a worker, as `typeof` names them. */
const workerMessages: Readonly<Record<WorkerMessage['type'], Readonly<Record<string, string>>>> = {
  'identity:code-required': {
    challengeId: 'string',
    portal: 'string',
    portalName: 'string',
    authorizationUrl: 'string',
    asked: 'boolean',
    outOfBand: 'boolean',
    reason: 'string|undefined',
    waitingRequests: 'number|undefined',
    silentFirst: 'boolean|undefined',
  },
  'identity:challenge-settled': {
    challengeId: 'string',
    portal: 'string',
    outcome: 'string',
    error: 'object|undefined',
  },
  'identity:credential-changed': { portal: 'string', credential: 'object', storageError: 'object|undefined' },
  'identity:local-network': { origin: 'string' },
};

/** Admits a message from the worker; `undefined` for others. Unknown types are ignored: a newer worker may send more. */
export function parseWorkerMessage(data: unknown): WorkerMessage | undefined {
  if (!isRecord(data) || data['version'] !== PROTOCOL_VERSION) return undefined;
  const { type } = data;
  if (typeof type !== 'string' || !Object.hasOwn(workerMessages, type)) return undefined;
  const fields = Object.entries(workerMessages[type as WorkerMessage['type']]);
  const isAdmitted = fields.every(
    ([name, types]) => !Array.isArray(data[name]) && types.split('|').includes(typeof data[name]),
  );
  return isAdmitted ? (data as WorkerMessage) : undefined;
}

/** Whether a worker of another version prompts this page, which would not understand it. */
export const isForeignPrompt = (data: unknown): boolean =>
  isRecord(data) && data['type'] === 'identity:code-required' && data['version'] !== PROTOCOL_VERSION;

/** Admits a message from a page; `undefined` for messages that are not ours. */
export function parsePageMessage(data: unknown): PageMessage | undefined {
  if (!isRecord(data) || typeof data['version'] !== 'number') return undefined;
  switch (data['type']) {
    case 'identity:connect':
    case 'identity:claim':
    case 'identity:ping':
    case 'identity:skip-waiting':
      return data as PageMessage;
    default:
      return undefined;
  }
}

/** Admits the message of a callback page, of any version. */
export function parseCallbackRelay(data: unknown): CallbackRelay | undefined {
  if (!isRecord(data) || data['type'] !== CALLBACK_RELAY) return undefined;
  const { response } = data;
  const isResponse =
    isRecord(response) &&
    hasStrings(response, 'state') &&
    (hasStrings(response, 'code') || hasStrings(response, 'error'));
  return response === null || isResponse ? (data as unknown as CallbackRelay) : undefined;
}

/** Admits the first message on the port of a call. */
export function parsePortReady(data: unknown): PortReady | undefined {
  return isRecord(data) && data['type'] === 'identity:port-ready' && hasStrings(data, 'lock')
    ? (data as unknown as PortReady)
    : undefined;
}

/** The calls a page may make on the worker over Comlink. Every one is a question or an answer; none returns a secret. */
import type { CredentialInfo, PortalInfo } from './credential-info.js';
import type { Result } from './errors.js';
import type { ChallengeOutcome, CodeRequired } from './messages.js';

/** What a page needs to know when it meets the worker. */
export interface WorkerState {
  readonly portals: readonly PortalInfo[];
  readonly credentials: readonly CredentialInfo[];
}

/** An authorization response as it came home (RFC 6749 §4.1.2), or the code alone for a known authorization URL. */
export interface CodeAnswer {
  readonly code: string;
  readonly state?: string;
  /** Issuer of the response (RFC 9207). */
  readonly iss?: string;
  /** Address that the response came home to, without its query; absent where the code came in another way. */
  readonly redirectUri?: string;
  /** Names the challenge where there is no `state` (out of band). */
  readonly authorizationUrl?: string;
}

/** An authorization error response (RFC 6749 §4.1.2.1). */
export interface ErrorAnswer {
  readonly error: string;
  readonly state: string;
  readonly iss?: string;
  readonly redirectUri?: string;
}

/** Where a challenge stands; `unknown` once it is forgotten. */
export type ChallengeState = 'open' | 'redeeming' | ChallengeOutcome | 'unknown';

/**
 * The interface the worker exposes to the pages of its own origin.
 * `callId` names one call of one page: a call that was cut by a stopped worker may be repeated under the same id.
 */
export interface WorkerApi {
  state(): Promise<Result<WorkerState>>;
  /** Opens (or joins) the challenge of a portal, whatever credential there is. */
  signIn(portal: string | undefined): Promise<Result<CodeRequired>>;
  submitCode(answer: CodeAnswer, callId: string): Promise<Result<CredentialInfo>>;
  submitError(answer: ErrorAnswer): Promise<Result<null>>;
  cancel(challengeId: string): Promise<Result<null>>;
  challengeState(challengeId: string): Promise<Result<ChallengeState>>;
  signOut(portal: string | undefined): Promise<Result<null>>;
}

/** The names the port gate lets through. */
export const workerApiMethods = [
  'state',
  'signIn',
  'submitCode',
  'submitError',
  'cancel',
  'challengeState',
  'signOut',
] as const satisfies readonly (keyof WorkerApi)[];

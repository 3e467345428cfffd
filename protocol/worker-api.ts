/** The calls that a page may make on the worker over Comlink. None returns a secret. */
import type { AuthorizationCodeResponse, AuthorizationErrorResponse } from './authorization-response.js';
import type { ClientInfo } from './client-info.js';
import type { CredentialInfo, PortalInfo } from './credential-info.js';
import type { Result, WireError } from './errors.js';
import type { ChallengeOutcome, CodeRequired } from './messages.js';

export type { AuthorizationCodeResponse, AuthorizationErrorResponse };

/** What a page reads from the worker when it starts. */
export interface WorkerState {
  readonly portals: readonly PortalInfo[];
  readonly credentials: readonly CredentialInfo[];
  /** Why the worker cannot read its database, while that is so. */
  readonly storageError?: WireError;
  /** Told once, to the page that a sign-in which took its place has come back to. */
  readonly returned?: RedirectReturn;
}

/** What a user, or an app on the user's behalf, asks of a sign-in. */
export interface SignInParameters {
  /** The portal asks who signs in, whatever session it has with this browser. */
  readonly forceLogin?: boolean;
  /** Name that the portal may fill in, where it knows such a thing (OpenID Connect Core §3.1.2.1 `login_hint`). */
  readonly loginHint?: string;
  /** Without asking the user: works where the portal has a session, and fails with `login-required` elsewhere. */
  readonly silent?: boolean;
}

/** A place in the app that the user leaves for the portal. */
export interface ReturnTo {
  readonly url: string;
  /** Scroll position, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

/** How a sign-in ended that took the place of the page. */
export interface RedirectReturn extends ReturnTo {
  readonly portal: string;
  /** Why the user has not signed in. */
  readonly error?: WireError;
}

/** State of a challenge; `unknown` once it has been deleted. */
export type ChallengeState = 'open' | 'redeeming' | ChallengeOutcome | 'unknown';

/**
 * The interface the worker exposes to the pages of its own origin.
 * `callId` names one call of one page: a call during which the worker was stopped may be repeated under the same id.
 */
export interface WorkerApi {
  state(): Promise<Result<WorkerState>>;
  /** Opens (or joins) the challenge of a portal, whatever credential there is. */
  signIn(portal: string | undefined, parameters?: SignInParameters): Promise<Result<CodeRequired>>;
  submitCode(response: AuthorizationCodeResponse, callId: string): Promise<Result<CredentialInfo>>;
  submitError(response: AuthorizationErrorResponse): Promise<Result<null>>;
  cancel(challengeId: string): Promise<Result<null>>;
  challengeState(challengeId: string): Promise<Result<ChallengeState>>;
  /** The sign-in takes the place of the page; `returnTo` is where the user comes back to. */
  saveReturnTo(challengeId: string, returnTo: ReturnTo): Promise<Result<null>>;
  /** The page that the sign-in of a state took the place of, if any. */
  returnUrl(state: string): Promise<Result<string | null>>;
  signOut(portal: string | undefined): Promise<Result<null>>;
  /** Tells the page what is done to requests, or no longer. Answers the name of the Web Lock that the page holds meanwhile. */
  trace(isOn: boolean): Promise<Result<string>>;
  /** The other pages, frames and workers of the origin. */
  clients(): Promise<Result<readonly ClientInfo[]>>;
  /** The page where the portal ends its own session with this browser, or an address of the worker that leads a window there. */
  signOutUrl(portal: string | undefined): Promise<Result<string>>;
}

/** What a session and its flow know of each other. */
import type { ErrorCode, IdentityError } from '../../protocol/errors.js';
import type { CodeRequired } from '../../protocol/messages.js';
import type { SignInEvent } from './machine.js';

/** What comes with an event. */
export interface EventDetail {
  /** The window of a click, still blank; `null` where the browser let none open; `undefined` without a call of `signIn`. */
  readonly opened?: Window | null | undefined;
  readonly code?: string | undefined;
  readonly reason?: IdentityError | undefined;
}

/** What a flow reports to its session. */
export interface FlowActions {
  send(event: SignInEvent, detail?: EventDetail): void;
  /** Whether the challenge is still open, as the worker knows it; if it has ended, that is dealt with. Never rejects. */
  isOpen(): Promise<boolean>;
  /** The page that the window has come back to does not take the response. */
  strand(): void;
  /** Asks the worker for the next challenge. */
  request(opened: Window | null): void;
}

/** One way of signing in. Carries out the effects of the machine: each method is the effect of its name. */
export interface SignInFlow {
  /** The dialog is shown, or about to be. */
  readonly isVisible: boolean;
  start(challenge: CodeRequired, opened: Window | null | undefined): void;
  take(challenge: CodeRequired, opened: Window | null | undefined): void;
  retry(challenge: CodeRequired, opened: Window | null | undefined): void;
  reopen(challenge: CodeRequired): void;
  request(): void;
  showWaiting(): void;
  showChecking(): void;
  showUnclear(): void;
  /** @param code - Why; left out for a code of a challenge that has failed. */
  showRefusal(code: ErrorCode | undefined): void;
  showFailure(code: ErrorCode): void;
  /** @param by - A user who leaves needs no window any more. */
  close(by: 'user' | 'worker'): void;
}

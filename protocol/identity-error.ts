/** The error classes and their form on the wire. Workers need no more of errors than this. */
import type { ErrorCode, ErrorMessage, Facts } from './error-codes.js';
import { redactError } from './redact-error.js';

const texts: Partial<Record<ErrorCode, ErrorMessage>> = {};

/**
 * Adds messages, for errors that are made from now on; without, code and facts are the message. Workers have none; pages load
 * them all when something has failed.
 */
export function addErrorMessages(more: Partial<Record<ErrorCode, ErrorMessage>>): void {
  Object.assign(texts, more);
}

/** Base of everything this library throws. Branch on `code`; the classes only group by who must act. */
export class IdentityError extends Error {
  override readonly name: string = 'IdentityError';
  /**
   * @param code - What happened; stable.
   * @param facts - Origins, statuses and names the message mentions; nothing secret.
   */
  constructor(
    readonly code: ErrorCode,
    readonly facts: Facts = {},
  ) {
    super(texts[code]?.(facts) ?? code + inShort(facts));
  }
}

/** Facts for a console: ` (path: /worker.js) (status: 404)`. */
const inShort = (facts: Facts): string =>
  Object.entries(facts)
    .map((fact) => ` (${fact.join(': ')})`)
    .join('');

/** The integrating developer must change something. */
export class ConfigurationError extends IdentityError {
  override readonly name = 'ConfigurationError';
}
/** The user must act (again). */
export class ChallengeError extends IdentityError {
  override readonly name = 'ChallengeError';
}
/** The portal said no, or nothing sensible. */
export class PortalError extends IdentityError {
  override readonly name = 'PortalError';
}
/** Page and worker could not talk. */
export class ConnectionError extends IdentityError {
  override readonly name = 'ConnectionError';
}

/** Whether an error has no message but code and facts, because the messages were not loaded when it was made. */
export const lacksMessage = (error: IdentityError): boolean => error.message.startsWith(error.code);

/** An error as a value: Comlink and structured clone drop class and code of thrown ones. */
export interface WireError {
  code: ErrorCode;
  facts: Facts;
}

/** What every call over the channel answers. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: WireError };

/**
 * Turns whatever was thrown into a wire error; what is not ours becomes `internal-error`, redacted.
 *
 * @param isOurs - Recognises our errors; without, those made in this realm by this copy of the code.
 */
export function toWireError(
  error: unknown,
  isOurs: (error: unknown) => error is IdentityError = (given) => given instanceof IdentityError,
): WireError {
  return isOurs(error)
    ? { code: error.code, facts: error.facts }
    : { code: 'internal-error', facts: redactError(error) };
}

/** One of our errors as it is; anything else as `internal-error`, redacted: its own text could hold a URL with a token. */
export const toIdentityError = (error: unknown): IdentityError =>
  error instanceof IdentityError ? error : new IdentityError('internal-error', redactError(error));

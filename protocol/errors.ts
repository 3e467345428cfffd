/** The error classes, and their form on the wire between page and worker. */
import {
  challengeCodes,
  configurationCodes,
  connectionCodes,
  portalCodes,
  type ErrorCode,
  type ErrorMessage,
  type Facts,
} from './error-codes.js';
import { isRecord } from './record.js';
import { redactError } from './redact-error.js';

export { errorCodes, type ErrorCode, type Facts } from './error-codes.js';

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

const classes: readonly (readonly [typeof IdentityError, readonly unknown[]])[] = [
  [ConfigurationError, configurationCodes],
  [ConnectionError, connectionCodes],
  [ChallengeError, challengeCodes],
  [PortalError, portalCodes],
];

/** The class of a code; `undefined` for what is no code of ours. */
const classOf = (code: unknown): typeof IdentityError | undefined =>
  classes.find(([, codes]) => codes.includes(code))?.[0];

/** Makes the error of the class that belongs to a code. */
export function identityError(code: ErrorCode, facts: Facts = {}): IdentityError {
  return new (classOf(code) ?? IdentityError)(code, facts);
}

/** Whether an error has no message but code and facts, because the messages were not loaded when it was made. */
export const lacksMessage = (error: IdentityError): boolean => error.message.startsWith(error.code);

/** Recognises our errors from any realm or second copy of the bundle, where `instanceof` fails. */
export function isIdentityError(error: unknown): error is IdentityError {
  return isRecord(error) && classOf(error['code']) !== undefined;
}

/** An error as a value: Comlink and structured clone drop class and code of thrown ones. */
export interface WireError {
  code: ErrorCode;
  facts: Facts;
}

/** What every call over the channel answers. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: WireError };

/** Turns whatever was thrown into a wire error; what is not ours becomes `internal-error`, redacted. */
export function toWireError(error: unknown): WireError {
  return isIdentityError(error)
    ? { code: error.code, facts: error.facts }
    : { code: 'internal-error', facts: redactError(error) };
}

/** Makes the thrown class of a wire error; an unknown code (a newer worker) becomes `internal-error`. */
export function fromWireError(wire: WireError): IdentityError {
  return classOf(wire.code) ? identityError(wire.code, wire.facts) : identityError('internal-error');
}

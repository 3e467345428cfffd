/** Errors as pages make and recognise them: a class for each group of codes. */
import { groupOf, type ErrorCode, type Facts, type Group } from './error-codes.js';
import {
  ChallengeError,
  ConfigurationError,
  ConnectionError,
  type IdentityError,
  PortalError,
  toWireError as toWireErrorOf,
  type WireError,
} from './identity-error.js';
import { isRecord } from './record.js';

export { errorCodes, type ErrorCode, type Facts } from './error-codes.js';
export {
  addErrorMessages,
  ChallengeError,
  ConfigurationError,
  ConnectionError,
  IdentityError,
  lacksMessage,
  PortalError,
  type Result,
  type WireError,
} from './identity-error.js';

const classes = {
  configuration: ConfigurationError,
  challenge: ChallengeError,
  portal: PortalError,
  connection: ConnectionError,
} satisfies Record<Group, typeof IdentityError>;

/** Makes the error of the class that belongs to a code. */
export function identityError(code: ErrorCode, facts: Facts = {}): IdentityError {
  return new classes[groupOf(code) ?? 'connection'](code, facts);
}

/** Recognises our errors from any realm or second copy of the bundle, where `instanceof` fails. */
export function isIdentityError(error: unknown): error is IdentityError {
  return isRecord(error) && groupOf(error['code']) !== undefined;
}

/** Turns whatever was thrown into a wire error; what is not ours becomes `internal-error`, redacted. */
export const toWireError = (error: unknown): WireError => toWireErrorOf(error, isIdentityError);

/** Makes the thrown class of a wire error; an unknown code (a newer worker) becomes `internal-error`. */
export function fromWireError(wire: WireError): IdentityError {
  return groupOf(wire.code) ? identityError(wire.code, wire.facts) : identityError('internal-error');
}

/** Errors as pages make and recognise them: a class for each group of codes. */
import {
  challengeCodes,
  configurationCodes,
  connectionCodes,
  portalCodes,
  type ErrorCode,
  type Facts,
} from './error-codes.js';
import {
  ChallengeError,
  ConfigurationError,
  ConnectionError,
  IdentityError,
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

/** Recognises our errors from any realm or second copy of the bundle, where `instanceof` fails. */
export function isIdentityError(error: unknown): error is IdentityError {
  return isRecord(error) && classOf(error['code']) !== undefined;
}

/** Turns whatever was thrown into a wire error; what is not ours becomes `internal-error`, redacted. */
export const toWireError = (error: unknown): WireError => toWireErrorOf(error, isIdentityError);

/** Makes the thrown class of a wire error; an unknown code (a newer worker) becomes `internal-error`, and facts of other types are left out. */
export function fromWireError({ code, facts }: WireError): IdentityError {
  const told = Object.entries(facts ?? {}).filter(([, fact]) => /^(str|num)/.test(typeof fact));
  return classOf(code)
    ? identityError(code, Object.fromEntries(told) as Facts)
    : identityError('internal-error');
}

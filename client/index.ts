/**
 * Public entry for pages. Importing it does nothing; it may be imported where there is no browser.
 *
 * @module identity-worker
 */
export {
  IdentityManager,
  type IdentityManagerOptions,
  type RedirectOutcome,
  type SignInOptions,
  type SignOutOptions,
} from './identity-manager.js';
export type { Control, ControlReason } from './control.js';
export {
  ActivityEvent,
  OAuthCodeRequiredEvent,
  SignInElsewhereEvent,
  type IdentityEventMap,
} from './events.js';
export type { SignInTexts } from './login/texts.js';
export type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
export type { Activity } from '../protocol/messages.js';
export {
  ChallengeError,
  ConfigurationError,
  ConnectionError,
  IdentityError,
  isIdentityError,
  PortalError,
  type ErrorCode,
  type Facts,
} from '../protocol/errors.js';

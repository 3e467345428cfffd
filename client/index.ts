/**
 * Public entry for pages. Importing it does nothing; it may be imported where there is no browser.
 *
 * @module identity-worker
 */
export { IdentityManager } from './identity-manager.js';
export type { RedirectOutcome } from './state-sync.js';
export type { IdentityManagerOptions, PortalOption, SignInOptions, SignOutOptions } from './options.js';
export type { ClientReport, ClientReportReason } from './inspect-clients.js';
export {
  ActivityEvent,
  OAuthCodeRequiredEvent,
  RequestTracedEvent,
  SignInElsewhereEvent,
  type IdentityEventMap,
} from './events.js';
export type { SignInTexts } from './sign-in/texts.js';
export type { CredentialInfo, PortalInfo } from '../protocol/credential-info.js';
export type { RequestTracing } from './request-tracing.js';
export type { Activity } from '../protocol/messages.js';
export type {
  NotSignedReason,
  TracedOutcome,
  TracedRequest,
  TraceFact,
  TraceStep,
  TokenPlace,
  WaitReason,
} from '../protocol/traced-request.js';
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

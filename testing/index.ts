/**
 * A portal on this machine, for the development and the tests of apps: ArcGIS's wire behaviour, invented data, real sign-in pages.
 *
 * @module identity-worker-testing
 */
export {
  PortalStartError,
  startPortal,
  type PortalStartErrorCode,
  type TestPortalOptions,
  type TestService,
  type TestUser,
} from './start-portal.js';
export { InvalidFault } from '../demo/portal/index.js';
export type {
  Certificate,
  CorsMode,
  EnvelopeShape,
  ErrorStyle,
  Fault,
  FederatedName,
  Hold,
  HoldOptions,
  LogEntry,
  LogFilter,
  Portal,
  PortalControl,
  RequestLog,
  ServerName,
  Share,
  Stage,
  Switches,
  TokenFilter,
  TokenKind,
  TokenLabel,
  TokenPlacement,
} from '../demo/portal/index.js';

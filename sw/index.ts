/**
 * Public entry for an app's own worker. Importing it does nothing.
 *
 * @module identity-worker/sw
 */
export { IdentityWorker, type IdentityWorkerOptions } from './identity-worker.js';
export {
  arcgisEnterprise,
  arcgisOnline,
  oauthServer,
  type PortalRegistration,
} from './portals/registration.js';
export type { ArcGISEnterpriseOptions, ArcGISOnlineOptions } from './portals/arcgis.js';
export type { OAuthServerOptions } from './portals/oauth-server.js';
export type {
  Allowance,
  ImageAnswers,
  Persistence,
  CallbackHandler,
  TokenPlacement,
} from './portals/portal.js';
export { ConfigurationError, IdentityError, isIdentityError, type ErrorCode } from '../protocol/errors.js';

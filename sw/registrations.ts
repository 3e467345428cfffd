/** What both public entries of the worker have: registrations, their types, errors. */
export {
  arcgisEnterprise,
  arcgisOnline,
  type ArcGISEnterpriseOptions,
  type ArcGISOnlineOptions,
} from './portals/arcgis.js';
export { oauthServer, type OAuthServerOptions } from './portals/oauth-server.js';
export type {
  Allowance,
  CallbackHandler,
  ImageAnswers,
  PortalRegistration,
  TokenPlacement,
} from './portals/portal.js';
export type { Persistence } from './storage/key-ring.js';
export { ConfigurationError, IdentityError, isIdentityError, type ErrorCode } from '../protocol/errors.js';

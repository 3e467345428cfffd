/** Public entry for an app's own worker (`identity-worker/sw`). Importing it does nothing. */
export { IdentityWorker, type IdentityWorkerOptions } from './identity-worker.js';
export { arcgisEnterprise, arcgisOnline, type ArcGISEnterpriseOptions, type ArcGISOnlineOptions } from './portals/arcgis.js';
export { oauthServer, type OAuthServerOptions } from './portals/oauth-server.js';
export type { PortalDefinition, TokenPlacement } from './portals/portal.js';
export { ConfigurationError, IdentityError, isIdentityError, type ErrorCode } from '../protocol/errors.js';

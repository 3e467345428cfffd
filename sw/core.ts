/**
 * Public entry for a worker that carries only what it uses: no part but those that the option `parts` names.
 * Importing it does nothing.
 *
 * @module identity-worker/sw/core
 */
export { IdentityWorker, type IdentityWorkerOptions } from './identity-worker.js';
export {
  arcgisEnterprise,
  arcgisOnline,
  type ArcGISEnterpriseOptions,
  type ArcGISOnlineOptions,
} from './portals/arcgis.js';
export { appLogin, type AppLoginOptions } from './parts/app-login.js';
export { oauthServer, type OAuthServerOptions } from './portals/oauth-server.js';
export type { Allowance, CallbackHandler, PortalRegistration, TokenPlacement } from './portals/portal.js';
export type { Persistence } from './storage/persistence.js';
export {
  ChallengeError,
  ConfigurationError,
  IdentityError,
  isIdentityError,
  type ErrorCode,
} from '../protocol/errors.js';
export { activity } from './parts/activity.js';
export { clientList } from './parts/client-list.js';
export { federation } from './parts/federation.js';
export { keepalive } from './parts/keepalive.js';
export { redirectReturn } from './parts/redirect-return.js';
export { sealedLevel } from './parts/sealed-level.js';
export { staticRoutes } from './parts/static-routes.js';
export { strictCallback } from './parts/strict-callback.js';
export { tracing } from './parts/tracing.js';
export { webTier } from './parts/web-tier.js';
export type { WorkerPart } from './worker-part.js';

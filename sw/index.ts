/**
 * Public entry for an app's own worker, with all parts. Importing it does nothing.
 *
 * @module identity-worker/sw
 */
import {
  IdentityWorker as CoreWorker,
  type IdentityWorkerOptions as CoreOptions,
} from './identity-worker.js';
import type { Route } from 'workbox-routing/Route.js';
import { activity as activityPart } from './parts/activity.js';
import { clientList } from './parts/client-list.js';
import { federation } from './parts/federation.js';
import { keepalive } from './parts/keepalive.js';
import { redirectReturn } from './parts/redirect-return.js';
import { sealedLevel } from './parts/sealed-level.js';
import { staticRoutes } from './parts/static-routes.js';
import { strictCallback } from './parts/strict-callback.js';
import { tracing } from './parts/tracing.js';
import { webTier } from './parts/web-tier.js';
import { workboxRoutes } from './workbox-routes.js';
import type { WorkerPart } from './worker-part.js';

export {
  arcgisEnterprise,
  arcgisOnline,
  type ArcGISEnterpriseOptions,
  type ArcGISOnlineOptions,
} from './portals/arcgis.js';
export { appLogin, type AppLoginOptions } from './parts/app-login.js';
export { oauthServer, type OAuthServerOptions } from './portals/oauth-server.js';
export type { Allowance, CallbackHandler, PortalRegistration, TokenPlacement } from './portals/portal.js';
export type { WorkerPart } from './worker-part.js';
export type { Persistence } from './storage/persistence.js';
export {
  ChallengeError,
  ConfigurationError,
  IdentityError,
  isIdentityError,
  type ErrorCode,
} from '../protocol/errors.js';

/** Options of {@link IdentityWorker}. */
export interface IdentityWorkerOptions extends Omit<CoreOptions, 'parts'> {
  /** Tells pages what is done to each request, redacted, for a panel that shows it. Costs a message a request. Default `false`. */
  activity?: boolean;
  /**
   * For a worker that does nothing but sign: requests to other origins no longer start it, where the browser has static
   * routing. Default `false`: other listeners of the worker would not see those requests either.
   */
  staticRouting?: boolean;
  /** More parts, such as `offline()` of `identity-worker/sw/offline`. */
  parts?: readonly WorkerPart[];
}

/**
 * The IdentityManager of a service worker: signs the requests of its pages to the registered portals.
 * Construct it at the top level of the worker's script: listeners must be there before the first event.
 *
 * It does not throw: with a registration that cannot be used nothing is signed, the console of the worker and every
 * page's `ready` get the ConfigurationError, and the rest of the app's worker works on.
 *
 * @example
 * const identity = new IdentityWorker({
 *   portals: [arcgisEnterprise({ url: 'https://gis.example.org/portal', clientId: 'abc', redirectUri: '/signed-in.html' })],
 * });
 * identity.listen();
 */
export class IdentityWorker extends CoreWorker {
  constructor({ activity = false, staticRouting = false, parts = [], ...options }: IdentityWorkerOptions) {
    super({
      ...options,
      parts: [
        clientList(),
        federation(),
        webTier(),
        strictCallback(),
        redirectReturn(),
        sealedLevel(),
        keepalive(),
        tracing(),
        ...(staticRouting ? [staticRoutes()] : []),
        ...(activity ? [activityPart()] : []),
        ...parts,
      ],
    });
  }
  /**
   * What `handle()` does as workbox routes, one a method, for an app's own workbox Router. Other methods than theirs need
   * `handle()`; the messages of pages need `listenToPages()`.
   */
  get routes(): readonly Route[] {
    return workboxRoutes(this);
  }
}

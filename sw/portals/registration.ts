/** The registrations of an app's worker: checked by IdentityWorker, which answers a wrong one to the pages. */
import {
  arcgisEnterprise as defineEnterprise,
  arcgisOnline as defineOnline,
  type ArcGISEnterpriseOptions,
  type ArcGISOnlineOptions,
} from './arcgis.js';
import { oauthServer as defineServer, type OAuthServerOptions } from './oauth-server.js';
import type { PortalDefinition } from './portal.js';

/**
 * A portal to be registered. A mistake in it must not take the app's whole worker down, so it is looked at late.
 *
 * @throws ConfigurationError for options that cannot be used.
 */
export type PortalRegistration = () => PortalDefinition;

/** Registers an ArcGIS Enterprise portal. Its sharing API takes the portal's token; federated servers get tokens of their own. */
export const arcgisEnterprise =
  (options: ArcGISEnterpriseOptions): PortalRegistration =>
  () =>
    defineEnterprise(options);

/** Registers ArcGIS Online: `www.arcgis.com`, every organisation's host and the hosted services of `*.arcgis.com`. */
export const arcgisOnline =
  (options: ArcGISOnlineOptions): PortalRegistration =>
  () =>
    defineOnline(options);

/** Registers any OAuth 2.0 server with metadata (RFC 8414, OpenID Connect Discovery), and the APIs that take its tokens. */
export const oauthServer =
  (options: OAuthServerOptions): PortalRegistration =>
  () =>
    defineServer(options);

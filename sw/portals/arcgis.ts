/** ArcGIS Online and ArcGIS Enterprise as portals. */
import { parseClientId } from '../../protocol/registration.js';
import { arcgisPortal, online, ONLINE } from './arcgis-portal.js';
import type { PortalRegistration, TokenPlacement } from './portal.js';
import {
  optionInvalid,
  parsePrefixes,
  parseShared,
  parseTokenPlacement,
  type SharedOptions,
} from './portal-options.js';
import { portalRoot, readPortalUrl } from './portal-url.js';

/** Options shared by both kinds of ArcGIS portal. */
interface ArcGISOptions extends SharedOptions {
  /** Id the portal issued when the app was registered (ArcGIS REST: Register App). */
  clientId: string;
  /** Where the token goes. Default `auto`: query or form, which need no preflight. */
  tokenPlacement?: TokenPlacement;
  /** Wished life of the session (refresh token), in minutes; the organisation may cap it. Default: the portal's, two weeks. */
  expirationMinutes?: number;
  /** Language of the sign-in page, such as `de` or `pt-BR`. Default: the portal's. */
  locale?: string;
  /** Name shown in the sign-in prompt. Default: the host name. */
  name?: string;
  /** URL prefixes that take the portal's own token, such as hosted services on another host. */
  resources?: readonly string[];
  /** Roots of federated servers, such as `https://gis.example.org/server`. Others are found through their `rest/info`. */
  servers?: readonly string[];
}

/** Options of {@link arcgisEnterprise}. */
export interface ArcGISEnterpriseOptions extends ArcGISOptions {
  /** The portal's root with its context path, such as `https://gis.example.org/portal`. */
  url: string;
  /**
   * The portal sits behind web-tier authentication (Windows, client certificates): cookies go to it, and to the servers
   * that it lists as `authorizedCrossOriginDomains`, whatever the page's credentials mode. Default `false`.
   */
  webTier?: boolean;
}

/** Options of {@link arcgisOnline}. */
export interface ArcGISOnlineOptions extends ArcGISOptions {
  /** Organisation URL, used for the sign-in page only. Default `https://www.arcgis.com`. */
  url?: string;
}

/** Reads and checks what both kinds of portal share. */
function read(
  url: string,
  scope: string,
  options: ArcGISOptions,
  webTier: unknown = false,
): Parameters<typeof arcgisPortal>[0] {
  const sharing = readPortalUrl(`${url}/sharing/`, 'url');
  const { expirationMinutes, locale, name } = options;
  if (
    expirationMinutes !== undefined &&
    !(Number.isInteger(expirationMinutes) && (expirationMinutes > 0 || expirationMinutes === -1))
  ) {
    throw optionInvalid({ field: 'expirationMinutes' });
  }
  if (typeof webTier !== 'boolean') throw optionInvalid({ field: 'webTier' });
  return {
    url,
    sharing,
    name,
    clientId: parseClientId(options.clientId, sharing.origin),
    tokenPlacement: parseTokenPlacement(options.tokenPlacement),
    ...parseShared(options, scope),
    webTier,
    resources: parsePrefixes(options.resources, 'resources'),
    servers: parsePrefixes(options.servers, 'servers'),
    authorizationParameters: { expiration: expirationMinutes?.toString(), locale },
  };
}

/**
 * Registers an ArcGIS Enterprise portal. Its sharing API takes the portal's token; federated servers get tokens of their own.
 *
 * @returns A registration; what is wrong with it is reported by `IdentityWorker`: ConfigurationError `portal-url-invalid`,
 * `portal-insecure`, `client-id-missing`, `redirect-uri-invalid`, `redirect-uri-outside-scope`, `option-invalid`.
 * @see ArcGIS REST API: Authorize, Token, Generate Token
 */
export const arcgisEnterprise =
  (options: ArcGISEnterpriseOptions): PortalRegistration =>
  (scope) =>
    arcgisPortal(read(portalRoot(readPortalUrl(options.url, 'url')), scope, options, options.webTier));

/**
 * Registers ArcGIS Online: `www.arcgis.com`, every organisation's host and the hosted services of `*.arcgis.com`.
 *
 * @returns A registration; what is wrong with it is reported by `IdentityWorker`: ConfigurationError `portal-url-invalid`,
 * `client-id-missing`, `redirect-uri-invalid`, `redirect-uri-outside-scope`, `option-invalid`.
 * @see ArcGIS REST API: Authorize, Token
 */
export const arcgisOnline =
  (options: ArcGISOnlineOptions): PortalRegistration =>
  (scope) => {
    const url = readPortalUrl(options.url ?? ONLINE, 'url');
    const root = portalRoot(url);
    if (root !== ONLINE) throw optionInvalid({ field: 'url' });
    return arcgisPortal(read(root, scope, { name: 'ArcGIS Online', ...options }), online(url));
  };

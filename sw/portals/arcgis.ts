/** ArcGIS Online and ArcGIS Enterprise as portals. */
import { parseClientId, parsePortalUrl } from '../../protocol/registration.js';
import { arcgisDialect } from '../oauth/arcgis-dialect.js';
import { normalizePortalUrl } from './portal-url.js';
import {
  optionInvalid,
  parsePlacement,
  parsePrefixes,
  parseShared,
  type PortalDefinition,
  type SharedOptions,
  type TokenPlacement,
} from './portal.js';

/** Options shared by both kinds of ArcGIS portal. */
interface ArcGISOptions extends SharedOptions {
  /** Id the portal issued when the app was registered (ArcGIS REST: Register App). */
  clientId: string;
  /** Page the portal sends the person back to, absolute or relative to the worker's scope; or `urn:ietf:wg:oauth:2.0:oob`. */
  redirectUri: string;
  /** Where the token goes. Default `auto`: query or form, which need no preflight. */
  placement?: TokenPlacement;
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

function define(url: string, options: ArcGISOptions, hostSuffix?: string): PortalDefinition {
  const root = new URL(url);
  const { expirationMinutes, locale, name } = options;
  if (
    expirationMinutes !== undefined &&
    !(Number.isInteger(expirationMinutes) && (expirationMinutes > 0 || expirationMinutes === -1))
  ) {
    throw optionInvalid({ field: 'expirationMinutes' });
  }
  const oauth = `${url}/sharing/rest/oauth2`;
  return {
    kind: 'arcgis',
    dialect: arcgisDialect,
    url,
    name: name ?? root.hostname,
    clientId: parseClientId(options.clientId, root.origin),
    redirectUri: options.redirectUri,
    placement: parsePlacement(options.placement),
    ...parseShared(options),
    webTier: false,
    resources: [new URL(`${url}/sharing/`), ...parsePrefixes(options.resources, 'resources')],
    servers: parsePrefixes(options.servers, 'servers'),
    ...(hostSuffix === undefined ? {} : { hostSuffix }),
    endpoints: {
      issuer: url,
      authorization_endpoint: `${oauth}/authorize`,
      token_endpoint: `${oauth}/token`,
      revocation_endpoint: `${oauth}/revokeToken`,
      end_session_endpoint: `${oauth}/signout`,
    },
    authorizationParameters: {
      ...(expirationMinutes === undefined ? {} : { expiration: String(expirationMinutes) }),
      ...(locale === undefined ? {} : { locale }),
    },
  };
}

/**
 * Registers an ArcGIS Enterprise portal. Its sharing API takes the portal's token; federated servers get tokens of their own.
 *
 * @throws ConfigurationError `portal-url-invalid`, `portal-insecure`, `client-id-missing`, `option-invalid`.
 * @see ArcGIS REST API: Authorize, Token, Generate Token
 */
export function arcgisEnterprise(options: ArcGISEnterpriseOptions): PortalDefinition {
  const url = parsePortalUrl(options.url, 'url');
  const { webTier = false } = options;
  if (typeof webTier !== 'boolean') throw optionInvalid({ field: 'webTier' });
  return { ...define(normalizePortalUrl(url.href) ?? url.origin, options), webTier };
}

/**
 * Registers ArcGIS Online: `www.arcgis.com`, every organisation's host and the hosted services of `*.arcgis.com`.
 *
 * @throws ConfigurationError `portal-url-invalid`, `client-id-missing`, `option-invalid`.
 * @see ArcGIS REST API: Authorize, Token
 */
export function arcgisOnline(options: ArcGISOnlineOptions): PortalDefinition {
  const url = parsePortalUrl(options.url ?? 'https://www.arcgis.com', 'url');
  const normal = normalizePortalUrl(url.href);
  if (normal !== 'https://www.arcgis.com') throw optionInvalid({ field: 'url' });
  const definition = define(normal, { name: 'ArcGIS Online', ...options }, '.arcgis.com');
  if (definition.endpoints === undefined || url.hostname === 'www.arcgis.com') return definition;
  // The organisation's own host shows the organisation's own sign-in page; tokens are the same.
  return {
    ...definition,
    endpoints: {
      ...definition.endpoints,
      authorization_endpoint: `${url.origin}/sharing/rest/oauth2/authorize`,
      end_session_endpoint: `${url.origin}/sharing/rest/oauth2/signout`,
    },
  };
}

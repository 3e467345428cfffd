/** ArcGIS Online and ArcGIS Enterprise as portals. */
import { parseClientId } from '../../protocol/registration.js';
import { arcgisDialect } from '../oauth/arcgis-server.js';
import { portalRoot, readPortalUrl } from './portal-url.js';
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

/** What the kinds of ArcGIS portal do not share. */
interface Kind {
  /** Where the person signs in and out; the portal itself, if not said. */
  readonly signInUrl?: string;
  readonly hostSuffix?: string;
  readonly webTier?: boolean | undefined;
}

function define(
  url: string,
  options: ArcGISOptions,
  { signInUrl = url, hostSuffix, webTier = false }: Kind,
): PortalDefinition {
  const sharing = readPortalUrl(`${url}/sharing/`, 'url');
  const { expirationMinutes, locale, name = sharing.hostname } = options;
  if (
    expirationMinutes !== undefined &&
    !(Number.isInteger(expirationMinutes) && (expirationMinutes > 0 || expirationMinutes === -1))
  ) {
    throw optionInvalid({ field: 'expirationMinutes' });
  }
  if (typeof webTier !== 'boolean') throw optionInvalid({ field: 'webTier' });
  const { images, persistence, callback, allow } = parseShared(options);
  const signIn = `${signInUrl}/sharing/rest/oauth2`;
  const oauth = `${url}/sharing/rest/oauth2`;
  return {
    kind: 'arcgis',
    dialect: arcgisDialect,
    url,
    name,
    clientId: parseClientId(options.clientId, sharing.origin),
    redirectUri: options.redirectUri,
    tokenPlacement: parsePlacement(options.tokenPlacement),
    images,
    persistence,
    callback,
    allow,
    webTier,
    resources: [sharing, ...parsePrefixes(options.resources, 'resources')],
    servers: parsePrefixes(options.servers, 'servers'),
    hostSuffix,
    endpoints: {
      issuer: url,
      authorization_endpoint: `${signIn}/authorize`,
      token_endpoint: `${oauth}/token`,
      revocation_endpoint: `${oauth}/revokeToken`,
      end_session_endpoint: `${signIn}/signout`,
    },
    authorizationParameters: { expiration: expirationMinutes?.toString(), locale },
  };
}

/**
 * Registers an ArcGIS Enterprise portal. Its sharing API takes the portal's token; federated servers get tokens of their own.
 *
 * @throws ConfigurationError `portal-url-invalid`, `portal-insecure`, `client-id-missing`, `option-invalid`.
 * @see ArcGIS REST API: Authorize, Token, Generate Token
 */
export function arcgisEnterprise(options: ArcGISEnterpriseOptions): PortalDefinition {
  const { webTier } = options;
  return define(portalRoot(readPortalUrl(options.url, 'url')), options, { webTier });
}

/**
 * Registers ArcGIS Online: `www.arcgis.com`, every organisation's host and the hosted services of `*.arcgis.com`.
 *
 * @throws ConfigurationError `portal-url-invalid`, `client-id-missing`, `option-invalid`.
 * @see ArcGIS REST API: Authorize, Token
 */
export function arcgisOnline(options: ArcGISOnlineOptions): PortalDefinition {
  const url = readPortalUrl(options.url ?? 'https://www.arcgis.com', 'url');
  const root = portalRoot(url);
  if (root !== 'https://www.arcgis.com') throw optionInvalid({ field: 'url' });
  // The organisation's own host shows the organisation's own sign-in page; tokens are the same.
  return define(
    root,
    { name: 'ArcGIS Online', ...options },
    { signInUrl: url.origin, hostSuffix: '.arcgis.com' },
  );
}

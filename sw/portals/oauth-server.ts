/** Any OAuth 2.0 authorization server and the APIs that take its tokens, as a portal. */
import { parseClientId } from '../../protocol/registration.js';
import { rfcDialect } from '../oauth/rfc-server.js';
import { readPortalUrl } from './portal-url.js';
import {
  optionInvalid,
  parsePlacement,
  parsePrefixes,
  parseShared,
  type PortalDefinition,
  type SharedOptions,
} from './portal.js';

/** Options of {@link oauthServer}. */
export interface OAuthServerOptions extends SharedOptions {
  /** Issuer identifier; its metadata (RFC 8414 or OpenID Connect Discovery) names the endpoints. */
  issuer: string;
  /** URL prefixes whose requests get the token, such as `https://api.example.org/v1/`. */
  resources: readonly string[];
  clientId: string;
  /** Page the server sends the person back to, absolute or relative to the worker's scope. */
  redirectUri: string;
  /** Space-separated scopes (RFC 6749 §3.3). */
  scope?: string;
  /** Where the token goes. Default `header` (RFC 6750 §2.1). */
  tokenPlacement?: 'header' | 'query';
  /** Name shown in the sign-in prompt. Default: the host name of the issuer. */
  name?: string;
}

/**
 * Registers an OAuth 2.0 server with discovery.
 *
 * @throws ConfigurationError `portal-url-invalid`, `portal-insecure`, `client-id-missing`, `option-invalid`.
 * @see RFC 6749, RFC 7636, RFC 8414
 */
export function oauthServer(options: OAuthServerOptions): PortalDefinition {
  const issuer = readPortalUrl(options.issuer, 'issuer');
  const resources = parsePrefixes(options.resources, 'resources');
  if (resources.length === 0) throw optionInvalid({ field: 'resources' });
  const tokenPlacement = parsePlacement(options.tokenPlacement);
  // RFC 6750 §2.2 has forms for bodies only, and asks servers to take them for nothing else.
  if (tokenPlacement === 'form') throw optionInvalid({ field: 'tokenPlacement' });
  return {
    kind: 'oauth',
    dialect: rfcDialect,
    // An issuer is compared as a string (RFC 8414 §3.3): it stays as written.
    url: options.issuer,
    name: options.name ?? issuer.hostname,
    clientId: parseClientId(options.clientId, issuer.origin),
    redirectUri: options.redirectUri,
    tokenPlacement: tokenPlacement === 'auto' ? 'header' : tokenPlacement,
    ...parseShared(options),
    webTier: false,
    resources,
    servers: [],
    hostSuffix: undefined,
    endpoints: undefined,
    authorizationParameters: { scope: options.scope },
  };
}

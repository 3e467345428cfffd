/** Any OAuth 2.0 authorization server and the APIs that take its tokens, as a portal. */
import { parseClientId } from '../../protocol/registration.js';
import { rfcServer } from '../oauth/rfc-server.js';
import type { PortalRegistration } from './portal.js';
import {
  optionInvalid,
  parsePrefixes,
  parseShared,
  parseTokenPlacement,
  type SharedOptions,
} from './portal-options.js';
import { readPortalUrl } from './portal-url.js';

/** Options of {@link oauthServer}. */
export interface OAuthServerOptions extends SharedOptions {
  /** Issuer identifier; its metadata (RFC 8414 or OpenID Connect Discovery) names the endpoints. */
  issuer: string;
  /** URL prefixes whose requests get the token, such as `https://api.example.org/v1/`. */
  resources: readonly string[];
  clientId: string;
  /** Space-separated scopes (RFC 6749 §3.3). */
  scope?: string;
  /** Where the token goes. Default `header` (RFC 6750 §2.1). */
  tokenPlacement?: 'header' | 'query';
  /** Name shown in the sign-in prompt. Default: the host name of the issuer. */
  name?: string;
}

/**
 * Registers an OAuth 2.0 server with metadata, and the APIs that take its tokens.
 *
 * @returns A registration; what is wrong with it is reported by `IdentityWorker`: ConfigurationError `portal-url-invalid`,
 * `portal-insecure`, `client-id-missing`, `redirect-uri-invalid`, `redirect-uri-outside-scope`, `option-invalid`.
 * @see RFC 6749, RFC 7636, RFC 8414
 */
export const oauthServer =
  (options: OAuthServerOptions): PortalRegistration =>
  (scope) => {
    const issuer = readPortalUrl(options.issuer, 'issuer');
    const resources = parsePrefixes(options.resources, 'resources');
    if (resources.length === 0) throw optionInvalid({ field: 'resources' });
    const tokenPlacement = parseTokenPlacement(options.tokenPlacement);
    // RFC 6750 §2.2 has forms for bodies only, and asks servers to take them for nothing else.
    if (tokenPlacement === 'form') throw optionInvalid({ field: 'tokenPlacement' });
    return {
      kind: 'oauth',
      authorizationServer: rfcServer,
      // An issuer is compared as a string (RFC 8414 §3.3): it stays as written.
      url: options.issuer,
      name: options.name ?? issuer.hostname,
      clientId: parseClientId(options.clientId, issuer.origin),
      tokenPlacement: tokenPlacement === 'auto' ? 'header' : tokenPlacement,
      ...parseShared(options, scope),
      webTier: false,
      resources,
      servers: [],
      mayFetch: [],
      hostSuffix: undefined,
      endpoints: undefined,
      authorizationParameters: { scope: options.scope },
    };
  };

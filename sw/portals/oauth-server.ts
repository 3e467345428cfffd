/** Any OAuth 2.0 authorization server and the APIs that take its tokens, as a portal. */
import { OUT_OF_BAND, parseClientId, parseRedirectUri } from '../../protocol/registration.js';
import { isRecord } from '../../protocol/record.js';
import type { Endpoints } from '../oauth/authorization-server.js';
import { ProofKey } from '../oauth/proof-key.js';
import { rfcServer } from '../oauth/rfc-server.js';
import { isUnsignableApi } from './unsignable-api-path.js';
import type { PortalRegistration } from './portal.js';
import {
  optionInvalid,
  parsePrefixes,
  parseId,
  parseShared,
  parseStatuses,
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
  /**
   * Binds the tokens to a key that cannot be exported (DPoP, RFC 9449): stolen, they are worth nothing. For servers and APIs that know
   * it; some demand it of a client, which their metadata do not tell. Default `false`.
   */
  dpop?: boolean;
  /** Name shown in the sign-in prompt. Default: the host name of the issuer. */
  name?: string;
  /**
   * Tells registrations of one issuer apart, such as for two audiences: letters, digits, `-` and `_`. The portal's URL, as pages name
   * it, is then `<issuer>#<id>`.
   */
  id?: string;
  /** The API that the tokens are for (RFC 8707 §2): sent with authorization and token requests. */
  resource?: string;
  /**
   * More parameters of the authorization request, such as `audience`, `acr_values`, `access_type`, or `prompt: 'consent'`, without
   * which some OpenID servers issue no refresh token. What a sign-in asks for (`silent`, `forceLogin`) goes before.
   */
  authorizationParameters?: Readonly<Record<string, string>>;
  /** More parameters of the requests to the token endpoint. */
  tokenParameters?: Readonly<Record<string, string>>;
  /** The endpoints, where the metadata of the issuer cannot be read by browsers. */
  endpoints?: {
    authorization: string;
    token: string;
    /** Where tokens are revoked at sign-out (RFC 7009). */
    revocation?: string;
    /** Where the server's own session ends (OpenID Connect RP-Initiated Logout 1.0). */
    endSession?: string;
    /** Where the user's name is asked for (OpenID Connect Core §5.3). */
    userinfo?: string;
    /** Where authorization requests are sent ahead (RFC 9126); given, they all are. */
    pushedAuthorization?: string;
  };
  /**
   * Page of the app to which the server sends the user back after its own sign-out (OpenID Connect RP-Initiated Logout 1.0 §2): absolute
   * or relative to the worker's scope, and one that calls `completeSignIn`. Default: `redirectUri`.
   */
  postLogoutRedirectUri?: string;
  /** Statuses by which the APIs ask for a token or reject one. Default: 401 (RFC 6750 §3); some answer 403. */
  refusalStatuses?: readonly number[];
}

/** Parameters that make a request what it is: no option overwrites them. */
const reserved =
  /^(client_(id|secret)|redirect_uri|response_(type|mode)|request(_uri)?|state|nonce|scope|code(_challenge(_method)?|_verifier)?|grant_type|refresh_token|dpop_jkt)$/;

function parseParameters(value: unknown, field: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw optionInvalid({ field });
  for (const [name, text] of Object.entries(value))
    if (reserved.test(name) || typeof text !== 'string') throw optionInvalid({ field: `${field}.${name}` });
  return value as Record<string, string>;
}

/** The endpoints under the names of RFC 8414. */
function parseEndpoints({ endpoints, issuer }: OAuthServerOptions): Endpoints | undefined {
  if (endpoints === undefined) return undefined;
  if (!isRecord(endpoints)) throw optionInvalid({ field: 'endpoints' });
  const { authorization, token, revocation, endSession, userinfo, pushedAuthorization } = endpoints;
  const read = (name: string, value: string): string => readPortalUrl(value, `endpoints.${name}`).href;
  const optional = (field: keyof Endpoints, name: string, value: string | undefined): object =>
    value === undefined ? {} : { [field]: read(name, value) };
  return {
    issuer,
    authorization_endpoint: read('authorization', authorization),
    token_endpoint: read('token', token),
    ...optional('revocation_endpoint', 'revocation', revocation),
    ...optional('end_session_endpoint', 'endSession', endSession),
    ...optional('userinfo_endpoint', 'userinfo', userinfo),
    ...optional('pushed_authorization_request_endpoint', 'pushedAuthorization', pushedAuthorization),
    ...(pushedAuthorization !== undefined && { require_pushed_authorization_requests: true }),
  };
}

function parsePostLogoutRedirectUri(value: unknown, scope: string): { postLogoutRedirectUri?: string } {
  if (value === undefined) return {};
  if (value === OUT_OF_BAND) throw optionInvalid({ field: 'postLogoutRedirectUri' });
  return { postLogoutRedirectUri: parseRedirectUri(value, scope) };
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
    const { dpop = false } = options;
    // A proof goes into a header, and the token with it (RFC 9449 §7.1).
    if (typeof dpop !== 'boolean' || (dpop && tokenPlacement === 'query'))
      throw optionInvalid({ field: 'dpop' });
    const resource = options.resource === undefined ? {} : { resource: options.resource };
    const refusalStatuses = parseStatuses(options.refusalStatuses);
    // An issuer is compared as a string (RFC 8414 §3.3): it stays as written.
    const name = options.issuer + parseId(options.id);
    return {
      kind: 'oauth',
      authorizationServer: rfcServer,
      url: name,
      issuer: options.issuer,
      name: options.name ?? issuer.hostname,
      clientId: parseClientId(options.clientId, issuer.origin),
      tokenPlacement: tokenPlacement === 'auto' ? 'header' : tokenPlacement,
      ...parseShared(options, scope),
      ...parsePostLogoutRedirectUri(options.postLogoutRedirectUri, scope),
      webTier: false,
      resources,
      isUnsignable(url) {
        return isUnsignableApi(url, this);
      },
      servers: [],
      mayFetch: [],
      hostSuffix: undefined,
      endpoints: parseEndpoints(options),
      authorizationParameters: {
        ...parseParameters(options.authorizationParameters, 'authorizationParameters'),
        ...resource,
        scope: options.scope,
      },
      tokenParameters: { ...parseParameters(options.tokenParameters, 'tokenParameters'), ...resource },
      ...(refusalStatuses && { refusalStatuses }),
      ...(dpop && { proofs: new ProofKey(name) }),
    };
  };

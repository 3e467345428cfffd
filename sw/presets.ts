/**
 * Public entry with what is known of OAuth servers that many apps use: options of `oauthServer`, which an app spreads and completes.
 * Importing it does nothing.
 *
 * @module identity-worker/presets
 */
import { ConfigurationError } from '../protocol/identity-error.js';
import type { OAuthServerOptions } from './portals/oauth-server.js';

/** What a preset sets, for `oauthServer({ ...preset, clientId, redirectUri, resources })`. */
export type OAuthServerPreset = Pick<
  OAuthServerOptions,
  'issuer' | 'resource' | 'authorizationParameters'
> & {
  /** Those that the preset needs, and those of the API. */
  scope: string;
};

/** What all presets take. */
export interface PresetOptions {
  /** Scopes of the API, separated by spaces. Those that the worker needs are added. Default: none. */
  scope?: string;
}

/** @throws ConfigurationError `option-invalid` for a value that cannot be right. */
function matched(value: unknown, shape: RegExp, field: string): string {
  if (typeof value === 'string' && shape.test(value)) return value;
  throw new ConfigurationError('option-invalid', { field });
}

const hostName = /^[\w-]+(\.[\w-]+)+(:\d+)?$/;
const address = /^https?:\/\/[^?#]+$/;
const segment = /^[^/?#]+$/;
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** An address without the slashes at its end. */
const rootOf = (url: unknown, field: string): string => matched(url, address, field).replace(/\/+$/, '');

const segmentOf = (value: unknown, field: string): string =>
  encodeURIComponent(matched(value, segment, field));

/** The scopes of a preset and of the API, each once. */
const scopesOf = (own: string, { scope = '' }: PresetOptions): string =>
  [...new Set(`${own} ${scope}`.split(' '))].filter((name) => name !== '').join(' ');

/** Options of {@link keycloak}. */
export interface KeycloakOptions extends PresetOptions {
  /** Address of the server, with the path that it is served under, such as `https://sso.example.org` or, before version 17, `…/auth`. */
  url: string;
  realm: string;
}

/**
 * Keycloak, one realm. Refresh tokens come without `offline_access`, and end with the session of the user.
 *
 * @throws ConfigurationError `option-invalid`: `url`, `realm`.
 * @see https://www.keycloak.org/securing-apps/oidc-layers
 */
export const keycloak = (options: KeycloakOptions): OAuthServerPreset => ({
  issuer: `${rootOf(options.url, 'url')}/realms/${segmentOf(options.realm, 'realm')}`,
  scope: scopesOf('openid', options),
});

/** Options of {@link auth0}. */
export interface Auth0Options extends PresetOptions {
  /** Host name of the tenant or its custom domain, such as `my-tenant.eu.auth0.com`. */
  domain: string;
  /** Identifier of the API. Without it access tokens are for Auth0's own userinfo endpoint. */
  audience?: string;
}

/**
 * Auth0, one tenant.
 *
 * @throws ConfigurationError `option-invalid`: `domain`.
 * @see https://auth0.com/docs/secure/tokens/refresh-tokens/get-refresh-tokens
 */
export const auth0 = ({ domain, audience, ...options }: Auth0Options): OAuthServerPreset => ({
  // The issuer ends in a slash.
  issuer: `https://${matched(domain, hostName, 'domain')}/`,
  scope: scopesOf('openid profile offline_access', options),
  ...(audience !== undefined && { authorizationParameters: { audience } }),
});

/** Options of {@link entraId}. */
export interface EntraIdOptions extends PresetOptions {
  /**
   * Directory (tenant) id, a GUID. `common`, `organizations` and domain names do not do: the metadata then name another issuer. For
   * personal accounts `9188040d-6c67-4c5b-b112-36a304b66dad`, the tenant that `consumers` stands for.
   */
  tenant: string;
}

/**
 * Microsoft Entra ID, one tenant of the public cloud. The scope of the API, such as `api://<its client id>/read`, decides whom the access
 * token is for.
 *
 * @throws ConfigurationError `option-invalid`: `tenant`.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
 */
export const entraId = (options: EntraIdOptions): OAuthServerPreset => ({
  issuer: `https://login.microsoftonline.com/${matched(options.tenant, uuid, 'tenant').toLowerCase()}/v2.0`,
  scope: scopesOf('openid profile offline_access', options),
});

/** Options of {@link okta}. */
export interface OktaOptions extends PresetOptions {
  /** Host name of the org or its custom domain, such as `my-org.okta.com`. */
  domain: string;
  /** Id of the custom authorization server. Default `default`. Tokens of the org's own one are for Okta's APIs alone. */
  authorizationServer?: string;
}

/**
 * Okta, one custom authorization server.
 *
 * @throws ConfigurationError `option-invalid`: `domain`, `authorizationServer`.
 * @see https://developer.okta.com/docs/concepts/auth-servers/
 */
export const okta = ({ authorizationServer = 'default', ...options }: OktaOptions): OAuthServerPreset => ({
  issuer: `https://${matched(options.domain, hostName, 'domain')}/oauth2/${segmentOf(authorizationServer, 'authorizationServer')}`,
  scope: scopesOf('openid profile offline_access', options),
});

/** Options of {@link cognito}. */
export interface CognitoOptions extends PresetOptions {
  /** Id of the user pool, such as `eu-west-1_AbCdEf123`: its region stands in front. */
  userPoolId: string;
}

/**
 * An Amazon Cognito user pool with a domain. There is no scope `offline_access`: a refresh token comes with every code.
 *
 * @throws ConfigurationError `option-invalid`: `userPoolId`.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
 */
export function cognito(options: CognitoOptions): OAuthServerPreset {
  const pool = matched(options.userPoolId, /^[a-z\d-]+_[a-z\d]+$/i, 'userPoolId');
  const [region] = pool.split('_');
  return {
    issuer: `https://cognito-idp.${region}.amazonaws.com/${pool}`,
    scope: scopesOf('openid', options),
  };
}

/** Options of {@link logto}. */
export interface LogtoOptions extends PresetOptions {
  /** Address of the Logto endpoint, such as `https://my-tenant.logto.app`. */
  endpoint: string;
  /** Identifier of the API. Without it access tokens are opaque, and for Logto's own userinfo endpoint. */
  resource?: string;
}

/**
 * Logto, one tenant. It issues refresh tokens with `prompt=consent` only.
 *
 * @throws ConfigurationError `option-invalid`: `endpoint`.
 * @see https://docs.logto.io/authorization/global-api-resources
 */
export const logto = ({ endpoint, resource, ...options }: LogtoOptions): OAuthServerPreset => ({
  issuer: `${rootOf(endpoint, 'endpoint')}/oidc`,
  scope: scopesOf('openid profile offline_access', options),
  authorizationParameters: { prompt: 'consent' },
  ...(resource !== undefined && { resource }),
});

/** Options of {@link authentik}. */
export interface AuthentikOptions extends PresetOptions {
  /** Address of the server, such as `https://auth.example.org`. */
  url: string;
  /** Slug of the application. */
  slug: string;
}

/**
 * authentik, one application with an OAuth2 provider whose issuer is its own (the default).
 *
 * @throws ConfigurationError `option-invalid`: `url`, `slug`.
 * @see https://docs.goauthentik.io/add-secure-apps/providers/oauth2/
 */
export const authentik = (options: AuthentikOptions): OAuthServerPreset => ({
  // The issuer ends in a slash.
  issuer: `${rootOf(options.url, 'url')}/application/o/${segmentOf(options.slug, 'slug')}/`,
  scope: scopesOf('openid profile offline_access', options),
});

/**
 * Public entry with what is known of OAuth servers that many apps use: registrations that take the place of `oauthServer`. Importing it
 * does nothing.
 *
 * @module identity-worker/presets
 */
import { ConfigurationError } from '../protocol/identity-error.js';
import { oauthServer, type OAuthServerOptions } from './portals/oauth-server.js';
import type { PortalRegistration } from './portals/portal.js';

/** What a preset leaves to the app; scopes that the worker needs are added to those of the API. */
export type PresetOptions = Omit<OAuthServerOptions, 'issuer' | 'endpoints'>;

/** What is known of a server. */
type Settings = Pick<OAuthServerOptions, 'issuer' | 'authorizationParameters'> & { readonly scope: string };

/** A mistake in the options is reported by the worker like any other in a registration, and does not stop its script. */
const preset =
  (options: PresetOptions, settingsOf: () => Settings): PortalRegistration =>
  (workerScope) => {
    const { issuer, scope, authorizationParameters } = settingsOf();
    return oauthServer({
      ...options,
      issuer,
      scope: scopesOf(scope, options),
      authorizationParameters: { ...authorizationParameters, ...options.authorizationParameters },
    })(workerScope);
  };

/** @throws ConfigurationError `option-invalid` for a value that cannot be right. */
function matched(value: unknown, shape: RegExp, field: string): string {
  if (typeof value === 'string' && shape.test(value)) return value;
  throw new ConfigurationError('option-invalid', { field });
}

const hostName = /^[\w-]+(\.[\w-]+)+(:\d+)?$/;
const address = /^https?:\/\/[^?#]+$/;
/** Half a surrogate pair has no place in an address. */
const segment = /^[^/?#\ud800-\udfff]+$/u;
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
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`url`, `realm`), and those of `oauthServer`.
 * @see https://www.keycloak.org/securing-apps/oidc-layers
 */
export const keycloak = (options: KeycloakOptions): PortalRegistration =>
  preset(options, () => ({
    issuer: `${rootOf(options.url, 'url')}/realms/${segmentOf(options.realm, 'realm')}`,
    scope: 'openid',
  }));

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
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`domain`), and those of `oauthServer`.
 * @see https://auth0.com/docs/secure/tokens/refresh-tokens/get-refresh-tokens
 */
export const auth0 = (options: Auth0Options): PortalRegistration =>
  preset(options, () => ({
    // The issuer ends in a slash.
    issuer: `https://${matched(options.domain, hostName, 'domain')}/`,
    scope: 'openid profile offline_access',
    ...(options.audience !== undefined && { authorizationParameters: { audience: options.audience } }),
  }));

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
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`tenant`), and those of `oauthServer`.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
 */
export const entraId = (options: EntraIdOptions): PortalRegistration =>
  preset(options, () => ({
    issuer: `https://login.microsoftonline.com/${matched(options.tenant, uuid, 'tenant').toLowerCase()}/v2.0`,
    scope: 'openid profile offline_access',
  }));

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
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`domain`, `authorizationServer`), and those of `oauthServer`.
 * @see https://developer.okta.com/docs/concepts/auth-servers/
 */
export const okta = (options: OktaOptions): PortalRegistration =>
  preset(options, () => ({
    issuer: `https://${matched(options.domain, hostName, 'domain')}/oauth2/${segmentOf(options.authorizationServer ?? 'default', 'authorizationServer')}`,
    scope: 'openid profile offline_access',
  }));

/** Options of {@link cognito}. */
export interface CognitoOptions extends PresetOptions {
  /** Id of the user pool, such as `eu-west-1_AbCdEf123`: its region stands in front. */
  userPoolId: string;
}

/**
 * An Amazon Cognito user pool with a domain. There is no scope `offline_access`: a refresh token comes with every code.
 *
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`userPoolId`), and those of `oauthServer`.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
 */
export const cognito = (options: CognitoOptions): PortalRegistration =>
  preset(options, () => {
    const pool = matched(options.userPoolId, /^[a-z\d-]+_[a-z\d]+$/i, 'userPoolId');
    const [region] = pool.split('_');
    return {
      issuer: `https://cognito-idp.${region}.amazonaws.com/${pool}`,
      scope: 'openid',
    };
  });

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
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`endpoint`), and those of `oauthServer`.
 * @see https://docs.logto.io/authorization/global-api-resources
 */
export const logto = (options: LogtoOptions): PortalRegistration =>
  preset(options, () => ({
    issuer: `${rootOf(options.endpoint, 'endpoint')}/oidc`,
    scope: 'openid profile offline_access',
    authorizationParameters: { prompt: 'consent' },
  }));

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
 * @returns A registration; a mistake in it is reported by `IdentityWorker`: ConfigurationError `option-invalid` (`url`, `slug`), and those of `oauthServer`.
 * @see https://docs.goauthentik.io/add-secure-apps/providers/oauth2/
 */
export const authentik = (options: AuthentikOptions): PortalRegistration =>
  preset(options, () => ({
    // The issuer ends in a slash.
    issuer: `${rootOf(options.url, 'url')}/application/o/${segmentOf(options.slug, 'slug')}/`,
    scope: 'openid profile offline_access',
  }));

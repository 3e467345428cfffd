/** What a registration is: checked, and resolved against the worker's scope. */
import { ConfigurationError } from '../../protocol/identity-error.js';
import type { OAuthClient } from '../oauth/authorization-server.js';
import type { Encrypter } from '../storage/encrypter.js';
import type { Persistence } from '../storage/persistence.js';
import type { PortalUrl } from './portal-url.js';

/**
 * Where the token goes in a request. `auto` is the placement that costs no CORS preflight. `form` asks operations by
 * form where it can: the page then gets the network's own response, exact in `type` and `redirected`, uncached.
 */
export type TokenPlacement = 'auto' | 'header' | 'query' | 'form';

/** Who takes the authorization response at the redirect URI: the page there, or the worker before any page script sees it. */
export type CallbackHandler = 'page' | 'worker';

/** What of a registration's URLs is signed: least privilege against script that misuses the worker. */
export interface Allowance {
  /** Methods that are signed, such as `GET`. Default: all. */
  methods?: readonly string[];
  /** Path prefixes that are signed, by whole segments, such as `/portal/sharing/rest/content/`. Default: all. */
  paths?: readonly string[];
}

/** How the portal's servers respond and where they take tokens. */
export type PortalKind = 'arcgis' | 'oauth';

/** Tokens of the app's own account, which sign requests where no user is signed in. */
export interface AppTokens {
  /** A good token in memory. */
  cachedToken(target: ServerOfToken, waitUntil: (work: Promise<unknown>) => void): string | undefined;
  /** @returns `undefined` where there is none. Never throws. */
  token(target: ServerOfToken): Promise<string | undefined>;
  /** Another token than the one that a server has refused; `undefined` where there is none. */
  renew(target: ServerOfToken, rejected: string): Promise<string | undefined>;
  /**
   * Whether there is no user who could be prompted instead.
   *
   * @throws `TokenEndpointUnavailable` where the app's server or the portal could not be asked: nobody is prompted for that.
   */
  isLast(): Promise<boolean>;
}

/** Root of the federated server whose token is asked for; `undefined` for the portal's. */
interface ServerOfToken {
  readonly serverRoot: string | undefined;
}

/** A registration that the worker works with. */
export interface Portal extends OAuthClient {
  readonly kind: PortalKind;
  /** Statuses of an API by which it asks for a token or rejects one; absent: 401. */
  readonly refusalStatuses?: readonly number[];
  /** Shown in the sign-in dialog. */
  readonly name: string;
  readonly tokenPlacement: TokenPlacement;
  readonly persistence: Persistence;
  readonly callback: CallbackHandler;
  /** Undefined: all of what the registration matches. */
  readonly allow: Allowance | undefined;
  /** Whether `allow` lets a request be signed; absent where it says nothing. */
  readonly allows?: (request: Request, url: URL) => boolean;
  /** Whether a URL must not be signed; absent: by the rules of ArcGIS. */
  isUnsignable?(url: URL): boolean;
  /** URL prefixes that take the portal's own token. */
  readonly resources: readonly PortalUrl[];
  /** Roots of federated ArcGIS Servers; each gets a token of its own from the portal. */
  readonly servers: readonly PortalUrl[];
  /** URL prefixes of other servers that a signed request may name for the portal's servers to fetch. */
  readonly mayFetch: readonly PortalUrl[];
  /** Host suffix whose hosts all take the portal's own token, such as `.arcgis.com`. */
  readonly hostSuffix: string | undefined;
  /** Whether a URL is one of those hosts', and takes the token. */
  readonly matchesHost?: (url: URL) => boolean;
  /** The tokens that sign a request where no user is signed in; `undefined` for requests that the app's registration does not allow. */
  readonly app?: (request: Request, url: URL) => AppTokens | undefined;
  /** From here on the app's server has to encrypt its tokens for this worker. */
  readonly sealedBy?: (encrypter: () => Promise<Encrypter>) => void;
  /** Nobody signs in here: pages see nothing of it. */
  readonly isAppOnly?: boolean;
  /** Takes its place among all registrations. */
  readonly join?: (portals: readonly Portal[]) => readonly Portal[];
}

/**
 * A portal to be registered. A mistake in it must not stop the app's whole worker, so it is checked when the worker is
 * constructed and reported to the pages.
 *
 * @param scope - The worker's scope, absolute.
 * @throws ConfigurationError for options that cannot be used.
 */
export type PortalRegistration = (scope: string) => Portal;

/**
 * What a stored credential is bound to: a changed registration does not get the old tokens. Computed on demand: a worker that
 * starts has few credentials, and may have a thousand registrations.
 */
export const fingerprintOf = ({
  url,
  clientId,
  redirectUri,
  resources,
  servers,
  hostSuffix,
  endpoints,
  persistence,
  authorizationParameters,
  proofs,
}: Portal): string =>
  JSON.stringify([
    url,
    clientId,
    redirectUri,
    resources.map(({ href }) => href),
    servers.map(({ href }) => href),
    hostSuffix,
    endpoints,
    persistence,
    // Tokens hold the scopes and the audience that were asked for (RFC 6749 §3.3, RFC 8707).
    ...['scope', 'audience', 'resource'].map((name) => authorizationParameters[name]),
    ...(proofs ? ['dpop'] : []),
  ]);

/**
 * Checks all registrations.
 *
 * @param registrations - From `arcgisOnline`, `arcgisEnterprise`, `oauthServer`, `appLogin`.
 * @param scope - The worker's scope, absolute.
 * @throws {@link ConfigurationError} as the registrations throw it; `option-invalid` where there is none.
 */
export function resolvePortals(
  registrations: readonly PortalRegistration[],
  scope: string,
): readonly Portal[] {
  if (!Array.isArray(registrations) || registrations.length === 0)
    throw new ConfigurationError('option-invalid', { field: 'portals' });
  const portals: readonly Portal[] = registrations.map((register) => register(scope));
  return portals.reduce((all, { join }) => join?.(all) ?? all, portals);
}

/** App logins: a portal whose requests are signed with tokens of the app's own account, which the app's server gives the worker. */
import { arcgisServer } from '../oauth/arcgis-server.js';
import { arcgisPortal, online, ONLINE } from '../portals/arcgis-portal.js';
import {
  optionInvalid,
  parseId,
  parsePrefixes,
  parseShared,
  parseStatuses,
  parseTokenPlacement,
  type SharedOptions,
} from '../portals/portal-options.js';
import type { Portal, PortalRegistration, TokenPlacement } from '../portals/portal.js';
import { isUnsignableApi } from '../portals/unsignable-api-path.js';
import { portalRoot, readPortalUrl, type PortalUrl } from '../portals/portal-url.js';
import { AppTokenCache } from '../tokens/app-tokens.js';

/** Options of {@link appLogin}. */
export interface AppLoginOptions extends Pick<SharedOptions, 'allow'> {
  /** The portal's root with its context path, such as `https://gis.example.org/portal`; with `kind: 'oauth'`, the issuer. */
  url: string;
  /** Address of the handler `appTokens` on the app's own server, such as `/app-tokens`. */
  tokens: string;
  /** What kind of server it is. Default `arcgis`. */
  kind?: 'arcgis' | 'oauth';
  /** URL prefixes that take the token, beside the sharing API of an ArcGIS portal. */
  resources?: readonly string[];
  /** Roots of federated servers; others are found through their `rest/info`. */
  servers?: readonly string[];
  /** URL prefixes of other servers that a signed request may name for the portal's servers to fetch. */
  mayFetch?: readonly string[];
  /** As of `oauthServer`: tells registrations of one issuer apart. The account's `url` on the server is then `<issuer>#<id>`. */
  id?: string;
  /** As of `oauthServer`: statuses by which the APIs ask for a token or reject one. Default: 401. */
  refusalStatuses?: readonly number[];
  /** Where the token goes. Default: query or form for ArcGIS, header for OAuth servers. */
  tokenPlacement?: TokenPlacement;
}

/**
 * Registers a portal, or an OAuth server and its APIs, to be signed with tokens of the app's own account. Nobody is prompted, and pages
 * see nothing of it. Users may sign in to the same portal beside it, by a registration of its own: then a request is signed with the
 * user's token where a user is signed in, else with the app's, and what the app may not see prompts the user.
 *
 * @returns A registration; what is wrong with it is reported by `IdentityWorker`: ConfigurationError `portal-url-invalid`,
 * `portal-insecure`, `option-invalid`.
 * @see RFC 6749 §4.4; ArcGIS REST API: Token
 */
export const appLogin =
  (options: AppLoginOptions): PortalRegistration =>
  (scope) => {
    const facts = read(options, scope);
    const tokens = new AppTokenCache(facts, readTokensAddress(options.tokens, scope));
    const portal: Portal = {
      ...facts,
      isAppOnly: true,
      app: (request, url) => (facts.allows?.(request, url) === false ? undefined : tokens),
      sealedBy: (encrypter) => tokens.sealedBy(encrypter),
      join: (all) => {
        const joined = beside(all, portal);
        tokens.hasUsers = joined !== all;
        return joined;
      },
    };
    return portal;
  };

function read(options: AppLoginOptions, scope: string): Portal {
  const { kind = 'arcgis', allow } = options;
  if (kind !== 'arcgis' && kind !== 'oauth') throw optionInvalid({ field: 'kind' });
  const given = readPortalUrl(options.url, 'url');
  const url = kind === 'oauth' ? options.url + parseId(options.id) : portalRoot(given);
  const tokenPlacement = parseTokenPlacement(options.tokenPlacement);
  const facts = {
    url,
    name: given.hostname,
    clientId: '',
    tokenPlacement: kind === 'oauth' && tokenPlacement === 'auto' ? ('header' as const) : tokenPlacement,
    // There is no redirect, and nothing is kept.
    ...parseShared({ redirectUri: scope, persistence: 'memory', ...(allow && { allow }) }, scope),
    webTier: false,
    resources: parsePrefixes(options.resources, 'resources'),
    servers: parsePrefixes(options.servers, 'servers'),
    mayFetch: parsePrefixes(options.mayFetch, 'mayFetch'),
    authorizationParameters: {},
  };
  if (kind === 'arcgis') {
    const sharing = readPortalUrl(`${url}/sharing/`, 'url');
    return arcgisPortal({ ...facts, sharing }, url === ONLINE ? online(given) : {});
  }
  if (facts.resources.length === 0) throw optionInvalid({ field: 'resources' });
  const refusalStatuses = parseStatuses(options.refusalStatuses);
  // It is never asked: the app's server is.
  const api = {
    ...facts,
    kind,
    authorizationServer: arcgisServer,
    hostSuffix: undefined,
    endpoints: undefined,
  };
  return {
    ...api,
    isUnsignable: (at) => isUnsignableApi(at, api),
    ...(refusalStatuses && { refusalStatuses }),
  };
}

/** The app's own server, which the browser sends the cookie of the sealing to. */
function readTokensAddress(value: unknown, scope: string): string {
  const url = typeof value === 'string' && URL.canParse(value, scope) ? new URL(value, scope) : undefined;
  if (url?.origin !== new URL(scope).origin) throw optionInvalid({ field: 'tokens' });
  return url.href;
}

/** One portal of both, where users have a registration of their own. */
function beside(all: readonly Portal[], app: Portal): readonly Portal[] {
  const user = all.find(({ url, isAppOnly }) => url === app.url && !isAppOnly);
  if (!user || user.app) return all;
  const both = (name: 'resources' | 'servers' | 'mayFetch'): PortalUrl[] => [
    ...new Map([...user[name], ...app[name]].map((each) => [each.href, each])).values(),
  ];
  const joined: Portal = {
    ...user,
    ...(app.app && { app: app.app }),
    ...(app.sealedBy && { sealedBy: app.sealedBy }),
    resources: both('resources'),
    servers: both('servers'),
    mayFetch: both('mayFetch'),
  };
  return all.flatMap((each) => (each === app ? [] : [each === user ? joined : each]));
}

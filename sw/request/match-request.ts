/** Decides, synchronously, whether the worker signs a request. All others go on as if there were no worker. Pure. */
import type { Portal } from '../portals/portal.js';
import type { PortalIndex, TokenTarget } from '../portals/portal-index.js';
import { isProxy, namesForeignAddress, ownAddresses } from './named-addresses.js';

/** A registration matches; or perhaps one will: an ArcGIS Server of which it is not known yet which portal it belongs to. */
export type RequestMatch = { readonly target: TokenTarget } | { readonly unknownServer: string };

/**
 * @param url - Parsed URL of the request.
 * @param unknownServerOf - Root of the ArcGIS Server that a URL belongs to, where none of the registrations names it.
 * @returns `undefined` for a request that is not signed.
 */
export function matchRequest(
  request: Request,
  url: URL,
  portalIndex: PortalIndex,
  unknownServerOf?: (url: URL) => string | undefined,
): RequestMatch | undefined {
  // Sign-in pages and links are the browser's own; a rewritten one would show the token in the address bar.
  if (request.mode === 'navigate') return undefined;
  const target = portalIndex.match(url);
  const unknownServer = target || !portalIndex.hasArcGIS ? undefined : unknownServerOf?.(url);
  if (!target && unknownServer === undefined) return undefined;
  const isRefused =
    target?.portal.kind === 'oauth' ? isUnsignableApi(url, target.portal) : isUnsignable(url.pathname);
  if (isRefused || hasOwnCredential(request, url)) return undefined;
  if (target?.portal.allows?.(request, url) === false) return undefined;
  if (target && tellsForeign(request, url, target, portalIndex)) return undefined;
  return target ? { target } : { unknownServer: unknownServer ?? '' };
}

/** What an address has, encoded or not; `%25` may be any of it, encoded twice. Most requests have none of it and are done here. */
const mayHoldAddress = /:|%(25|3a|5c)|\\|(\/|%2f){2}|proxy/i;

/** Whether a request tells a server of the target to fetch an address of somebody else; APIs that are no proxies may name any. */
const tellsForeign = (
  { method }: Request,
  url: URL,
  target: TokenTarget,
  portalIndex: PortalIndex,
): boolean =>
  mayHoldAddress.test(url.pathname + url.search) &&
  (target.portal.kind === 'arcgis' || isProxy(url.pathname)) &&
  namesForeignAddress(url, method, ownAddresses(portalIndex, target));

/** Paths that issue tokens: signing them would hand a token to the page (ArcGIS REST: OAuth2, Generate Token). */
const alwaysIssuing = /\/(generatetoken|registertoken|exchangetoken)([/;]|$)/;
const tokenIssuing = /\/(oauth2|tokens)([/;]|$)/;

/** A service or folder may be called "Tokens": what stands behind this marker is a name. */
const serviceNames = /\/rest\/services\/.*/;

/** Spellings that a server may read as another path than the one we matched: separators encoded once or twice, controls. */
const ambiguous = /%(25)?(2f|5c|2e)|%[01][\da-f]|\\/i;

const plainOf = (path: string): string =>
  path
    .toLowerCase()
    .replace(/[\s.]+(?=\/|;|$)/g, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');

/**
 * Whether a URL must not be signed: it issues tokens, or its path could mean something else to the server.
 *
 * @param pathname - Of the parsed URL.
 */
export function isUnsignable(pathname: string): boolean {
  if (ambiguous.test(pathname)) return true;
  let path = pathname;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return true;
  }
  // Such a segment is a step up to servers that cut off parameters, spaces or dots, as the Java ones behind ArcGIS do.
  if (/(^|\/)[\s.]+(;|\/|$)/.test(path)) return true;
  // Some servers ignore what stands at the end of a segment: parameters, spaces, dots.
  const plain = plainOf(path);
  return alwaysIssuing.test(plain) || tokenIssuing.test(plain.replace(serviceNames, ''));
}

/**
 * The same for an API of an authorization server, which may call anything `tokens` or `oauth2`: the endpoints that issue tokens are
 * those that the server names. As long as they are not known, a path at the issuer's origin that looks like one is taken for it.
 */
export function isUnsignableApi({ origin, pathname }: URL, portal: Portal): boolean {
  const path = decodeFully(pathname);
  if (path === undefined || /[\\\p{Cc}]/u.test(path) || /(^|\/)[\s.]+(;|\/|$)/.test(path)) return true;
  const named = portal.authorizationServer.knownEndpoints?.(portal);
  if (named) {
    const itself = withoutParameters(plainOf(path));
    return [named.token_endpoint, named.revocation_endpoint].some((endpoint) => {
      if (endpoint === undefined) return false;
      const url = new URL(endpoint);
      return url.origin === origin && plainOf(decodeFully(url.pathname) ?? '') === itself;
    });
  }
  return new URL(portal.url).origin === origin && tokenIssuing.test(plainOf(path));
}

/** Some servers ignore what stands behind a semicolon. */
const withoutParameters = (path: string): string => path.replace(/;[^/]*/g, '');

/** A path without its encoding, however often it was encoded; `undefined` for one that cannot be decoded. */
function decodeFully(pathname: string): string | undefined {
  let path: string | undefined;
  try {
    for (let next = decodeURIComponent(pathname); next !== path; next = decodeURIComponent(next)) path = next;
  } catch {
    // What is left of it is text.
  }
  return path;
}

/** Whether a request brings a credential of its own; the ArcGIS SDKs test the whole query case-insensitively too. */
export function hasOwnCredential(request: { headers: Headers }, url: URL): boolean {
  return (
    /[?&](access_)?token=/i.test(url.search) ||
    request.headers.has('authorization') ||
    request.headers.has('x-esri-authorization')
  );
}

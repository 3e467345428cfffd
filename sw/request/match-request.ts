/** Decides, synchronously, whether the worker signs a request. All others go on as if there were no worker. Pure. */
import type { PortalIndex, TokenTarget } from '../portals/portal-index.js';
import { isUnsignable } from '../../protocol/unsignable-path.js';
import { isProxy, namesForeignAddress, ownAddresses } from './named-addresses.js';
import type { StepRecorder } from './request-trace.js';

/** A registration matches; or perhaps one will: an ArcGIS Server of which it is not known yet which portal it belongs to. */
export type RequestMatch = { readonly target: TokenTarget } | { readonly unknownServer: string };

/**
 * @param url - Parsed URL of the request.
 * @param unknownServerOf - Root of the ArcGIS Server that a URL belongs to, where none of the registrations names it.
 * @param recorder - Told why a request is not signed.
 * @returns `undefined` for a request that is not signed.
 */
export function matchRequest(
  request: Request,
  url: URL,
  portalIndex: PortalIndex,
  unknownServerOf?: (url: URL) => string | undefined,
  recorder?: StepRecorder,
): RequestMatch | undefined {
  // Sign-in pages and links are the browser's own; a rewritten one would show the token in the address bar.
  if (request.mode === 'navigate') return recorder?.add({ step: 'not-signed', reason: 'navigation' });
  const target = portalIndex.match(url);
  const unknownServer = target || !portalIndex.hasArcGIS ? undefined : unknownServerOf?.(url);
  if (!target && unknownServer === undefined)
    return recorder?.add({ step: 'not-signed', reason: 'no-registration' });
  const mayIssue = target?.portal.isUnsignable?.(url) ?? isUnsignable(url.pathname);
  if (mayIssue) return recorder?.add({ step: 'not-signed', reason: 'token-issuing' });
  if (hasOwnCredential(request, url)) return recorder?.add({ step: 'not-signed', reason: 'own-credential' });
  if (target?.portal.allows?.(request, url) === false)
    return recorder?.add({ step: 'not-signed', reason: 'not-allowed' });
  if (target && tellsForeign(request, url, target, portalIndex))
    return recorder?.add({ step: 'not-signed', reason: 'foreign-address' });
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

/** Whether a request brings a credential of its own; the ArcGIS SDKs test the whole query case-insensitively too. */
export function hasOwnCredential(request: { headers: Headers }, url: URL): boolean {
  return (
    /[?&](access_)?token=/i.test(url.search) ||
    request.headers.has('authorization') ||
    request.headers.has('x-esri-authorization')
  );
}

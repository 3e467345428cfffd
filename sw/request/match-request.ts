/** Decides, synchronously, whether a request is ours to answer. What is not goes on as if there were no worker. */
import type { Federation } from '../parts/federation.js';
import { hasOwnCredential, isAllowed, isUnsignable } from './signing-policy.js';
import { serverRootOf, type Claim, type Registry } from '../portals/portal-index.js';

/** Ours for sure; or perhaps: an ArcGIS Server of which it is not known yet who owns it. */
export type Ownership = { readonly claim: Claim } | { readonly unknownServer: string };

/**
 * @param url - Parsed URL of the request.
 * @returns `undefined` for a request that is none of our business.
 */
export function own(
  request: Request,
  url: URL,
  registry: Registry,
  federation: Federation,
): Ownership | undefined {
  // Sign-in pages and links are the browser's own; a rewritten one would show the token in the address bar.
  if (request.mode === 'navigate') return undefined;
  const claim = registry.own(url);
  const unknownServer = claim || !registry.hasArcGIS ? undefined : unknownServerOf(url, federation);
  if (!claim && unknownServer === undefined) return undefined;
  if (isUnsignable(url.pathname) || hasOwnCredential(request, url)) return undefined;
  if (claim && !isAllowed(request, url, claim.portal.allow)) return undefined;
  return claim ? { claim } : { unknownServer: unknownServer ?? '' };
}

function unknownServerOf(url: URL, federation: Federation): string | undefined {
  // Who reads `rest/info` asks who the owner is: no token is ever needed there.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const root = serverRootOf(url);
  return root === undefined || federation.isForeign(root) ? undefined : root;
}

/** Requests that are never signed, whoever owns their URL. Pure. */

/** Paths that hand out tokens or end sessions: signing them would give a token to the page (ArcGIS REST: OAuth2, Generate Token). */
const tokenIssuing = /\/(oauth2|generatetoken|tokens|registertoken|exchangetoken)([/;]|$)/;

/** Spellings that a server may read as another path than the one we matched. */
const ambiguous = /%2f|%5c|%2e|\\/i;

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
  return tokenIssuing.test(path.toLowerCase().replace(/\/{2,}/g, '/'));
}

/** Whether a request brings a credential of its own; the ArcGIS SDKs test the whole query case-insensitively too. */
export function hasOwnCredential(request: { headers: Headers }, url: URL): boolean {
  return (
    /[?&]token=/i.test(url.search) ||
    request.headers.has('authorization') ||
    request.headers.has('x-esri-authorization')
  );
}

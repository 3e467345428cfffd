/** Which paths of an ArcGIS server are never signed. Pure. */

/** Paths that issue tokens: signing them would hand a token to the page (ArcGIS REST: OAuth2, Generate Token). */
const alwaysIssuing = /\/(generatetoken|registertoken|exchangetoken)([/;]|$)/;
export const tokenIssuing = /\/(oauth2|tokens)([/;]|$)/;

/** A service or folder may be called "Tokens": what stands behind this marker is a name, of an OGC service too. */
const serviceNames = /\/rest\/services\/.*|\/services\/[^;]*\/(w[cfmp]s|kml)server$/;

/** Spellings that a server may read as another path than the one we matched: separators encoded once or twice, controls. */
const ambiguous = /%(25)?(2f|5c|2e)|%[01][\da-f]|\\/i;

/** A path as lenient servers read it: they ignore what stands at the end of a segment (spaces, dots) and empty segments. */
export const plainOf = (path: string): string =>
  path
    .toLowerCase()
    .replace(/[\s.]+(?=\/|;|$)/g, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');

/** Such a segment is a step up to servers that cut off parameters, spaces or dots, as the Java ones behind ArcGIS do. */
export const stepUp = /(^|\/)[\s.]+(;|\/|$)/;

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
  if (stepUp.test(path)) return true;
  const plain = plainOf(path);
  return alwaysIssuing.test(plain) || tokenIssuing.test(plain.replace(serviceNames, ''));
}

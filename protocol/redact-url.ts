/** What of a request's address may be told: origin and path, without what may be a secret in the path. */

/** In place of what is left out. */
const GAP = '…';

/** Names behind which a path has a secret. */
const secretName = /(token|key|secret|code|jwt|auth|sig|signature|session|password|ticket)s?$/i;

/** What no person has named: letters and digits mixed, many digits, many changes of case, or no end. */
const isOpaque = (text: string): boolean =>
  text.length > 20 ||
  /^(\d{10}|eyJ)/.test(text) ||
  (/^.{8}/.test(text) && /\d/.test(text) && /[a-z]/i.test(text)) ||
  /([a-z][A-Z].*|[A-Z]{2}[a-z].*){4}/.test(text);

/**
 * Origin and decoded path of a URL. A segment of the path is left out that looks like a token, is a pair of a name and a value, or
 * stands behind a name such as `token`; of an id of ArcGIS four digits are left.
 */
export function redactUrl({ origin, pathname }: Pick<URL, 'origin' | 'pathname'>): string {
  let isSecret = false;
  const segments = decoded(pathname)
    .split('/')
    .map((segment) => {
      const isHidden = isSecret || /[=:@%]/.test(segment) || segment.split(/[^\p{L}\p{N}]+/u).some(isOpaque);
      const isId = !isSecret && /^[\da-f]{32}$/.test(segment);
      isSecret = secretName.test(segment);
      return isHidden ? (isId ? segment.slice(0, 4) : '') + GAP : segment;
    });
  return origin + segments.join('/');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return `/${GAP}`;
  }
}

/** A method as it is, where it is one that somebody has defined: pages may make up others (Fetch standard, methods). */
export const redactMethod = (method: string): string => (/^[A-Z]{3,10}$/.test(method) ? method : GAP);

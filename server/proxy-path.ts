/** Paths that may be passed on: what is compared with the allow list is what the other server reads. */

/** Separators, parameters, controls, and what a second decoding would change. */
const ambiguous = /[/\\%;\p{Cc}]/u;

/** Nothing, or a step up; some servers ignore blanks and dots at the end of a segment. */
const dots = /^[\s.]*$|[\s.]$/;

/**
 * The decoded segments of a path.
 *
 * @param path - Below the proxy's own, as it stands in the URL.
 * @returns `undefined` where servers could read another path than this one.
 */
export function segmentsOf(path: string): string[] | undefined {
  if (path === '') return [];
  const raw = path.split('/');
  // A slash at the end is an empty segment.
  const isFolder = raw.length > 1 && raw.at(-1) === '';
  try {
    const segments = (isFolder ? raw.slice(0, -1) : raw).map(decodeURIComponent);
    // Some servers read full-width letters as the plain ones.
    const isPlain = segments.every((segment) =>
      [segment, segment.normalize('NFKC')].every((text) => !ambiguous.test(text) && !dots.test(text)),
    );
    return isPlain ? [...segments, ...(isFolder ? [''] : [])] : undefined;
  } catch {
    return undefined;
  }
}

/** Whether segments lie under a prefix: `Roads2` is not under `Roads`. */
export const isBelow = (segments: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((segment, index) => segments[index] === segment);

/** The path of segments, encoded anew. */
export const pathOf = (segments: readonly string[]): string => segments.map(encodeURIComponent).join('/');

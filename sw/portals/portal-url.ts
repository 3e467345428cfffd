/** URLs of registrations, parsed. */
import type { PortalUrl } from '../../protocol/portal-root.js';
import { parsePortalUrl } from '../../protocol/registration.js';

export { normalizePortalUrl, portalRoot, type PortalUrl } from '../../protocol/portal-root.js';

/**
 * https URLs in the very spelling that the parser would give them: names of lower-case letters, no port, plain segments.
 * Parsing is most of what a thousand registrations cost a worker that starts; these need none.
 */
const canonical = /^(https:\/\/((?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]{2,}))((?:\/[\w-]+)*\/?)$/;

/** As {@link parsePortalUrl}, without the parser where nothing is to be parsed. */
export function readPortalUrl(value: unknown, field: string): PortalUrl {
  const { 1: origin, 2: hostname, 3: path } = (typeof value === 'string' && canonical.exec(value)) || [];
  if (origin === undefined || hostname === undefined) return parsePortalUrl(value, field);
  const pathname = path || '/';
  return { href: origin + pathname, protocol: 'https:', origin, hostname, port: '', pathname };
}

/** A path with a slash at its end: what lies under it begins with it. */
export const asFolder = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

/** Whether a path lies under a prefix, by whole segments: `/portal2` is not under `/portal`. */
export const isUnder = (path: string, prefix: string): boolean => asFolder(path).startsWith(asFolder(prefix));

/** What a page may know of the other pages, frames and workers of its origin: no id, no query. */
import { parseUrl } from './parse-url.js';

/** A page, frame or worker, as the browser tells the service worker of it. */
export interface ClientInfo {
  readonly kind: 'page' | 'frame' | 'worker' | 'shared-worker';
  /** Origin and path; never a query or fragment. */
  readonly url: string;
  /** Its requests pass through this service worker. */
  readonly isControlled: boolean;
}

/**
 * The part of a URL that may be told: origin and path. Queries hold codes, fragments hold state of apps, and the URL of a blob
 * gives access to it.
 */
export function plainUrl(url: string): string {
  const parsed = parseUrl(url);
  if (!parsed) return '';
  const { protocol, origin, pathname } = parsed;
  switch (protocol) {
    case 'http:':
    case 'https:':
      return origin + pathname;
    case 'blob:':
      return `blob:${origin}`;
    case 'about:':
      return `about:${pathname}`;
    default:
      return protocol;
  }
}

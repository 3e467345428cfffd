/** The checks on a portal's registration that page (script tag) and worker share. Pure; throws typed errors. */
import { ConfigurationError } from './identity-error.js';
import { parseUrl } from './parse-url.js';

/** Redirect URI of a code that the portal shows to the user (ArcGIS; RFC 6749 does not know it). */
export const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';

/** Whether a host is this machine: only there http is allowed. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);

/**
 * Parses a URL of a registration: absolute, https (loopback excepted), without user info, query or fragment.
 *
 * @param value - As written by the developer.
 * @param field - Name of the option, for the error.
 * @throws {@link ConfigurationError} `portal-url-invalid` or `portal-insecure`.
 */
export function parsePortalUrl(value: unknown, field: string): URL {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (!url) throw new ConfigurationError('portal-url-invalid', { field });
  const isHttp = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isHttp) {
    if (url.protocol === 'http:') throw new ConfigurationError('portal-insecure', { origin: url.origin });
    throw new ConfigurationError('portal-url-invalid', { field });
  }
  if (url.username || url.password || url.search || url.hash)
    throw new ConfigurationError('portal-url-invalid', { field });
  return url;
}

/**
 * Checks a client id.
 *
 * @throws {@link ConfigurationError} `client-id-missing`.
 */
export function parseClientId(value: unknown, origin: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new ConfigurationError('client-id-missing', { origin });
  return value.trim();
}

/**
 * Resolves a redirect URI: a page inside the worker's scope, or out of band.
 *
 * @param value - Absolute, or relative to the worker's scope.
 * @param scope - The worker's scope, absolute.
 * @returns The exact string both steps of the code flow carry (RFC 6749 §4.1.3).
 * @throws {@link ConfigurationError} `redirect-uri-invalid` or `redirect-uri-outside-scope`.
 */
export function parseRedirectUri(value: unknown, scope: string): string {
  if (value === OUT_OF_BAND) return OUT_OF_BAND;
  const url = typeof value === 'string' && value !== '' ? parseUrl(value, scope) : undefined;
  if (!url) throw new ConfigurationError('redirect-uri-invalid');
  const { origin, pathname } = new URL(scope);
  if (url.origin !== origin || !url.pathname.startsWith(pathname)) {
    throw new ConfigurationError('redirect-uri-outside-scope', { path: url.pathname, scope: pathname });
  }
  // A fragment would swallow the answer (RFC 6749 §3.1.2 forbids it); a query of its own would mix with it.
  if (url.hash || url.search || url.username || url.password)
    throw new ConfigurationError('redirect-uri-invalid');
  return url.href;
}

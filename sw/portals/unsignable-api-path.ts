/** Which paths of an API of an authorization server are never signed. Pure. */
import type { OAuthClient } from '../oauth/authorization-server.js';
import { plainOf, stepUp, tokenIssuing } from '../../protocol/unsignable-path.js';

/**
 * Whether a URL of an API must not be signed. An API may call anything `tokens` or `oauth2`: the endpoints that issue tokens are
 * those that the server names. As long as they are not known, a path at the issuer's origin that looks like one is taken for it.
 */
export function isUnsignableApi({ origin, pathname }: URL, client: OAuthClient): boolean {
  const path = decodeFully(pathname);
  if (path === undefined || /[\\\p{Cc}]/u.test(path) || stepUp.test(path)) return true;
  const named = client.authorizationServer.knownEndpoints?.(client);
  if (named) {
    const itself = withoutParameters(plainOf(path));
    return [named.token_endpoint, named.revocation_endpoint].some((endpoint) => {
      if (endpoint === undefined) return false;
      const url = new URL(endpoint);
      return url.origin === origin && plainOf(decodeFully(url.pathname) ?? '') === itself;
    });
  }
  return new URL(client.url).origin === origin && tokenIssuing.test(plainOf(path));
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

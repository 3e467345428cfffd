// The portal's browser session: the cookie `esri_auth`.

import type { User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import type { PortalRequest } from '../http/request.js';
import type { TokenRecord } from '../tokens.js';

const cookieName = 'esri_auth';
const fortnightS = 14 * 24 * 60 * 60;
/** Life of a session whose cookie ends with the browser, in seconds. */
const sessionS = 24 * 60 * 60;

/** Opens a session and returns the Set-Cookie value. */
export function openSession({ tokens, urls }: PortalContext, user: User, persist: boolean): string {
  const lifetimeS = persist ? fortnightS : sessionS;
  const session = tokens.issue({ kind: 'session', audience: 'portal', user: user.username, lifetimeS });
  const content = encodeURIComponent(
    JSON.stringify({
      portalApp: true,
      email: user.username,
      token: session.value,
      culture: 'en',
      region: 'WO',
      expires: session.expiresAtMs,
      allSSL: false,
    }),
  );
  const { pathname: path, protocol } = new URL(urls.portal);
  const secure = protocol === 'https:' ? '; Secure' : '';
  return `${cookieName}=${content}; Path=${path}; HttpOnly; SameSite=Lax${secure}${persist ? `; Max-Age=${fortnightS}` : ''}`;
}

export function sessionUser(context: PortalContext, request: PortalRequest): User | undefined {
  const session = findSession(context, request);
  return session && context.tokens.isValid(session) ? context.users.find(session.user) : undefined;
}

/** Ends the session and returns the Set-Cookie value that removes the cookie. */
export function closeSession(context: PortalContext, request: PortalRequest): string {
  const session = findSession(context, request);
  if (session) context.tokens.revoke(session);
  return `${cookieName}=; Path=${new URL(context.urls.portal).pathname}; HttpOnly; SameSite=Lax; Max-Age=0`;
}

function findSession(context: PortalContext, request: PortalRequest): TokenRecord | undefined {
  const cookie = request.cookies.get(cookieName);
  if (!cookie) return undefined;
  try {
    const content: unknown = JSON.parse(decodeURIComponent(cookie));
    if (typeof content !== 'object' || content === null || !('token' in content)) return undefined;
    const session = typeof content.token === 'string' ? context.tokens.find(content.token) : undefined;
    return session?.kind === 'session' ? session : undefined;
  } catch {
    // Not a cookie of this portal.
    return undefined;
  }
}

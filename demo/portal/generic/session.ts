// The generic server's browser session.

import type { User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import type { PortalRequest } from '../http/request.js';

const cookieName = 'idp_session';
const lifetimeS = 24 * 60 * 60;

export function openSession({ tokens }: PortalContext, user: User): string {
  const session = tokens.issue({
    kind: 'oauth-session',
    audience: 'oauth',
    user: user.username,
    lifetimeS,
  });
  return `${cookieName}=${session.value}; Path=/; HttpOnly; SameSite=Lax`;
}

export function sessionUser({ tokens, users }: PortalContext, request: PortalRequest): User | undefined {
  const session = tokens.find(request.cookies.get(cookieName));
  return session?.kind === 'oauth-session' && tokens.isValid(session) ? users.find(session.user) : undefined;
}

export function closeSession({ tokens }: PortalContext, request: PortalRequest): string {
  const session = tokens.find(request.cookies.get(cookieName));
  if (session?.kind === 'oauth-session') tokens.revoke(session);
  return `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;
}

// The sender of a sharing request: anonymous, a user, an application, or one with a bad token.

import type { User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import type { PortalRequest } from '../http/request.js';
import { judgeToken } from '../token-check.js';
import { sessionUser } from './session.js';

export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'app'; readonly clientId: string }
  | { readonly kind: 'refused' };

export function viewerOf(context: PortalContext, request: PortalRequest): Viewer {
  if (!request.token) {
    const user = context.switches.webTier ? sessionUser(context, request) : undefined;
    return user ? { kind: 'user', user } : { kind: 'anonymous' };
  }
  const token = judgeToken(context, request, 'portal');
  if (!token) return { kind: 'refused' };
  const user = context.users.find(token.user);
  return user ? { kind: 'user', user } : { kind: 'app', clientId: token.clientId ?? '' };
}

// A protected API (RFC 6750) that accepts tokens in the Authorization header only.

import type { PortalContext } from '../context.js';
import { json, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { judgeToken } from '../token-check.js';
import type { TokenRecord } from '../tokens.js';

export function api(context: PortalContext, request: PortalRequest): PortalResponse {
  if (request.token?.placement !== 'authorization') return challenge(request, 401);
  const token = judgeToken(context, request, 'oauth');
  if (!token) return challenge(request, 401, 'invalid_token');
  const needed = request.path.startsWith('/api/admin') ? 'admin' : 'tiles';
  if (!scopesOf(token).includes(needed)) return challenge(request, 403, 'insufficient_scope', needed);
  const response = json(request, {
    user: token.user,
    scope: token.scope,
    method: request.method,
    path: request.path,
  });
  return { ...response, conditional: true };
}

/** OpenID Connect Core 1.0 §5.3. */
export function userInfo(context: PortalContext, request: PortalRequest): PortalResponse {
  if (request.token?.placement !== 'authorization') return challenge(request, 401);
  const token = judgeToken(context, request, 'oauth');
  if (!token) return challenge(request, 401, 'invalid_token');
  if (!scopesOf(token).includes('openid')) return challenge(request, 403, 'insufficient_scope', 'openid');
  return json(request, { sub: token.user, preferred_username: token.user });
}

function scopesOf({ scope = '' }: TokenRecord): string[] {
  return scope.split(' ');
}

/** Without a token there is no error code (RFC 6750 §3.1). */
function challenge(
  request: PortalRequest,
  status: 401 | 403,
  error?: string,
  scope?: string,
): PortalResponse {
  const parameters = [
    'Bearer realm="api"',
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
  ];
  return json(request, error === undefined ? {} : { error }, status, {
    'WWW-Authenticate': parameters.join(', '),
  });
}

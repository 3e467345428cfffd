// oauth2/revokeToken: reports success also where it revoked nothing.

import type { PortalContext } from '../../context.js';
import { json, jsonError, type PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';

export function revokeToken({ tokens }: PortalContext, request: PortalRequest): PortalResponse {
  if (request.method !== 'POST') return { ...jsonError(request, 405, 'Method not allowed.'), status: 405 };
  const token = tokens.find(request.form.get('auth_token'));
  // App and generateToken tokens cannot be revoked, and no client can revoke another's.
  const isRevocable = token?.kind === 'refresh' || token?.kind === 'access';
  if (token && isRevocable && token.clientId === request.form.get('client_id')) {
    tokens.revoke(token);
    tokens.revokeDescendants(token);
  }
  return json(request, { success: true });
}

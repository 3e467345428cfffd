// A server that does not belong to the portal, claims to, and records all requests.

import type { PortalContext } from '../context.js';
import { json, jsonError, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';

export function handleForeign({ urls }: PortalContext, request: PortalRequest): PortalResponse {
  if (request.path.toLowerCase().endsWith('/rest/info')) {
    return json(request, {
      currentVersion: 11.3,
      owningSystemUrl: urls.portal,
      authInfo: {
        isTokenBasedSecurity: true,
        tokenServicesUrl: `${urls.portal}/sharing/rest/generateToken`,
        shortLivedTokenValidity: 60,
      },
    });
  }
  // It asks for a token: a client must not send it the portal's.
  if (request.path.includes('/rest/services') && !request.token) {
    return jsonError(request, 499, 'Token Required', { messageCode: 'GWM_0003' });
  }
  return json(request, { recorded: true });
}

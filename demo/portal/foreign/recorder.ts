// A server of somebody else that claims to belong to the portal and writes down whatever it is sent.

import type { PortalContext } from '../context.js';
import { json, jsonError, type Answer } from '../http/answer.js';
import type { PortalRequest } from '../http/request.js';

export function answerForeign({ urls }: PortalContext, request: PortalRequest): Answer {
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
  // Asking for a token is the bait: the portal's own must not be the answer.
  if (request.path.includes('/rest/services') && !request.token) {
    return jsonError(request, 499, 'Token Required', { messageCode: 'GWM_0003' });
  }
  return json(request, { recorded: true });
}

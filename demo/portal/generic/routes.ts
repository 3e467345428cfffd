// The routes of the generic OAuth server.

import type { PortalContext } from '../context.js';
import { json, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { api, userInfo } from './api.js';
import { authorize, endSession, signIn } from './authorize.js';
import type { IdTokenSigner } from './id-token.js';
import { metadata } from './metadata.js';
import { revoke, token } from './token.js';

export function handleGeneric(
  context: PortalContext,
  signer: IdTokenSigner,
  request: PortalRequest,
): PortalResponse {
  switch (request.path) {
    case '/.well-known/openid-configuration':
    case '/.well-known/oauth-authorization-server':
      return metadata(context, request);
    case '/authorize':
      return authorize(context, request);
    case '/signin':
      return signIn(context, request);
    case '/token':
      return token(context, signer, request);
    case '/revoke':
      return revoke(context, request);
    case '/userinfo':
      return userInfo(context, request);
    case '/end-session':
      return endSession(context, request);
    case '/jwks':
      return json(request, signer.keySet());
    default:
      return /^\/api(\/|$)/.test(request.path)
        ? api(context, request)
        : json(request, { error: 'not_found' }, 404);
  }
}

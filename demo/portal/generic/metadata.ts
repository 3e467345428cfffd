// Discovery of the generic server (RFC 8414, OpenID Connect Discovery 1.0).

import type { PortalContext } from '../context.js';
import { json, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';

export const supportedScopes = ['openid', 'profile', 'tiles', 'admin'];

export function metadata({ urls, switches }: PortalContext, request: PortalRequest): PortalResponse {
  const { issuer } = urls;
  return json(request, {
    issuer: switches.metadataIssuer ?? issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/end-session`,
    jwks_uri: `${issuer}/jwks`,
    scopes_supported: supportedScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    ...switches.metadata,
  });
}

// Token and revocation endpoints of the generic server (RFC 6749 §5, RFC 7009), with rotating refresh tokens.

import { sameSecret } from '../accounts.js';
import type { PortalContext } from '../context.js';
import { json, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { isVerifierRight } from '../pkce.js';
import type { TokenRecord } from '../tokens.js';
import type { IdTokenSigner } from './id-token.js';

export function token(context: PortalContext, signer: IdTokenSigner, request: PortalRequest): PortalResponse {
  if (request.method !== 'POST') {
    return json(request, { error: 'invalid_request' }, 405, { Allow: 'POST' });
  }
  if (request.form.get('grant_type') === 'client_credentials') return clientCredentials(context, request);
  const client = context.clients.ofGenericServer(request.form.get('client_id'));
  if (!client) return refuse(request, 'invalid_client', 'Unknown client', 401);
  switch (request.form.get('grant_type') ?? '') {
    case 'authorization_code':
      return authorizationCode(context, signer, request, client.clientId);
    case 'refresh_token':
      return refresh(context, request, client.clientId);
    default:
      return refuse(request, 'unsupported_grant_type', 'Unsupported grant_type');
  }
}

/** Responds 200 for unknown tokens too (RFC 7009 §2.2). */
export function revoke({ tokens }: PortalContext, request: PortalRequest): PortalResponse {
  const record = tokens.find(request.form.get('token'));
  const isOurs = record?.kind === 'oauth-refresh' || record?.kind === 'oauth-access';
  if (record && isOurs && record.clientId === request.form.get('client_id')) {
    tokens.revoke(record);
    tokens.revokeDescendants(record);
  }
  return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: '' };
}

/** A token of the app itself (RFC 6749 §4.4), whose id and secret come by HTTP Basic (§2.3.1). */
function clientCredentials(context: PortalContext, request: PortalRequest): PortalResponse {
  const basic = /^Basic (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
  const [id, secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  const client = context.clients.ofPortal(id);
  if (client?.clientSecret === undefined || !sameSecret(secret, client.clientSecret))
    return refuse(request, 'invalid_client', 'Unknown client', 401);
  const lifetimeS = context.switches.accessTokenLifetimeS;
  const scope = request.form.get('scope') ?? '';
  const { clientId } = client;
  const app = context.tokens.issue({ kind: 'oauth-access', audience: 'oauth', lifetimeS, scope, clientId });
  return json(request, { access_token: app.value, token_type: 'Bearer', expires_in: lifetimeS, scope });
}

function authorizationCode(
  context: PortalContext,
  signer: IdTokenSigner,
  request: PortalRequest,
  clientId: string,
): PortalResponse {
  const { tokens, clock, urls } = context;
  const { form } = request;
  const code = tokens.find(form.get('code'));
  const refuseCode = (description: string) => refuse(request, 'invalid_grant', description);
  if (code?.kind !== 'oauth-code' || !code.grant) return refuseCode('Unknown code');
  if (code.used) {
    tokens.revokeDescendants(code);
    return refuseCode('Code already used');
  }
  const isFresh = tokens.isValid(code);
  code.used = true;
  if (!isFresh || code.clientId !== clientId) return refuseCode('Code expired or of another client');
  if (form.get('redirect_uri') !== code.grant.redirectUri) return refuseCode('redirect_uri differs');
  if (!isVerifierRight(code.grant, form.get('code_verifier'))) return refuseCode('Wrong code_verifier');
  const { scope = '', nonce, refreshLifetimeS } = code.grant;
  const response = pair(context, code, scope, refreshLifetimeS);
  if (!scope.split(' ').includes('openid') || code.user === undefined) return json(request, response);
  const nowS = Math.floor(clock.now() / 1000);
  const idToken = signer.sign({
    iss: urls.issuer,
    sub: code.user,
    aud: clientId,
    iat: nowS,
    exp: nowS + 600,
    preferred_username: code.user,
    ...(nonce === undefined ? {} : { nonce }),
  });
  context.secrets.register('id-token', idToken);
  return json(request, { ...response, id_token: idToken });
}

function refresh(context: PortalContext, request: PortalRequest, clientId: string): PortalResponse {
  const { tokens, switches } = context;
  const old = tokens.find(request.form.get('refresh_token'));
  const isUsedUp = old?.used && !tokens.isInGrace(old, switches.rotationGraceS);
  const isOver = !old || old.revoked || isUsedUp || tokens.isExpired(old);
  if (isOver || old.kind !== 'oauth-refresh' || old.clientId !== clientId) {
    // The use of a rotated token means that two parties have it (RFC 9700 §4.14.2).
    if (old && isUsedUp && switches.revokeFamilyOnReuse) tokens.revokeDescendants(old);
    return refuse(request, 'invalid_grant', 'refresh token invalid, expired or revoked');
  }
  const scope = old.scope ?? '';
  if (!switches.oauthRotateOnRefresh) return json(request, accessMembers(context, old, scope));
  tokens.rotate(old);
  // Rotation does not extend the life of the family (RFC 9700 §4.14.2).
  const leftS = Math.max(1, Math.ceil((old.expiresAtMs - context.clock.now()) / 1000));
  return json(request, pair(context, old, scope, leftS));
}

function pair(
  context: PortalContext,
  parent: TokenRecord,
  scope: string,
  refreshLifetimeS: number,
): Record<string, unknown> {
  const refreshToken = context.tokens.issue({
    kind: 'oauth-refresh',
    audience: 'oauth',
    lifetimeS: refreshLifetimeS,
    parent: parent.label,
    scope,
    ...ownerOf(parent),
  });
  return { ...accessMembers(context, refreshToken, scope), refresh_token: refreshToken.value };
}

function accessMembers(context: PortalContext, parent: TokenRecord, scope: string): Record<string, unknown> {
  const { tokens, switches } = context;
  const lifetimeS = switches.accessTokenLifetimeS;
  const access = tokens.issue({
    kind: 'oauth-access',
    audience: 'oauth',
    lifetimeS,
    parent: parent.label,
    scope,
    ...ownerOf(parent),
  });
  const pretence = switches.expiresIn;
  return {
    access_token: access.value,
    token_type: 'Bearer',
    ...(pretence === null ? { expires_in: lifetimeS } : {}),
    ...(pretence?.value === undefined ? {} : { expires_in: pretence.value }),
    scope,
  };
}

function ownerOf({ user, clientId }: TokenRecord): { user?: string; clientId?: string } {
  return { ...(user === undefined ? {} : { user }), ...(clientId === undefined ? {} : { clientId }) };
}

function refuse(request: PortalRequest, error: string, description: string, status = 400): PortalResponse {
  return json(request, { error, error_description: description }, status);
}

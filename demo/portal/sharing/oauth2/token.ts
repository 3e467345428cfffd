// oauth2/token: the four grants of an ArcGIS portal.

import { sameSecret, type Client } from '../../accounts.js';
import type { PortalContext } from '../../context.js';
import { json, jsonError, type PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';
import { isVerifierRight, knowsPkce } from '../../pkce.js';
import type { TokenRecord } from '../../tokens.js';
import { accessLifetimeS, generatedLifetimeS, parseMinutes } from '../lifetimes.js';
import { oauthError } from './errors.js';

/** Default life of app tokens: two hours. */
const appTokenMinutes = 120;

export function token(context: PortalContext, request: PortalRequest): PortalResponse {
  const { form } = request;
  // ArcGIS documents GET too, but codes and secrets in URLs end up in logs, so this portal refuses it.
  if (request.method !== 'POST') return { ...jsonError(request, 405, 'Method not allowed.'), status: 405 };
  const client = context.clients.ofPortal(form.get('client_id'));
  if (!client) return oauthError(context, request, 400, 'invalid_client_id', 'Invalid client_id');
  const secret = form.get('client_secret');
  if (secret !== null && !isSecretRight(client, secret)) return wrongSecret(context, request);
  switch (form.get('grant_type') ?? '') {
    case 'authorization_code':
      return authorizationCode(context, request, client);
    case 'refresh_token':
      return refresh(context, request, client, context.switches.rotateOnRefresh);
    case 'exchange_refresh_token':
      if (!form.get('redirect_uri')) {
        return oauthError(context, request, 400, 'invalid_request', 'redirect_uri not specified');
      }
      return refresh(context, request, client, true);
    case 'client_credentials':
      return secret === null ? wrongSecret(context, request) : clientCredentials(context, request, client);
    default:
      return oauthError(context, request, 400, 'unsupported_grant_type', 'Unsupported grant_type');
  }
}

function authorizationCode(context: PortalContext, request: PortalRequest, client: Client): PortalResponse {
  const { tokens } = context;
  const { form } = request;
  const refuse = (description: string) => oauthError(context, request, 400, 'invalid_grant', description);
  const code = tokens.find(form.get('code'));
  if (code?.kind !== 'code' || !code.grant) return refuse('Invalid code');
  if (code.used) {
    // A second use means that the code leaked: revoke the tokens that it produced (RFC 6749 §4.1.2).
    tokens.revokeDescendants(code);
    return refuse('Invalid code');
  }
  const isFresh = tokens.isValid(code);
  // The code is used up in any case, so that an attacker cannot try verifiers.
  code.used = true;
  if (!isFresh || code.clientId !== client.clientId) return refuse('Invalid code');
  if (form.get('redirect_uri') !== code.grant.redirectUri) return refuse('Invalid redirect_uri');
  if (knowsPkce(context.switches) && !isVerifierRight(code.grant, form.get('code_verifier'))) {
    return refuse('Invalid code_verifier');
  }
  return respondWithTokens(context, request, code, code.grant.refreshLifetimeS, code.grant.persist);
}

function refresh(
  context: PortalContext,
  request: PortalRequest,
  client: Client,
  rotate: boolean,
): PortalResponse {
  const { tokens, switches } = context;
  const old = tokens.find(request.form.get('refresh_token'));
  const isUsedUp = old?.used && !tokens.isInGrace(old, switches.rotationGraceS);
  if (old?.kind !== 'refresh' || old.clientId !== client.clientId || old.revoked || isUsedUp) {
    if (isUsedUp && switches.revokeFamilyOnReuse) tokens.revokeDescendants(old);
    return oauthError(context, request, 498, 'invalid_request', 'Invalid refresh_token');
  }
  if (tokens.isExpired(old)) {
    return oauthError(context, request, 498, 'invalid_request', 'refresh_token expired');
  }
  if (!rotate) return json(request, accessMembers(context, old));
  // In the grace period the tokens of the response that may have got lost stay good.
  if (!old.used) tokens.revokeDescendants(old);
  tokens.rotate(old);
  // The new token has the same lifetime, as on ArcGIS.
  return respondWithTokens(context, request, old, old.lifetimeS, false);
}

function clientCredentials(context: PortalContext, request: PortalRequest, client: Client): PortalResponse {
  const { tokens, switches } = context;
  const asked = parseMinutes(request.form.get('expiration'));
  const lifetimeS = generatedLifetimeS(switches, asked, appTokenMinutes);
  const app = tokens.issue({ kind: 'app', audience: 'portal', clientId: client.clientId, lifetimeS });
  return json(request, { access_token: app.value, ...expiresInMember(context, lifetimeS) });
}

/** Responds with an access token and its refresh token. */
function respondWithTokens(
  context: PortalContext,
  request: PortalRequest,
  parent: TokenRecord,
  refreshLifetimeS: number,
  persist: boolean,
): PortalResponse {
  const { tokens, switches } = context;
  const refreshToken = tokens.issue({
    kind: 'refresh',
    audience: 'portal',
    lifetimeS: refreshLifetimeS,
    parent: parent.label,
    ...ownerOf(parent),
  });
  return json(request, {
    ...accessMembers(context, refreshToken),
    refresh_token: refreshToken.value,
    ...(switches.omitRefreshTokenExpiresIn ? {} : { refresh_token_expires_in: refreshLifetimeS }),
    ...(persist ? { persist } : {}),
  });
}

/** The token response of all user grants. Like ArcGIS, without `token_type`. */
function accessMembers(context: PortalContext, parent: TokenRecord): Record<string, unknown> {
  const lifetimeS = accessLifetimeS(context.switches);
  const access = context.tokens.issue({
    kind: 'access',
    audience: 'portal',
    lifetimeS,
    parent: parent.label,
    ...ownerOf(parent),
  });
  return {
    access_token: access.value,
    ...expiresInMember(context, lifetimeS),
    username: access.user,
    ssl: context.switches.ssl,
  };
}

function expiresInMember({ switches }: PortalContext, lifetimeS: number): { expires_in?: unknown } {
  const pretence = switches.expiresIn;
  if (pretence === null) return { expires_in: lifetimeS };
  return pretence.value === undefined ? {} : { expires_in: pretence.value };
}

function ownerOf({ user, clientId }: TokenRecord): { user?: string; clientId?: string } {
  return { ...(user === undefined ? {} : { user }), ...(clientId === undefined ? {} : { clientId }) };
}

function isSecretRight(client: Client, secret: string): boolean {
  return client.clientSecret !== undefined && sameSecret(secret, client.clientSecret);
}

function wrongSecret(context: PortalContext, request: PortalRequest): PortalResponse {
  return oauthError(context, request, 400, 'invalid_request', 'Invalid client_secret');
}

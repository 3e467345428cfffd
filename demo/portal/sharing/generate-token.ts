// generateToken, of the portal and of ArcGIS Server: a token for a password, or for a token of the portal.

import { sameSecret, type User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import { json, jsonError, page, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { layout } from '../pages/layout.js';
import { federatedNames, type FederatedName } from '../switches.js';
import type { Audience, TokenKind, TokenRecord } from '../tokens.js';
import { generatedLifetimeS, parseMinutes } from './lifetimes.js';

const defaultMinutes = 60;
/** Longest life of a token without a client binding, in minutes: a day. */
const longestUnboundMinutes = 1440;

/** `{share}/generateToken`. */
export function portalGenerateToken(context: PortalContext, request: PortalRequest): PortalResponse {
  const { form, query, params } = request;
  if (query.has('username') || query.has('password')) {
    return jsonError(request, 400, 'Unable to generate token.', {
      details: ['POST request should not contain username and password in the query string'],
    });
  }
  if (request.method !== 'POST') return { ...jsonError(request, 405, 'Method not allowed.'), status: 405 };
  const serverUrl = form.get('serverUrl');
  if (serverUrl !== null && !form.has('username')) return exchange(context, request, serverUrl);
  const missing = ['username', 'password'].filter((name) => !form.get(name));
  if (params.get('client') === 'referer' && !form.get('referer')) missing.push('referer');
  if (params.get('client') === 'ip' && !form.get('ip')) missing.push('ip');
  if (missing.length > 0) {
    return jsonError(request, 400, 'Unable to generate token.', {
      details: missing.map((name) => `'${name}' must be specified.`),
    });
  }
  const user = userOf(context, request);
  if (!user) {
    return jsonError(request, 400, 'Unable to generate token.', {
      details: ['Invalid username or password.'],
    });
  }
  return respondWithToken(context, request, generate(context, request, user, 'generated', 'portal'));
}

/** `{server}/tokens/generateToken`. Its errors differ from the portal's. */
export function serverGenerateToken(
  context: PortalContext,
  request: PortalRequest,
  audience: FederatedName | 'alone',
): PortalResponse {
  const { form, query } = request;
  if (query.has('username') || query.has('password') || request.method !== 'POST') {
    return jsonError(request, 400, 'Unable to generate token.', {
      details: 'Credentials belong in the body of a POST request',
    });
  }
  const user = userOf(context, request);
  if (!user) {
    return jsonError(request, 401, 'You are not authorized to access this information', {
      details: 'Invalid credentials',
    });
  }
  const client = form.get('client');
  if (client === 'ip' && !form.get('ip')) {
    return jsonError(request, 201, 'Unable to generate token.', {
      details: 'Client id cannot be determined',
    });
  }
  if (client === null && (parseMinutes(form.get('expiration')) ?? 0) > longestUnboundMinutes) {
    return jsonError(request, 400, 'Unable to generate token.', {
      details: 'Client ID is required for long expiration tokens',
    });
  }
  const token = generate(context, request, user, kindOf(audience), audience);
  return json(request, { token: token.value, expires: token.expiresAtMs });
}

/** Exchanges a portal token for a token of one server, if that server is federated with the portal. */
function exchange(context: PortalContext, request: PortalRequest, serverUrl: string): PortalResponse {
  const portalToken = context.tokens.find(request.form.get('token'));
  if (!portalToken || portalToken.audience !== 'portal' || !isAccess(portalToken)) {
    return jsonError(request, 498, 'Invalid token.');
  }
  if (!context.tokens.isValid(portalToken)) return jsonError(request, 498, 'Invalid token.');
  const audience = federatedAudience(context, serverUrl);
  if (!audience) {
    // A server may claim to belong to this portal, but only the portal issues tokens for it.
    return jsonError(request, 400, 'Unable to generate token', {
      details: ['Unable to generate token for this server'],
    });
  }
  const lifetimeS =
    context.switches.serverTokenLifetimeS ??
    generatedLifetimeS(context.switches, parseMinutes(request.form.get('expiration')), defaultMinutes);
  const { user, clientId } = portalToken;
  const token = context.tokens.issue({
    kind: kindOf(audience),
    audience,
    lifetimeS,
    ...(user === undefined ? {} : { user }),
    ...(clientId === undefined ? {} : { clientId }),
  });
  return respondWithToken(context, request, token);
}

function generate(
  context: PortalContext,
  request: PortalRequest,
  user: User,
  kind: TokenKind,
  audience: Audience,
): TokenRecord {
  const { form } = request;
  const lifetimeS = generatedLifetimeS(
    context.switches,
    parseMinutes(form.get('expiration')),
    defaultMinutes,
  );
  return context.tokens.issue({ kind, audience, lifetimeS, user: user.username, ...bindingOf(request) });
}

function bindingOf({ form, remoteAddress }: PortalRequest): { boundOrigin?: string; boundAddress?: string } {
  const referer = form.get('referer') ?? '';
  switch (form.get('client') ?? '') {
    case 'referer':
      return { boundOrigin: URL.canParse(referer) ? new URL(referer).origin : referer };
    case 'ip':
      return { boundAddress: form.get('ip') ?? '' };
    case 'requestip':
      return { boundAddress: remoteAddress };
    default:
      return {};
  }
}

/** Compares the name exactly, unlike the sign-in page. */
function userOf({ users }: PortalContext, { form }: PortalRequest): User | undefined {
  const user = users.find(form.get('username') ?? undefined);
  return user && sameSecret(form.get('password') ?? '', user.password) ? user : undefined;
}

function isAccess({ kind }: TokenRecord): boolean {
  return kind === 'access' || kind === 'app' || kind === 'generated';
}

/** Accepts the server's root or a resource below it, because clients send either. */
function federatedAudience({ urls }: PortalContext, serverUrl: string): FederatedName | 'hosted' | undefined {
  if (!URL.canParse(serverUrl)) return undefined;
  const asked = new URL(serverUrl);
  if (asked.username !== '' || asked.password !== '') return undefined;
  const isBelow = (root: string) => {
    const { host, pathname } = new URL(root);
    return asked.host === host && `${asked.pathname}/`.startsWith(`${pathname}/`);
  };
  return isBelow(urls.hosted) ? 'hosted' : federatedNames.find((name) => isBelow(urls[name]));
}

/** Tokens of federated servers are of one kind, and differ in their audience. */
const kindOf = (audience: FederatedName | 'hosted' | 'alone'): TokenKind =>
  audience === 'hosted' || audience === 'alone' ? audience : 'server';

function respondWithToken(
  { switches }: PortalContext,
  request: PortalRequest,
  token: TokenRecord,
): PortalResponse {
  const f = request.params.get('f');
  if (f === null || f === 'html') {
    const main = `<h1>Generate token</h1>\n<label for="token">Token</label>\n<input type="text" id="token" value="${token.value}" readonly>`;
    return page(layout({ title: 'Generate token', main }));
  }
  return json(request, { token: token.value, expires: token.expiresAtMs, ssl: switches.ssl });
}

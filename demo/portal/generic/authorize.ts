// The authorization endpoint of the generic server: code flow with PKCE only (RFC 6749 §4.1, RFC 9700 §2.1.1).

import { sameSecret, type User } from '../accounts.js';
import type { PortalContext } from '../context.js';
import { page, redirect, withQuery, type PortalResponse } from '../http/response.js';
import type { PortalRequest } from '../http/request.js';
import { refusalPage } from '../pages/layout.js';
import type { AuthorizationRequest } from '../pages/pending-sign-ins.js';
import { signInPage } from '../pages/sign-in-page.js';
import { codeLifetimeS, coopHeader } from '../sharing/oauth2/authorize.js';
import { supportedScopes } from './metadata.js';
import { closeSession, openSession, sessionUser } from './session.js';

/** Default life of refresh tokens: two weeks. */
const refreshLifetimeS = 14 * 24 * 60 * 60;

export function authorize(context: PortalContext, request: PortalRequest): PortalResponse {
  const { query } = request;
  const client = context.clients.ofGenericServer(query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client || !client.redirectUris.has(redirectUri)) {
    return refusal('Client and redirect URI are not registered together.');
  }
  const state = query.get('state') ?? undefined;
  const nonce = query.get('nonce') ?? undefined;
  const codeChallenge = query.get('code_challenge') ?? '';
  const scope = query.get('scope') ?? 'tiles';
  const authorization: AuthorizationRequest = {
    clientId: client.clientId,
    redirectUri,
    responseType: 'code',
    codeChallenge,
    codeChallengeMethod: 'S256',
    scope,
    ...(state === undefined ? {} : { state }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  if (query.get('response_type') !== 'code') {
    return deny(context, authorization, 'unsupported_response_type', 'Only code is supported');
  }
  if (codeChallenge === '' || query.get('code_challenge_method') !== 'S256') {
    return deny(context, authorization, 'invalid_request', 'PKCE with S256 is required');
  }
  if (!scope.split(' ').every((word) => supportedScopes.includes(word))) {
    return deny(context, authorization, 'invalid_scope', 'Unknown scope');
  }
  const prompt = query.get('prompt');
  const user = prompt === 'login' ? undefined : sessionUser(context, request);
  if (user) return grant(context, authorization, user);
  if (prompt === 'none') return deny(context, authorization, 'login_required', 'No session');
  return signInForm(context, authorization, query.get('login_hint') ?? '');
}

export function signIn(context: PortalContext, { form, method }: PortalRequest): PortalResponse {
  const oauthState = form.get('oauth_state');
  const authorization = context.pendingSignIns.find(oauthState);
  if (method !== 'POST' || !authorization || !context.clients.ofGenericServer(authorization.clientId)) {
    return refusal('This sign-in form has expired.');
  }
  context.pendingSignIns.delete(oauthState);
  if (form.has('cancel')) {
    return deny(context, authorization, 'access_denied', 'The user denied the request');
  }
  const username = form.get('username') ?? '';
  const user = context.users.findIgnoringCase(username);
  if (!user || !sameSecret(form.get('password') ?? '', user.password)) {
    return signInForm(context, authorization, username, 'Invalid username or password.');
  }
  return grant(context, authorization, user, { 'Set-Cookie': openSession(context, user) });
}

/** OpenID Connect RP-Initiated Logout 1.0. */
export function endSession(context: PortalContext, request: PortalRequest): PortalResponse {
  const { params } = request;
  const uri = params.get('post_logout_redirect_uri');
  const client = context.clients.ofGenericServer(params.get('client_id') ?? 'idw-oauth');
  const origins = [...(client?.redirectUris ?? [])].map((known) => new URL(known).origin);
  if (uri !== null && !(URL.canParse(uri) && origins.includes(new URL(uri).origin))) {
    return refusal('post_logout_redirect_uri is not registered.');
  }
  const cookie = { 'Set-Cookie': closeSession(context, request) };
  if (uri === null) return page(refusalPage('Signed out', 'You are signed out.'), 200, cookie);
  const state = params.get('state');
  return redirect(state === null ? uri : withQuery(uri, { state }), cookie);
}

function signInForm(
  context: PortalContext,
  authorization: AuthorizationRequest,
  username: string,
  error?: string,
): PortalResponse {
  const html = signInPage({
    organisation: 'Demo Identity Server',
    action: `${context.urls.issuer}/signin`,
    clientId: authorization.clientId,
    recipient: new URL(authorization.redirectUri).host,
    oauthState: context.pendingSignIns.add(authorization),
    username,
    users: context.users.all,
    ...(error === undefined ? {} : { error }),
  });
  return page(html, 200, coopHeader(context));
}

function grant(
  context: PortalContext,
  { clientId, redirectUri, state, scope, nonce, codeChallenge = '' }: AuthorizationRequest,
  user: User,
  headers: Readonly<Record<string, string>> = {},
): PortalResponse {
  const code = context.tokens.issue({
    kind: 'oauth-code',
    audience: 'oauth',
    user: user.username,
    clientId,
    lifetimeS: codeLifetimeS,
    grant: {
      redirectUri,
      codeChallenge,
      codeChallengeMethod: 'S256',
      refreshLifetimeS: context.switches.refreshTokenLifetimeS ?? refreshLifetimeS,
      persist: false,
      ...(scope === undefined ? {} : { scope }),
      ...(nonce === undefined ? {} : { nonce }),
    },
  });
  return redirect(withQuery(redirectUri, { code: code.value, state, iss: issOf(context) }), headers);
}

function deny(
  context: PortalContext,
  { redirectUri, state }: AuthorizationRequest,
  error: string,
  description: string,
): PortalResponse {
  return redirect(
    withQuery(redirectUri, { error, error_description: description, state, iss: issOf(context) }),
  );
}

/** The issuer in the response, success or error (RFC 9207 §2). */
function issOf({ switches, urls }: PortalContext): string | undefined {
  if (switches.responseIss === 'missing') return undefined;
  return switches.responseIss === 'right' ? urls.issuer : 'https://other-issuer.example';
}

function refusal(explanation: string): PortalResponse {
  return page(refusalPage('Error 400: invalid_request', explanation), 400);
}

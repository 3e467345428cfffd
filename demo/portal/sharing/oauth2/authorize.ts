// oauth2/authorize: checks the application, then shows the form or, with a session, redirects at once.

import { oobRedirectUri, type User } from '../../accounts.js';
import type { PortalContext } from '../../context.js';
import { encodeParameters, page, redirect, withQuery, type PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';
import { refusalPage } from '../../pages/layout.js';
import type { AuthorizationRequest } from '../../pages/pending-sign-ins.js';
import { signInPage } from '../../pages/sign-in-page.js';
import { knowsPkce } from '../../pkce.js';
import { accessLifetimeS, parseMinutes, refreshLifetimeS } from '../lifetimes.js';
import { sessionUser } from '../session.js';

/** Life of an authorization code; single use (RFC 6749 §4.1.2 allows 600 s at most). */
export const codeLifetimeS = 120;

export function authorize(context: PortalContext, request: PortalRequest): PortalResponse {
  const { query } = request;
  const client = context.clients.ofPortal(query.get('client_id'));
  // Without a registered redirect URI there must be no redirect (RFC 6749 §3.1.2.4).
  if (!client) return refusal('Invalid client_id', 'No application is registered under this client_id.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.redirectUris.has(redirectUri)) {
    return refusal('Invalid redirect_uri', 'This redirect_uri is not registered for the application.');
  }
  const responseType = query.get('response_type');
  const state = query.get('state') ?? undefined;
  const style = query.get('style');
  const method = query.get('code_challenge_method') ?? 'plain';
  const challenge = query.get('code_challenge') ?? undefined;
  const expiration = parseMinutes(query.get('expiration'));
  const authorization: AuthorizationRequest = {
    clientId: client.clientId,
    redirectUri,
    responseType: responseType === 'token' ? 'token' : 'code',
    ...(state === undefined ? {} : { state }),
    ...(challenge === undefined ? {} : { codeChallenge: challenge, codeChallengeMethod: method }),
    ...(expiration === undefined ? {} : { expiration }),
    ...(style === 'light' || style === 'dark' ? { style } : {}),
  };
  if (responseType !== 'code' && responseType !== 'token') {
    return deny(context, authorization, 'unsupported_response_type', 'response_type must be code or token');
  }
  if (responseType === 'token' && redirectUri === oobRedirectUri) {
    return refusal(
      'Invalid redirect_uri',
      'The out-of-band redirect URI works with response_type=code only.',
    );
  }
  if (method !== 'S256' && method !== 'plain') {
    return deny(context, authorization, 'invalid_request', 'code_challenge_method must be S256 or plain');
  }
  const user = query.get('force_login') === 'true' ? undefined : sessionUser(context, request);
  if (user) return grant(context, authorization, user, false);
  return signInForm(context, authorization, query.get('prepopulatedusername') ?? '');
}

/** Shows the form, also again after a wrong password. */
export function signInForm(
  context: PortalContext,
  authorization: AuthorizationRequest,
  username: string,
  error?: string,
): PortalResponse {
  const html = signInPage({
    organisation: 'Demo Portal',
    action: `${context.urls.portal}/sharing/rest/oauth2/signin`,
    clientId: authorization.clientId,
    recipient: recipientOf(authorization.redirectUri),
    oauthState: context.pendingSignIns.add(authorization),
    username,
    users: context.users.all,
    style: authorization.style,
    ...(error === undefined ? {} : { error }),
  });
  return page(html, 200, coopHeader(context));
}

/** Redirects the user back with a code, or with a token in the implicit flow. */
export function grant(
  context: PortalContext,
  authorization: AuthorizationRequest,
  user: User,
  persist: boolean,
  headers: Readonly<Record<string, string>> = {},
): PortalResponse {
  const { tokens, switches } = context;
  const { clientId, redirectUri, state } = authorization;
  if (authorization.responseType === 'token') {
    const lifetimeS = Math.min(accessLifetimeS(switches), (authorization.expiration ?? 120) * 60);
    const access = tokens.issue({
      kind: 'access',
      audience: 'portal',
      user: user.username,
      clientId,
      lifetimeS,
    });
    const fragment = encodeParameters({
      access_token: access.value,
      expires_in: String(lifetimeS),
      username: user.username,
      ssl: String(switches.ssl),
      state,
      persist: persist ? 'true' : undefined,
    });
    return redirect(`${redirectUri}#${fragment}`, headers);
  }
  const { codeChallenge, codeChallengeMethod } = authorization;
  const code = tokens.issue({
    kind: 'code',
    audience: 'portal',
    user: user.username,
    clientId,
    lifetimeS: codeLifetimeS,
    grant: {
      redirectUri,
      persist,
      refreshLifetimeS: refreshLifetimeS(switches, authorization.expiration),
      ...(knowsPkce(switches) && codeChallenge !== undefined && codeChallengeMethod !== undefined
        ? { codeChallenge, codeChallengeMethod }
        : {}),
    },
  });
  if (redirectUri === oobRedirectUri) {
    return redirect(withQuery(approvalUrl(context), { code: code.value }), headers);
  }
  return redirect(
    withQuery(redirectUri, { code: code.value, state, persist: persist ? 'true' : undefined }),
    headers,
  );
}

/** Redirects the user back with an error (RFC 6749 §4.1.2.1). */
export function deny(
  context: PortalContext,
  { redirectUri, responseType, state }: AuthorizationRequest,
  error: string,
  description: string,
): PortalResponse {
  if (redirectUri === oobRedirectUri) return redirect(withQuery(approvalUrl(context), { error }));
  const parameters = { error, error_description: description, state };
  return redirect(
    responseType === 'token'
      ? `${redirectUri}#${encodeParameters(parameters)}`
      : withQuery(redirectUri, parameters),
  );
}

export function coopHeader({ switches }: PortalContext): Record<string, string> {
  return switches.coop === null ? {} : { 'Cross-Origin-Opener-Policy': switches.coop };
}

/** The error page where there must be no redirect. */
export function refusal(reason: string, explanation: string): PortalResponse {
  return page(refusalPage(`Error 400: ${reason}`, explanation), 400);
}

function approvalUrl({ urls }: PortalContext): string {
  return `${urls.portal}/sharing/rest/oauth2/approval`;
}

function recipientOf(redirectUri: string): string {
  return redirectUri === oobRedirectUri
    ? 'a code to copy'
    : URL.canParse(redirectUri)
      ? new URL(redirectUri).host
      : redirectUri;
}

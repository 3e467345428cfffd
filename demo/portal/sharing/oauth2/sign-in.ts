// oauth2/signin: reads the form, checks the password, starts the session.

import { sameSecret } from '../../accounts.js';
import type { PortalContext } from '../../context.js';
import type { PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';
import { openSession } from '../session.js';
import { deny, grant, refusal, signInForm } from './authorize.js';

export function signIn(context: PortalContext, request: PortalRequest): PortalResponse {
  const { form, method } = request;
  const oauthState = form.get('oauth_state');
  const authorization = context.pendingSignIns.find(oauthState);
  if (method !== 'POST' || !authorization || !context.clients.ofPortal(authorization.clientId)) {
    return refusal('Invalid oauth_state', 'This sign-in form has expired. Start again from the application.');
  }
  // A form can be sent once. After a wrong password there is a new handle.
  context.pendingSignIns.delete(oauthState);
  if (form.has('cancel')) {
    return deny(context, authorization, 'access_denied', 'The user denied your request.');
  }
  const username = form.get('username') ?? '';
  const user = context.users.findIgnoringCase(username);
  if (!user || !sameSecret(form.get('password') ?? '', user.password)) {
    return signInForm(context, authorization, username, 'Invalid username or password.');
  }
  const persist = form.get('persist') === 'true';
  return grant(context, authorization, user, persist, { 'Set-Cookie': openSession(context, user, persist) });
}

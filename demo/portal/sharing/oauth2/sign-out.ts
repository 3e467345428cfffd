// oauth2/signout: ends the portal's browser session and redirects the user back to the application.

import type { PortalContext } from '../../context.js';
import { page, redirect, type PortalResponse } from '../../http/response.js';
import type { PortalRequest } from '../../http/request.js';
import { layout } from '../../pages/layout.js';
import { closeSession } from '../session.js';
import { refusal } from './authorize.js';

export function signOut(context: PortalContext, request: PortalRequest): PortalResponse {
  const redirectUri = request.query.get('redirect_uri');
  if (redirectUri !== null && !isOfApplication(context, request.query.get('client_id'), redirectUri)) {
    return refusal('Invalid redirect_uri', 'This address does not belong to the application.');
  }
  const cookie = { 'Set-Cookie': closeSession(context, request) };
  if (redirectUri !== null) return redirect(redirectUri, cookie);
  return page(layout({ title: 'Signed out', main: '<h1>You are signed out</h1>' }), 200, cookie);
}

/** Any page of a registered origin is allowed. */
function isOfApplication({ clients }: PortalContext, clientId: string | null, uri: string): boolean {
  const client = clients.ofPortal(clientId);
  if (!client || !URL.canParse(uri)) return false;
  const { origin } = new URL(uri);
  return (
    origin !== 'null' &&
    [...client.redirectUris].some((known) => URL.canParse(known) && new URL(known).origin === origin)
  );
}

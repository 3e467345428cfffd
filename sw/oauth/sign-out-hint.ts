/**
 * Brings the ID token of a sign-in to the page that ends the server's session. The app's page opens a window there and would see
 * its address: it is given an address of this worker instead, which leads on in the navigation itself.
 */
import { OUT_OF_BAND } from '../../protocol/registration.js';
import { ExpiringMap } from '../storage/expiring-map.js';
import { signOutUrl } from './authorization-request.js';
import { SIGN_OUT_PARAMETER, type Endpoints, type OAuthClient } from './authorization-server.js';
import { randomText } from './pkce.js';

declare const self: ServiceWorkerGlobalScope;

/** How long an ID token waits for its use after the sign-out, in ms. */
const LIFE_MS = 60_000;

/** Longest ID token that is used, in characters: servers take addresses of 8,000. */
const MAX_LENGTH = 4096;

/** The ID tokens of users who have just signed out, by registration, with the one-time ids of the addresses that lead to them. */
const held = new ExpiringMap<string, { readonly id: string; readonly idToken: string }>(LIFE_MS);

/** The ID token, where the server ends sessions and pages of the app cannot read the address of a window at it. */
export const usableIdToken = (
  { end_session_endpoint: endpoint }: Endpoints,
  idToken: string | undefined,
): { idToken?: string } =>
  idToken !== undefined &&
  idToken.length <= MAX_LENGTH &&
  endpoint !== undefined &&
  new URL(endpoint).origin !== self.location.origin
    ? { idToken }
    : {};

export function holdIdToken({ url }: OAuthClient, idToken: string | undefined): void {
  if (idToken === undefined) held.delete(url);
  else held.set(url, { id: randomText(), idToken });
}

export function concealedSignOutUrl({
  url,
  redirectUri,
  callbackPage = redirectUri,
}: OAuthClient): string | undefined {
  const hint = held.get(url);
  if (!hint) return undefined;
  const query = new URLSearchParams({ [SIGN_OUT_PARAMETER]: url, id: hint.id });
  // No worker of the app answers for the callback page, and where none at all answers that page closes the window.
  const page = callbackPage === OUT_OF_BAND ? self.registration.scope : callbackPage;
  return `${page}?${query.toString()}`;
}

/** After a restart of the worker there is no ID token: the server asks the user. */
export async function leadToSignOut(client: OAuthClient, { searchParams }: URL): Promise<Response> {
  try {
    return Response.redirect(await signOutUrl(client, takeIdToken(client, searchParams.get('id'))), 303);
  } catch {
    return Response.error();
  }
}

/** The ID token that an id stands for, once. */
export function takeIdToken({ url }: OAuthClient, id: string | null): string | undefined {
  const hint = held.get(url);
  if (hint?.id !== id) return undefined;
  held.delete(url);
  return hint?.idToken;
}

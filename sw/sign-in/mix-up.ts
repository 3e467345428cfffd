/** Tells portals apart that do not name themselves in their responses, as ArcGIS portals do not (RFC 9207 is for those that do). */
import type { Portal } from '../portals/portal.js';

/**
 * Whether a response came to the redirect URI of another portal than the one that was asked. A hostile portal can send the user
 * on to another one, and have the code come back under its own `state`; it must not get that code with its verifier.
 *
 * @param redirectUri - Address of the page that the response came to, without query; `undefined` where the user or an app's own
 * sign-in brought it. An address that belongs to no portal says nothing: servers rewrite addresses.
 * @see RFC 9700 §4.4.2
 */
export function isRedirectUriOfAnother(
  redirectUri: string | undefined,
  asked: Portal,
  portals: readonly Portal[],
): boolean {
  if (redirectUri === asked.redirectUri) return false;
  return portals.some((portal) => portal.redirectUri === redirectUri);
}

/** What a person wants of a sign-in, as parameters of the authorization URL. */
import type { SignInParameters } from '../../protocol/worker-api.js';
import type { PortalKind } from '../portals/portal.js';

/**
 * Adds the parameters of a parameters. ArcGIS knows `force_login` alone: its other pages ask nobody only where they have a session.
 *
 * @see ArcGIS REST API: Authorize; OpenID Connect Core §3.1.2.1
 */
export function withSignInParameters(
  authorizationUrl: string,
  kind: PortalKind,
  { forceLogin, loginHint, silent }: SignInParameters,
): string {
  const url = new URL(authorizationUrl);
  const parameters =
    kind === 'arcgis'
      ? { force_login: forceLogin ? 'true' : undefined }
      : { prompt: silent ? 'none' : forceLogin ? 'login' : undefined, login_hint: loginHint };
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/** The source of a worker for portals that are given as data. */
import type { ArcGISEnterpriseOptions, ArcGISOnlineOptions, OAuthServerOptions } from '../sw/index.js';

/**
 * A portal as data, with the options of `arcgisOnline`, `arcgisEnterprise` or `oauthServer`: with an `issuer` it is an OAuth server,
 * with the `url` of a portal ArcGIS Enterprise, and ArcGIS Online without one or with one of its own. `redirectUri` is the plugin's.
 */
export type PortalData =
  | (Omit<ArcGISOnlineOptions, 'redirectUri'> & { redirectUri?: string })
  | (Omit<ArcGISEnterpriseOptions, 'redirectUri'> & { redirectUri?: string })
  | (Omit<OAuthServerOptions, 'redirectUri'> & { redirectUri?: string });

/** The function of `identity-worker/sw` that registers a portal. */
function registrarOf(portal: PortalData): 'arcgisEnterprise' | 'arcgisOnline' | 'oauthServer' {
  if ('issuer' in portal) return 'oauthServer';
  const { url } = portal as { url?: string };
  const isOnline =
    url === undefined ||
    (URL.canParse(url) && /^(www|[\w-]+\.maps)\.arcgis\.com$/.test(new URL(url).hostname));
  return isOnline ? 'arcgisOnline' : 'arcgisEnterprise';
}

/**
 * The worker's source.
 *
 * @param defaults - Options of every portal that does not have its own.
 */
export function dataWorker(
  portals: readonly PortalData[],
  defaults: Readonly<Record<string, string>>,
): string {
  const registrations = portals.map(
    (portal) => `sw.${registrarOf(portal)}(${JSON.stringify({ ...defaults, ...portal })})`,
  );
  return `import * as sw from 'identity-worker/sw';
new sw.IdentityWorker({ portals: [${registrations.join(', ')}] }).listen();
${defaults['callback'] === 'page' ? passOn(defaults['redirectUri'] ?? '') : ''}`;
}

/** Passes navigations to the callback page on: other listeners may answer every navigation with the app's page. */
const passOn = (
  callbackPage: string,
): string => `const callbackPage = new URL(${JSON.stringify(callbackPage)}, registration.scope).pathname;
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode !== 'navigate' || new URL(request.url).pathname !== callbackPage) return;
  event.stopImmediatePropagation();
  event.respondWith(fetch(request));
});
`;

/** Entry of the ready worker file, for sites without a build. The script tag's attributes are in its own URL, which pages cannot change. */
import { clientsClaim } from 'workbox-core/clientsClaim.js';
import { parseClientId, parsePortalUrl, parseRedirectUri } from '../protocol/registration.js';
import { readRegistration } from '../protocol/worker-url.js';
import { IdentityWorker } from './identity-worker.js';
import { clientList } from './parts/client-list.js';
import { federation } from './parts/federation.js';
import { keepalive } from './parts/keepalive.js';
import { redirectReturn } from './parts/redirect-return.js';
import { staticRoutes } from './parts/static-routes.js';
import { arcgisPortal, online, ONLINE } from './portals/arcgis-portal.js';
import { parseTokenPlacement } from './portals/portal-options.js';
import type { PortalRegistration } from './portals/portal.js';
import { portalRoot, type PortalUrl } from './portals/portal-url.js';

declare const self: ServiceWorkerGlobalScope;

const attributes = readRegistration(new URL(self.location.href).searchParams);

const urlsOf = (field: 'servers' | 'resources'): PortalUrl[] =>
  (attributes[field]?.split(/\s+/) ?? []).filter(Boolean).map((value) => parsePortalUrl(value, field));

/** As `arcgisOnline` or `arcgisEnterprise` register it, without the checks of options that a script tag cannot set. */
const portal: PortalRegistration = (scope) => {
  const given = parsePortalUrl(attributes.portal, 'url');
  const url = portalRoot(given);
  const isOnline = url === ONLINE;
  const sharing = parsePortalUrl(`${url}/sharing/`, 'url');
  const facts = {
    url,
    sharing,
    name: attributes.name ?? (isOnline ? 'ArcGIS Online' : undefined),
    clientId: parseClientId(attributes['client-id'], sharing.origin),
    tokenPlacement: parseTokenPlacement(attributes['token-placement']),
    images: 'opaque',
    persistence: 'persistent',
    callback: 'page',
    allow: undefined,
    redirectUri: parseRedirectUri(attributes['redirect-uri'], scope),
    webTier: false,
    resources: urlsOf('resources'),
    servers: urlsOf('servers'),
    authorizationParameters: {},
  } as const;
  return arcgisPortal(facts, isOnline ? online(given) : {});
};

// This worker has no other job: the page of the first visit is controlled as soon as it is active.
clientsClaim();
new IdentityWorker({
  portals: [portal],
  // What a script tag can ask for.
  parts: [clientList(), federation(), redirectReturn(), keepalive(), staticRoutes()],
}).listen();

/** Entry of the ready worker file, for sites without a build. The script tag's attributes are in its own URL, which pages cannot change. */
import { clientsClaim } from 'workbox-core/clientsClaim.js';
import { readRegistration } from '../protocol/worker-url.js';
import { IdentityWorker } from './identity-worker.js';
import { clientList } from './parts/client-list.js';
import { federation } from './parts/federation.js';
import { keepalive } from './parts/keepalive.js';
import { redirectReturn } from './parts/redirect-return.js';
import { staticRoutes } from './parts/static-routes.js';
import { arcgisEnterprise, arcgisOnline } from './portals/arcgis.js';
import type { TokenPlacement } from './portals/portal.js';
import { normalizePortalUrl } from './portals/portal-url.js';

declare const self: ServiceWorkerGlobalScope;

const attributes = readRegistration(new URL(self.location.href).searchParams);
const words = (value: string | undefined): string[] => value?.split(/\s+/).filter(Boolean) ?? [];
const { portal: url = '', name, 'token-placement': tokenPlacement } = attributes;
const options = {
  url,
  clientId: attributes['client-id'] ?? '',
  redirectUri: attributes['redirect-uri'] ?? '',
  servers: words(attributes.servers),
  resources: words(attributes.resources),
  ...(name === undefined ? {} : { name }),
  // Checked with the rest of the registration.
  ...(tokenPlacement === undefined ? {} : { tokenPlacement: tokenPlacement as TokenPlacement }),
};
// This worker has no other job: the page of the first visit is controlled as soon as it is active.
clientsClaim();
const isOnline = normalizePortalUrl(url) === 'https://www.arcgis.com';
new IdentityWorker({
  portals: [isOnline ? arcgisOnline(options) : arcgisEnterprise(options)],
  // What a script tag can ask for.
  parts: [clientList(), federation(), redirectReturn(), keepalive(), staticRoutes()],
}).listen();

/** Entry of the ready worker file, for sites without a build. The script tag's attributes are in its own URL (S6). */
import { clientsClaim } from 'workbox-core/clientsClaim.js';
import { readRegistration } from '../protocol/worker-url.js';
import { IdentityWorker } from './identity-worker.js';
import { arcgisEnterprise, arcgisOnline } from './portals/registration.js';
import { normalizePortalUrl } from './portals/portal-url.js';
import type { TokenPlacement } from './portals/portal.js';

declare const self: ServiceWorkerGlobalScope;

const text = readRegistration(new URL(self.location.href).searchParams);
const words = (value: string | undefined): string[] => value?.split(/\s+/).filter(Boolean) ?? [];
const { portal: url = '', name, 'token-placement': tokenPlacement } = text;
const options = {
  url,
  clientId: text['client-id'] ?? '',
  redirectUri: text['redirect-uri'] ?? '',
  servers: words(text.servers),
  resources: words(text.resources),
  ...(name === undefined ? {} : { name }),
  // Checked with the rest of the registration.
  ...(tokenPlacement === undefined ? {} : { tokenPlacement: tokenPlacement as TokenPlacement }),
};
// This worker has no other job: the page of the first visit is controlled as soon as it is active.
clientsClaim();
const isOnline = normalizePortalUrl(url) === 'https://www.arcgis.com';
new IdentityWorker({
  portals: [isOnline ? arcgisOnline(options) : arcgisEnterprise(options)],
  staticRouting: true,
}).listen();

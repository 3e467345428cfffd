/** Entry of the ready worker file, for sites without a build. The script tag's attributes are in its own URL. */
import { clientsClaim } from 'workbox-core/clientsClaim.js';
import { INJECTED_KEYS_PROPERTY, INJECTED_QUERY_PROPERTY } from '../protocol/sealed-script.js';
import { readRegistration } from '../protocol/worker-url.js';
import { IdentityWorker } from './identity-worker.js';
import { federation } from './parts/federation.js';
import { keepalive } from './parts/keepalive.js';
import { redirectReturn } from './parts/redirect-return.js';
import { sealedLevel } from './parts/sealed-level.js';
import { staticRoutes } from './parts/static-routes.js';
import { strictCallback } from './parts/strict-callback.js';
import { arcgisEnterprise, arcgisOnline, type ArcGISEnterpriseOptions } from './portals/arcgis.js';
import { normalizePortalUrl } from './portals/portal-url.js';

declare const self: ServiceWorkerGlobalScope;

// Page script may register this file with attributes of its own: keys are for those that the server names.
const injected = (self as unknown as Record<string, string | undefined>)[INJECTED_QUERY_PROPERTY];
if (injected === undefined) delete (self as unknown as Record<string, unknown>)[INJECTED_KEYS_PROPERTY];

const attributes = readRegistration(new URLSearchParams(injected ?? self.location.search));
const words = (value: string | undefined): string[] => value?.split(/\s+/).filter(Boolean) ?? [];
const { portal: url = '', name, callback, 'redirect-uri': redirectUri = '' } = attributes;
// Checked with the rest of the registration.
const options = {
  url,
  clientId: attributes['client-id'] ?? '',
  // A page that the worker takes responses at is shown at no other address: not the start page, which is the default.
  redirectUri: callback === 'worker' && redirectUri === self.registration.scope ? '' : redirectUri,
  servers: words(attributes.servers),
  resources: words(attributes.resources),
  tokenPlacement: attributes['token-placement'],
  persistence: attributes.persistence,
  callback,
  callbackPage: attributes['callback-page'],
  ...(name === undefined ? {} : { name }),
} as ArcGISEnterpriseOptions;
// This worker has no other job: the page of the first visit is controlled as soon as it is active.
clientsClaim();
const isOnline = normalizePortalUrl(url) === 'https://www.arcgis.com';
new IdentityWorker({
  portals: [isOnline ? arcgisOnline(options) : arcgisEnterprise(options)],
  // What a script tag can ask for.
  parts: [federation(), strictCallback(), redirectReturn(), sealedLevel(), keepalive(), staticRoutes()],
}).listen();

/** Entry of the ready worker file, for sites without a build. The script tag's attributes are in its own URL. */
import { clientsClaim } from 'workbox-core/clientsClaim.js';
import { parseClientId, parsePortalUrl } from '../protocol/registration.js';
import { INJECTED_KEYS_PROPERTY, INJECTED_QUERY_PROPERTY } from '../protocol/sealed-script.js';
import { readRegistration } from '../protocol/worker-url.js';
import { IdentityWorker } from './identity-worker.js';
import { clientList } from './parts/client-list.js';
import { federation } from './parts/federation.js';
import { keepalive } from './parts/keepalive.js';
import { redirectReturn } from './parts/redirect-return.js';
import { sealedLevel } from './parts/sealed-level.js';
import { staticRoutes } from './parts/static-routes.js';
import { strictCallback } from './parts/strict-callback.js';
import { tracing } from './parts/tracing.js';
import { arcgisPortal, online, ONLINE } from './portals/arcgis-portal.js';
import { parseShared, parseTokenPlacement, type SharedOptions } from './portals/portal-options.js';
import type { PortalRegistration } from './portals/portal.js';
import { portalRoot, type PortalUrl } from './portals/portal-url.js';

declare const self: ServiceWorkerGlobalScope;

// Page script may register this file with attributes of its own: keys are for those that the server names.
const injected = (self as unknown as Record<string, string | undefined>)[INJECTED_QUERY_PROPERTY];
if (injected === undefined) delete (self as unknown as Record<string, unknown>)[INJECTED_KEYS_PROPERTY];

const attributes = readRegistration(new URLSearchParams(injected ?? self.location.search));

const urlsOf = (field: 'servers' | 'resources'): PortalUrl[] =>
  (attributes[field]?.split(/\s+/) ?? []).filter(Boolean).map((value) => parsePortalUrl(value, field));

/** As `arcgisOnline` or `arcgisEnterprise` register it, without the checks of options that a script tag cannot set. */
const portal: PortalRegistration = (scope) => {
  const given = parsePortalUrl(attributes.portal, 'url');
  const url = portalRoot(given);
  const isOnline = url === ONLINE;
  const sharing = parsePortalUrl(`${url}/sharing/`, 'url');
  const {
    callback,
    persistence,
    'redirect-uri': redirectUri = '',
    'callback-page': callbackPage,
  } = attributes;
  const shared = {
    // A page that the worker takes responses at is shown at no other address: not the start page, which is the default.
    redirectUri: callback === 'worker' && redirectUri === scope ? '' : redirectUri,
    persistence,
    callback,
    callbackPage,
  } as SharedOptions;
  const facts = {
    url,
    sharing,
    name: attributes.name ?? (isOnline ? 'ArcGIS Online' : undefined),
    clientId: parseClientId(attributes['client-id'], sharing.origin),
    tokenPlacement: parseTokenPlacement(attributes['token-placement']),
    mayFetch: [],
    ...parseShared(shared, scope),
    webTier: false,
    resources: urlsOf('resources'),
    servers: urlsOf('servers'),
    authorizationParameters: {},
  };
  return arcgisPortal(facts, isOnline ? online(given) : {});
};

// This worker has no other job: the page of the first visit is controlled as soon as it is active.
clientsClaim();
new IdentityWorker({
  portals: [portal],
  // What a script tag can ask for.
  parts: [
    clientList(),
    federation(),
    strictCallback(),
    redirectReturn(),
    sealedLevel(),
    keepalive(),
    staticRoutes(),
    tracing(),
  ],
}).listen();

/** The worker of an app that keeps signed answers: by HTTP's own rules, and by strategies of its own. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';
import { offline, signedStrategy, type OfflineOptions } from 'identity-worker/sw/offline';
import { CacheableResponsePlugin } from 'workbox-cacheable-response/CacheableResponsePlugin.js';
import { ExpirationPlugin } from 'workbox-expiration/ExpirationPlugin.js';
import { RangeRequestsPlugin } from 'workbox-range-requests/RangeRequestsPlugin.js';
import type { WorkboxPlugin } from 'workbox-core/types.js';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { CacheFirst } from 'workbox-strategies/CacheFirst.js';
import { NetworkFirst } from 'workbox-strategies/NetworkFirst.js';
import { StaleWhileRevalidate } from 'workbox-strategies/StaleWhileRevalidate.js';
import { reportFaults } from './report-faults.js';

interface Config {
  arcgis?: ArcGISEnterpriseOptions[];
  offline?: OfflineOptions;
}

reportFaults();

const { arcgis = [], offline: limits } = JSON.parse('__IDENTITY_CONFIG__') as Config;

const identity = new IdentityWorker({ portals: arcgis.map(arcgisEnterprise), parts: [offline(limits)] });

/** Requests say which strategy they are for: `with=CacheFirst`. */
const strategies = {
  CacheFirst: new CacheFirst({
    cacheName: 'first',
    // Declared without exact optional properties.
    plugins: [
      new CacheableResponsePlugin({ statuses: [0, 200] }),
      new ExpirationPlugin({ maxEntries: 3 }),
      new RangeRequestsPlugin(),
    ] as WorkboxPlugin[],
  }),
  NetworkFirst: new NetworkFirst({ cacheName: 'second' }),
  StaleWhileRevalidate: new StaleWhileRevalidate({ cacheName: 'third' }),
};
for (const [name, strategy] of Object.entries(strategies))
  registerRoute(({ url }) => url.searchParams.get('with') === name, signedStrategy(identity, strategy));

/** The control of attacks: keeps every answer, for everybody. */
registerRoute(
  ({ url }) => url.searchParams.get('with') === 'careless',
  async ({ request, event }) => {
    const cache = await caches.open('careless');
    const known = await cache.match(request);
    if (known) return known;
    const response = await identity.fetch(request, { event });
    await cache.put(request, response.clone());
    return response;
  },
);
identity.listen();

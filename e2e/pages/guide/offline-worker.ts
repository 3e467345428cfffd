import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';
import { offline, signedStrategy } from 'identity-worker/sw/offline';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { NetworkFirst } from 'workbox-strategies/NetworkFirst.js';

const identity = new IdentityWorker({
  portals: [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'my-client-id',
      redirectUri: '/signed-in.html',
    }),
  ],
  parts: [offline()],
});
const features = new NetworkFirst({ cacheName: 'features' });
registerRoute(({ url }) => url.pathname.endsWith('/query'), signedStrategy(identity, features));
identity.listen();

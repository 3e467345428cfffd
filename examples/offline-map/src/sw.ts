import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';
import { offline, signedStrategy } from 'identity-worker/sw/offline';
import { precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';

declare const self: ServiceWorkerGlobalScope;

const portal = { url: 'https://gis.example.org/portal', clientId: 'my-client-id' };
const identity = new IdentityWorker({
  portals: [arcgisEnterprise({ ...portal, redirectUri: 'signed-in.html' })],
  parts: [offline()],
});
// What the map has shown is there again without a network, for its user only.
const layers = signedStrategy(identity, new NetworkFirst({ cacheName: 'layers' }));
registerRoute(({ url }) => url.href.startsWith('https://gis.example.org/server/'), layers);
identity.listen();

// The app's own files.
precacheAndRoute(self.__WB_MANIFEST);

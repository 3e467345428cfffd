import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';
import { createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope;

const portal = { url: 'https://gis.example.org/portal', clientId: 'my-client-id' };
new IdentityWorker({
  portals: [arcgisEnterprise({ ...portal, redirectUri: 'signed-in.html' })],
}).listen();

// The app's own: its files are kept, and every address shows its page, but for that of the callback page.
precacheAndRoute(self.__WB_MANIFEST);
if (import.meta.env.PROD)
  registerRoute(
    new NavigationRoute(createHandlerBoundToURL('index.html'), { denylist: [/\/signed-in\.html/] }),
  );

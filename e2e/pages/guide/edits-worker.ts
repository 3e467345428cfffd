import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';
import { EditQueue } from 'identity-worker/sw/offline';
import { registerRoute } from 'workbox-routing/registerRoute.js';

const identity = new IdentityWorker({
  portals: [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'my-client-id',
      redirectUri: '/signed-in.html',
    }),
  ],
});
const edits = new EditQueue(identity, 'edits');
registerRoute(({ url }) => url.pathname.endsWith('/applyEdits'), edits.handler, 'POST');
for (const route of identity.routes) registerRoute(route);
identity.listenToPages();

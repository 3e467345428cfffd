/** The app's service worker: its offline shell, and the Identity Worker, which signs the map's requests and keeps what users save. */
import { appLogin, arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';
import { EditQueue, offline } from 'identity-worker/sw/offline';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { serveAppShell, type AppFile } from './app-shell.js';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly AppFile[] };
declare const __PORTAL_URL__: string;
declare const __SERVER_URL__: string;

// The start page contains the server's address, so the cache depends on it.
serveAppShell(self.__WB_MANIFEST, __SERVER_URL__);

const identity = new IdentityWorker({
  portals: [
    arcgisEnterprise({
      url: __PORTAL_URL__,
      clientId: 'idw-demo',
      redirectUri: '/signed-in.html',
      name: 'Demo Portal',
      servers: [__SERVER_URL__],
      // The server seals this script: page script can read neither tokens nor authorization codes.
      persistence: 'sealed',
      callback: 'worker',
    }),
    // Everybody sees the terrain by the app's account; the rest needs a user, whose own token then signs the terrain too.
    appLogin({
      url: __PORTAL_URL__,
      tokens: '/app-tokens',
      allow: {
        methods: ['GET'],
        paths: [new URL(`${__SERVER_URL__}/rest/services/Terrain/MapServer`).pathname],
      },
    }),
  ],
  activity: true,
  // Saved views, and tiles that are still fresh.
  parts: [offline()],
});
const edits = new EditQueue(identity, 'notes');
registerRoute(({ url }) => url.pathname.endsWith('/applyEdits'), edits.handler, 'POST');
identity.listen();

/// <reference types="vite/client" />
import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';

const identity = new IdentityWorker({
  portals: [
    arcgisEnterprise({
      url: import.meta.env['VITE_PORTAL'],
      clientId: 'idw-demo',
      redirectUri: '/signed-in.html',
      persistence: import.meta.env['VITE_PERSISTENCE'] ?? 'persistent',
      callback: import.meta.env['VITE_CALLBACK'] ?? 'page',
    }),
  ],
});
identity.listen();

import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';

new IdentityWorker({
  portals: [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'my-client-id',
      redirectUri: '/signed-in',
      persistence: 'sealed',
      callback: 'worker',
    }),
  ],
}).listen();

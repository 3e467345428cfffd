import { arcgisEnterprise, federation, IdentityWorker } from 'identity-worker/sw/core';

const identity = new IdentityWorker({
  portals: [
    arcgisEnterprise({
      url: 'https://gis.example.org/portal',
      clientId: 'my-client-id',
      redirectUri: '/signed-in.html',
    }),
  ],
  parts: [federation()],
});
identity.listen();

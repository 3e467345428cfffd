import { keycloak } from 'identity-worker/presets';
import { IdentityWorker } from 'identity-worker/sw';

const identity = new IdentityWorker({
  portals: [
    keycloak({
      url: 'https://sso.example.org',
      realm: 'maps',
      clientId: 'my-client-id',
      redirectUri: '/signed-in.html',
      resources: ['https://api.example.org/v1/'],
    }),
  ],
});
identity.listen();

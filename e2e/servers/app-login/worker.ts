import { appLogin, IdentityWorker } from 'identity-worker/sw';

const identity = new IdentityWorker({
  portals: [appLogin({ url: 'https://gis.example.org/portal', tokens: '/app-tokens' })],
});
identity.listen();

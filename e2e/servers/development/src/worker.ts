/// <reference types="vite/client" />
import { arcgisEnterprise, IdentityWorker } from 'identity-worker/sw';
import { portal } from './portal.js';

const identity = new IdentityWorker({
  portals: [
    arcgisEnterprise({
      ...portal,
      redirectUri: import.meta.env['VITE_CALLBACK_PAGE'] ?? 'signed-in.html',
    }),
  ],
});
identity.listen();

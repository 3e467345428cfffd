import { identityWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  plugins: [
    VitePWA({ registerType: 'autoUpdate' }),
    identityWorker({ portals: [{ url: 'https://gis.example.org/portal', clientId: 'my-client-id' }] }),
  ],
});

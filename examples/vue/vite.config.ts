import vue from '@vitejs/plugin-vue';
import { identityWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [
    vue(),
    identityWorker({ portals: [{ url: 'https://gis.example.org/portal', clientId: 'my-client-id' }] }),
  ],
});

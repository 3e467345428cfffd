import react from '@vitejs/plugin-react';
import { identityWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [
    react(),
    identityWorker({ portals: [{ url: 'https://gis.example.org/portal', clientId: 'my-client-id' }] }),
  ],
});

import { sealedWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '.',
      filename: 'worker.ts',
      injectRegister: null,
      injectManifest: { rollupFormat: 'iife' },
    }),
    sealedWorker({ secrets: process.env['SEAL_SECRETS'], source: 'worker.ts' }),
  ],
});

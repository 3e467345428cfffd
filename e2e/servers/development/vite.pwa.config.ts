import { identityWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'worker.ts',
      devOptions: { enabled: true, type: 'module' },
    }),
    identityWorker({ worker: 'src/worker.ts', callbackPage: 'own-callback.html' }),
  ],
});

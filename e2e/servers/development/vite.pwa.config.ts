import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  optimizeDeps: { entries: ['*.html', 'worker.ts'] },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '.',
      filename: 'worker.ts',
      injectRegister: null,
      injectManifest: { rollupFormat: 'iife' },
      devOptions: { enabled: true, type: 'module' },
    }),
  ],
});

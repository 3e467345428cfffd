import { defineConfig } from 'vite';

export default defineConfig({
  // Otherwise Vite finds the worker's dependencies when the worker is registered, and reloads the page once.
  optimizeDeps: { entries: ['*.html', 'worker.ts'] },
});

import { identityWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/sub/',
  plugins: [identityWorker({ worker: 'src/worker.ts', callbackPage: 'account/back.html' })],
});

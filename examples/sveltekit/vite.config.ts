import { sveltekit } from '@sveltejs/kit/vite';
import { sealedWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';

const sealing = {
  secrets: process.env.SEAL_SECRETS,
  source: 'src/service-worker.ts',
  path: '/service-worker.js',
  callback: '/signed-in',
};
export default defineConfig({ plugins: [sealedWorker(sealing), sveltekit()] });

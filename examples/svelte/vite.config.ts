import { svelte } from '@sveltejs/vite-plugin-svelte';
import { identityWorker } from 'identity-worker/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [
    svelte(),
    identityWorker({ portals: [{ url: 'https://gis.example.org/portal', clientId: 'my-client-id' }] }),
  ],
});

import { cpSync } from 'node:fs';

// The files of the script tag, to the root of the site.
for (const name of ['identity-client.js', 'identity-client', 'identity-worker.js'])
  cpSync(`node_modules/identity-worker/dist/${name}`, `site/${name}`, { recursive: true });

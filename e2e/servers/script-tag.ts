import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { guardCallback, guardWorkers, issueSealCookie, sealWorkerScript } from 'identity-worker/server';
import { toNodeListener, toNodeMiddleware } from 'identity-worker/server/node';
import { serveFiles } from './files.js';

const secrets = process.env['SEAL_SECRETS'];
const script = new URL('./site/identity-worker.js', import.meta.url);

const sealing = toNodeListener(
  guardWorkers({ paths: ['/identity-worker.js'] }),
  sealWorkerScript({
    secrets,
    path: '/identity-worker.js',
    script: () => readFile(script, 'utf8'),
    query: {
      portal: 'https://gis.example.org/portal',
      'client-id': 'my-client-id',
      'redirect-uri': '/signed-in.html',
      persistence: 'sealed',
      callback: 'worker',
    },
  }),
  guardCallback({ path: '/signed-in.html' }),
);
const cookie = toNodeMiddleware(issueSealCookie({ secrets }));

export const server = createServer((request, response) => {
  sealing(request, response, () => cookie(request, response, () => serveFiles(request, response)));
});
server.listen(Number(process.env['PORT'] ?? 8080));

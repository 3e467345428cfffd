import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { sealSite } from 'identity-worker/server';
import { toNodeListener, toNodeMiddleware } from 'identity-worker/server/node';
import { serveFiles } from './files.js';

const script = new URL('./site/worker.js', import.meta.url);
const { answer, addCookie } = sealSite({
  secrets: process.env['SEAL_SECRETS'],
  path: '/worker.js',
  script: () => readFile(script, 'utf8'),
  callbackPage: '/signed-in.html',
});
const sealing = toNodeListener(answer);
const cookie = toNodeMiddleware(addCookie);

export const server = createServer((request, response) => {
  sealing(request, response, () => cookie(request, response, () => serveFiles(request, response)));
});
server.listen(Number(process.env['PORT'] ?? 8080));

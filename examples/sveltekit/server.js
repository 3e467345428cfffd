import { readFile } from 'node:fs/promises';
import express from 'express';
import { sealSite } from 'identity-worker/server';
import { toNodeListener, toNodeMiddleware } from 'identity-worker/server/node';
import { handler } from './build/handler.js';

const { answer, addCookie } = sealSite({
  secrets: process.env.SEAL_SECRETS,
  path: '/service-worker.js',
  script: () => readFile('build/client/service-worker.js', 'utf8'),
  callbackPage: '/signed-in',
});

const app = express();
app.use(toNodeListener(answer), toNodeMiddleware(addCookie), handler);
const server = app.listen(process.env.PORT ?? 8080, () =>
  console.log(`http://localhost:${server.address().port}`),
);

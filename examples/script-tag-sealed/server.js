import { readFile } from 'node:fs/promises';
import express from 'express';
import { sealSite } from 'identity-worker/server';
import { toNodeListener, toNodeMiddleware } from 'identity-worker/server/node';

const library = 'node_modules/identity-worker/dist';
const { answer, addCookie } = sealSite({
  secrets: process.env.SEAL_SECRETS,
  path: '/identity-worker.js',
  script: () => readFile(`${library}/identity-worker.js`, 'utf8'),
  callbackPage: '/signed-in.html',
  query: {
    portal: 'https://gis.example.org/portal',
    'client-id': 'my-client-id',
    'redirect-uri': '/signed-in.html',
    persistence: 'sealed',
    callback: 'worker',
  },
});

const app = express();
app.use(toNodeListener(answer), toNodeMiddleware(addCookie));
app.use(express.static('site'), express.static(library));
const server = app.listen(process.env.PORT ?? 8080, () =>
  console.log(`http://localhost:${server.address().port}`),
);

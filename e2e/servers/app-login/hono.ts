import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { appProxy, appTokens } from 'identity-worker/server';
import { answerFile } from '../files.js';
import { account } from './account.js';

const secrets = process.env['SEAL_SECRETS'];
const services = process.env['SERVICES'] ?? 'https://gis.example.org/server/rest/services/';

const tokens = appTokens({
  path: '/app-tokens',
  portals: [account],
  seal: { secrets, worker: '/worker.js' },
});
const gis = appProxy({
  path: '/gis/',
  to: services,
  account,
  allow: [{ path: 'Countries/FeatureServer' }],
});

const app = new Hono();
app.use(async ({ req }, next) => (await tokens(req.raw)) ?? (await gis(req.raw)) ?? next());
app.get('*', ({ req }) => answerFile(req.raw));

export const server = serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 8080) });

import express from 'express';
import { appProxy, appTokens } from 'identity-worker/server';
import { toNodeListener } from 'identity-worker/server/node';
import { account } from './account.js';

const secrets = process.env['SEAL_SECRETS'];
const services = process.env['SERVICES'] ?? 'https://gis.example.org/server/rest/services/';

const app = express();
// In front of parsers such as express.json(), which read the body.
app.use(
  toNodeListener(
    appTokens({ path: '/app-tokens', portals: [account], seal: { secrets, worker: '/worker.js' } }),
    appProxy({ path: '/gis/', to: services, account, allow: [{ path: 'Countries/FeatureServer' }] }),
  ),
);
app.use(express.static('e2e/servers/site'));

export const server = app.listen(Number(process.env['PORT'] ?? 8080));

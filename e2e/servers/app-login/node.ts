import { createServer } from 'node:http';
import { appProxy, appTokens } from 'identity-worker/server';
import { toNodeListener } from 'identity-worker/server/node';
import { serveFiles } from '../files.js';
import { account } from './account.js';

const secrets = process.env['SEAL_SECRETS'];
const services = process.env['SERVICES'] ?? 'https://gis.example.org/server/rest/services/';

const app = toNodeListener(
  appTokens({ path: '/app-tokens', portals: [account], seal: { secrets, worker: '/worker.js' } }),
  appProxy({ path: '/gis/', to: services, account, allow: [{ path: 'Countries/FeatureServer' }] }),
);

export const server = createServer((request, response) => {
  app(request, response, () => serveFiles(request, response));
});
server.listen(Number(process.env['PORT'] ?? 8080));

/** The worker of an app that opens without a network: its own files are precached. */
import {
  arcgisEnterprise,
  IdentityWorker,
  oauthServer,
  type ArcGISEnterpriseOptions,
  type OAuthServerOptions,
} from 'identity-worker/sw';
import { offline } from 'identity-worker/sw/offline';
import { precacheAndRoute } from 'workbox-precaching/precacheAndRoute.js';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { reportFaults } from './report-faults.js';

interface ViewerConfig {
  arcgis?: ArcGISEnterpriseOptions[];
  oauth?: OAuthServerOptions[];
  files?: string[];
}

reportFaults();

const { arcgis = [], oauth = [], files = [] } = JSON.parse('__IDENTITY_CONFIG__') as ViewerConfig;

precacheAndRoute(
  files.map((url) => ({ url, revision: '1' })),
  { ignoreURLParametersMatching: [/./] },
);
const identity = new IdentityWorker({
  portals: [...arcgis.map(arcgisEnterprise), ...oauth.map(oauthServer)],
  parts: [offline()],
});
for (const route of identity.routes) registerRoute(route);
identity.listenToPages();

/** The worker of the test app: registers whatever portals the test's server writes into it. */
import {
  appLogin,
  arcgisEnterprise,
  IdentityWorker,
  oauthServer,
  type AppLoginOptions,
  type ArcGISEnterpriseOptions,
  type OAuthServerOptions,
} from 'identity-worker/sw';
import { reportFaults } from './report-faults.js';

interface TestConfig {
  arcgis?: ArcGISEnterpriseOptions[];
  oauth?: OAuthServerOptions[];
  app?: AppLoginOptions[];
  holdLimitMs?: number;
}

reportFaults();

// Filled in by the server of the page, as a deployment would fill in its addresses.
const { arcgis = [], oauth = [], app = [], holdLimitMs } = JSON.parse('__IDENTITY_CONFIG__') as TestConfig;

new IdentityWorker({
  portals: [...arcgis.map(arcgisEnterprise), ...oauth.map(oauthServer), ...app.map(appLogin)],
  activity: true,
  ...(holdLimitMs === undefined ? {} : { holdLimitMs }),
}).listen();

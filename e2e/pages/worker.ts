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

interface TestConfig {
  arcgis?: ArcGISEnterpriseOptions[];
  oauth?: OAuthServerOptions[];
  app?: AppLoginOptions[];
  holdLimitMs?: number;
}

// Seen by every test: the worker never throws out of an event handler, and leaves no promise unanswered.
self.addEventListener('error', ({ message }) => console.error(`worker fault: ${message}`));
self.addEventListener('unhandledrejection', ({ reason }) => console.error(`worker fault: ${String(reason)}`));

// Filled in by the server of the page, as a deployment would fill in its addresses.
const { arcgis = [], oauth = [], app = [], holdLimitMs } = JSON.parse('__IDENTITY_CONFIG__') as TestConfig;

new IdentityWorker({
  portals: [...arcgis.map(arcgisEnterprise), ...oauth.map(oauthServer), ...app.map(appLogin)],
  activity: true,
  ...(holdLimitMs === undefined ? {} : { holdLimitMs }),
}).listen();

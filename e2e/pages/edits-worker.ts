/** The worker of an app whose edits wait for the network. */
import {
  arcgisEnterprise,
  IdentityWorker,
  oauthServer,
  type ArcGISEnterpriseOptions,
  type OAuthServerOptions,
} from 'identity-worker/sw';
import { EditQueue } from 'identity-worker/sw/offline';
import { registerRoute } from 'workbox-routing/registerRoute.js';
import { reportFaults } from './report-faults.js';

reportFaults();

const { arcgis = [], oauth = [] } = JSON.parse('__IDENTITY_CONFIG__') as {
  arcgis?: ArcGISEnterpriseOptions[];
  oauth?: OAuthServerOptions[];
};

// As Firefox and Safari are.
if (location.search === '?no-sync') Reflect.deleteProperty(ServiceWorkerRegistration.prototype, 'sync');

const isEdit = ({ url }: { url: URL }): boolean =>
  /\/(applyEdits|addFeatures|addAttachment)$/.test(url.pathname);

const identity = new IdentityWorker({
  portals: [...arcgis.map(arcgisEnterprise), ...oauth.map(oauthServer)],
});
const edits = new EditQueue(identity, 'edits');
registerRoute(isEdit, edits.handler, 'POST');
for (const route of identity.routes) registerRoute(route);
identity.listenToPages();

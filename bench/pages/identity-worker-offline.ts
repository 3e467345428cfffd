/** Our worker with the part that keeps signed answers. The app server fills in the registrations. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';
import { offline } from 'identity-worker/sw/offline';

const registrations = JSON.parse('__REGISTRATIONS__') as ArcGISEnterpriseOptions[];

new IdentityWorker({
  portals: registrations.map(arcgisEnterprise),
  staticRouting: true,
  parts: [offline()],
}).listen();

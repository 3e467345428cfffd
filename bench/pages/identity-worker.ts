/** Our worker, built from the public entry as apps do. The app server fills in the registrations. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';

const registrations = JSON.parse('__REGISTRATIONS__') as ArcGISEnterpriseOptions[];

// It does nothing but sign: other requests need not start it.
new IdentityWorker({ portals: registrations.map(arcgisEnterprise), staticRouting: true }).listen();

/** Our worker, as an app would build it from the public entry. The bench's server fills in the registrations. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';

const registrations = JSON.parse('__REGISTRATIONS__') as ArcGISEnterpriseOptions[];

// It has no other job: what is not for it need not wake it.
new IdentityWorker({ portals: registrations.map(arcgisEnterprise), staticRouting: true }).listen();

/** Our worker, as an app would build it from the public entry. The bench's server fills in the registrations. */
import { arcgisEnterprise, IdentityWorker, type ArcGISEnterpriseOptions } from 'identity-worker/sw';

const registrations = JSON.parse('__REGISTRATIONS__') as ArcGISEnterpriseOptions[];

new IdentityWorker({ portals: registrations.map(arcgisEnterprise) }).listen();

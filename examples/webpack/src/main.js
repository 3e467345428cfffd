import { IdentityManager } from 'identity-worker';

const identity = IdentityManager.instance({ worker: '/worker.js' });
await identity.ready; // from here on every request to the portal is signed

const layer = 'https://gis.example.org/server/rest/services/Countries/FeatureServer/0';
const response = await fetch(`${layer}/query?where=1%3D1&returnCountOnly=true&f=json`);
document.querySelector('output').append(await response.text());

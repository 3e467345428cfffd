import { queryFeatures } from '@esri/arcgis-rest-feature-service';
import { getItemData } from '@esri/arcgis-rest-portal';
import { request } from '@esri/arcgis-rest-request';
import { identity, onNextView, reportAnswer, reportError } from './app.js';

await identity.ready;

const portal = 'https://gis.example.org/portal/sharing/rest';
const services = 'https://gis.example.org/server/rest/services';

// No `authentication`. The methods for portals take ArcGIS Online where no `portal` is given.
async function load(objectId: number): Promise<void> {
  const read = [
    () => queryFeatures({ url: `${services}/Countries/FeatureServer/0`, where: `OBJECTID=${objectId}` }),
    () => request(`${services}/Sites/FeatureServer/0`, { httpMethod: 'GET' }),
    // Last, when the user is signed in: to others a private item does not exist, and no sign-in is asked for.
    () => getItemData('0a1b2c3d4e5f60718293a4b5c6d7e8f5', { portal }),
  ];
  for (const answer of read) await answer().then((value) => reportAnswer(JSON.stringify(value)), reportError);
}

let objectId = 1;
await load(objectId);
onNextView(() => load(++objectId));

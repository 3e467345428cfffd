import { IdentityManager } from 'identity-worker';
import 'identity-worker/account';
import { OfflineAreas } from 'identity-worker/offline';
import { type, worker } from 'virtual:identity-worker';
import { createMap, terrain } from './map.js';

const identity = IdentityManager.instance({ worker, type });
await identity.ready; // from here on every request to the portal is signed

createMap((sites) => (document.querySelector('output')!.textContent = `${sites} sites`));

const areas = new OfflineAreas(identity);
const world = { name: 'World', bbox: [-180, -85, 180, 85], minZoom: 0, maxZoom: 2 } as const;
const keep = document.querySelector('#keep')!;
keep.addEventListener('click', async () => {
  await areas.save({ ...world, layers: [{ type: 'map-server', url: terrain }] });
  keep.textContent = 'The map is kept';
});

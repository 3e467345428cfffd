import { IdentityManager } from 'identity-worker';
import { OfflineAreas } from 'identity-worker/offline';

const identity = IdentityManager.instance({ worker: '/worker.js' });
const areas = new OfflineAreas(identity);
const account = document.querySelector('#account')!;

await identity.signIn();
areas.addEventListener('area-progress', ({ area }) => {
  account.textContent = `${area.kept} of ${area.requests}`;
});
const url = 'https://gis.example.org/server/rest/services/Terrain/MapServer';
const trento = {
  bbox: [10.9, 45.9, 11.3, 46.2],
  minZoom: 0,
  maxZoom: 2,
  layers: [{ type: 'map-server', url }],
} as const;
const estimate = await areas.estimate(trento);
if (estimate.fits) await areas.save({ ...trento, estimate, name: 'Trento' });
account.textContent = (await areas.list()).map(({ name }) => name).join(', ');

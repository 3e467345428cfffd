import { startPortal } from 'identity-worker-testing';

const portal = await startPortal({
  users: [{ username: 'carla', password: 'carla-1' }],
  services: [{ name: 'Trees', data: 'e2e/testing/trees.geojson', access: 'public' }],
});
portal.addRedirectUri('http://localhost:5173/signed-in.html');

const trees = `${portal.hostedUrl}/Trees/FeatureServer/0/query?f=json&returnCountOnly=true`;
console.log(await (await fetch(trees)).text());

await portal.close();

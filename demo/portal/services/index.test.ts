// The catalogue, the root of each service, and thumbnails.
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { ask, bytesOf, jsonOf, newEdits, rootUrl } from './ask.test-support.js';
import {
  handleService,
  services,
  thumbnailPng,
  type ServiceResponse,
  type ServiceInfo,
  type ServiceRequest,
} from './index.js';

const catalogueFor = (user?: string): ServiceResponse | undefined => {
  const request: ServiceRequest = {
    path: '',
    method: 'GET',
    params: new URLSearchParams('f=json'),
    headers: {},
    rootUrl,
    edits: newEdits(),
    ...(user === undefined ? {} : { user }),
  };
  return handleService(request);
};

const namesIn = (response: ServiceResponse | undefined): string[] =>
  jsonOf(response).services.map(({ name }: { name: string }) => name);

test.each([
  ['Basemap', 'MapServer', 'public'],
  ['Countries', 'FeatureServer', 'signed-in'],
  ['Countries', 'VectorTileServer', 'signed-in'],
  ['Places', 'FeatureServer', 'public'],
  ['Sites', 'FeatureServer', 'private'],
  ['Terrain', 'MapServer', 'signed-in'],
] as const)('%s/%s is %s and describes itself', (name, type, access) => {
  expect(services).toContainEqual({ name, type, access } satisfies ServiceInfo);
  const root = jsonOf(ask(`${name}/${type}?f=json`));
  expect(root.currentVersion).toBeGreaterThan(11);
  expect(root.fullExtent.spatialReference.latestWkid).toBe(3857);
});

test('without a user the catalogue lists only public services', () => {
  expect(namesIn(catalogueFor())).toEqual(['Basemap', 'Places']);
  expect(namesIn(catalogueFor('ana'))).toContain('Sites');
});

test.each([
  'Nowhere/MapServer',
  'Countries/MapServer',
  'Countries/FeatureServer/1',
  'Countries/FeatureServer/0/nothing',
  'Terrain/MapServer/tile/2/4/0',
  'Terrain/MapServer/tile/2/1',
  'Terrain/MapServer/tile/2/1/1e0',
  'Places/FeatureServer/0/1/attachments',
  'Countries/VectorTileServer/tile/1/2/0.pbf',
])('%s is nothing', (path) => {
  expect(ask(path)).toBeUndefined();
});

test('pjson is indented, a callback wraps, no format gives a page, and a strange callback is not written out', () => {
  expect(ask('Places/FeatureServer?f=pjson')?.body).toContain('\n  "currentVersion"');
  const wrapped = ask('Places/FeatureServer?f=json&callback=app.done');
  expect(wrapped?.body).toMatch(/^app\.done\(\{.*\}\);$/s);
  expect(wrapped?.headers['content-type']).toContain('application/javascript');
  expect(ask('Places/FeatureServer')?.headers['content-type']).toContain('text/html');
  expect(ask('Places/FeatureServer?f=json&callback=alert(1)')?.body).toMatch(/^\{/);
});

test('thumbnails have the ArcGIS size, stay the same for one id and differ between ids', () => {
  const first = thumbnailPng('0a1b2c3d4e5f60718293a4b5c6d7e8f1');
  const { width, height } = PNG.sync.read(Buffer.from(first));
  expect([width, height]).toEqual([200, 133]);
  expect(thumbnailPng('0a1b2c3d4e5f60718293a4b5c6d7e8f1')).toEqual(first);
  expect(thumbnailPng('0a1b2c3d4e5f60718293a4b5c6d7e8f2')).not.toEqual(first);
});

test('exporting as JSON links to the same picture', () => {
  const response = jsonOf(ask('Basemap/MapServer/export?f=json&bbox=0,40,20,55&bboxSR=4326&size=60,50'));
  expect(response.href.startsWith(`${rootUrl}/Basemap/MapServer/export?`)).toBe(true);
  expect(response.extent.xmin).toBeCloseTo(0, 6);
  expect(response.extent.xmax).toBeCloseTo(2_226_389.8, 0);
  const { width, height } = PNG.sync.read(Buffer.from(bytesOf(ask(response.href.slice(rootUrl.length + 1)))));
  expect([width, height]).toEqual([60, 50]);
});

/** The addresses of each kind of layer, against services that answer as ArcGIS does. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addressesOf } from './addresses.js';
import { featurePages } from './feature-pages.js';
import type { AreaContent, AreaLayer } from './layers.js';

const server = 'https://gis.example.org/rest/services';
let answers: Record<string, unknown>;

beforeEach(() => {
  answers = {};
  vi.stubGlobal('document', { baseURI: 'https://app.example.org/' });
  vi.stubGlobal('fetch', (url: string) => {
    const [, answer] = Object.entries(answers).find(([beginning]) => url.startsWith(beginning)) ?? [];
    return Promise.resolve(
      answer === undefined ? new Response('<p>', { status: 200 }) : Response.json(answer),
    );
  });
});
afterEach(() => vi.unstubAllGlobals());

async function urlsOf(layer: AreaLayer, area: Partial<AreaContent> = {}): Promise<string[]> {
  const content = { bbox: [10, 45, 12, 47] as const, minZoom: 0, maxZoom: 1, layers: [layer], ...area };
  const groups = await addressesOf(content, undefined);
  return groups.flatMap(({ count, at }) => Array.from({ length: count }, (_, index) => at(index)));
}

const webMercator = { wkid: 102_100, latestWkid: 3857 };
const tileInfo = {
  rows: 256,
  cols: 256,
  origin: { x: -20_037_508.342787, y: 20_037_508.342787 },
  spatialReference: webMercator,
  lods: [0, 1, 2, 3].map((level) => ({
    level,
    resolution: 156_543.03392800014 / 2 ** level,
    scale: 591_657_527.591555 / 2 ** level,
  })),
};

test('a template of tiles', async () => {
  expect(await urlsOf({ type: 'tiles', url: `${server}/t/{z}/{x}/{y}.png` })).toEqual([
    `${server}/t/0/0/0.png`,
    `${server}/t/1/1/0.png`,
  ]);
  const range = { minZoom: 1, maxZoom: 9 };
  expect(await urlsOf({ type: 'tiles', url: '{level}/{row}/{col}', ...range })).toEqual(['1/0/1']);
  expect(await urlsOf({ type: 'tiles', url: '{z}/{x}/{-y}', ...range })).toEqual(['1/1/1']);
  await expect(urlsOf({ type: 'tiles', url: '{quadkey}.png' })).rejects.toThrow('{quadkey}');
});

test('a cached map service: its own levels, origin and extent', async () => {
  const url = `${server}/Map/MapServer`;
  answers[url] = { tileInfo };
  expect(await urlsOf({ type: 'map-server', url, query: 'blankTile=false' })).toEqual([
    `${url}?f=json`,
    `${url}/tile/0/0/0?blankTile=false`,
    `${url}/tile/1/0/1?blankTile=false`,
  ]);
  answers[url] = { tileInfo, maxScale: 591_657_527.59, minScale: 0 };
  expect(await urlsOf({ type: 'map-server', url })).toEqual([`${url}?f=json`, `${url}/tile/0/0/0`]);
  const fullExtent = { xmin: -9e6, ymin: -9e6, xmax: -8e6, ymax: -8e6, spatialReference: webMercator };
  answers[url] = { tileInfo, fullExtent };
  expect(await urlsOf({ type: 'map-server', url })).toEqual([`${url}?f=json`]);
});

test('a map service in degrees, with an origin of its own', async () => {
  const url = `${server}/Wgs/MapServer`;
  const spatialReference = { wkid: 4326 };
  const lods = [{ level: 0, resolution: 10 / 256, scale: 1 }];
  answers[url] = { tileInfo: { ...tileInfo, origin: { x: -400, y: 400 }, spatialReference, lods } };
  expect(await urlsOf({ type: 'map-server', url })).toEqual([`${url}?f=json`, `${url}/tile/0/35/41`]);
});

test.each([
  ['a service without tiles', { mapName: 'Dynamic' }, 'layer-unsupported'],
  [
    'another projection',
    { tileInfo: { ...tileInfo, spatialReference: { wkid: 2056 } } },
    'layer-unsupported',
  ],
  ['an error', { error: { code: 499, message: 'Token Required' } }, 'answer-unusable'],
])('%s is refused', async (_, answer, code) => {
  const url = `${server}/Map/MapServer`;
  answers[url] = answer;
  await expect(urlsOf({ type: 'map-server', url })).rejects.toMatchObject({ code });
});

test('HTML instead of a description is refused', async () => {
  await expect(urlsOf({ type: 'map-server', url: `${server}/M` })).rejects.toMatchObject({
    code: 'answer-unusable',
    facts: { origin: 'https://gis.example.org', status: 200 },
  });
});

test('vector tiles: description, style, sprites, glyphs of every font, tiles', async () => {
  const url = `${server}/V/VectorTileServer`;
  answers[`${url}/resources`] = {
    sprite: '../sprites/sprite',
    glyphs: '../fonts/{fontstack}/{range}.pbf',
    layers: [
      { layout: { 'text-font': ['Arial Bold', 'Arial'] } },
      {
        layout: {
          'text-font': ['step', ['zoom'], ['literal', ['Noto']], 5, ['literal', ['Arial Bold', 'Arial']]],
        },
      },
      { layout: { 'text-font': ['get', 'font'] } },
      {},
    ],
  };
  answers[url] = { tiles: ['tile/{z}/{y}/{x}.pbf'], tileInfo: { ...tileInfo, rows: 512, cols: 512 } };
  expect(await urlsOf({ type: 'vector-tiles', url, glyphRanges: ['0-255'], maxZoom: 0 })).toEqual([
    `${url}?f=json`,
    `${url}/resources/styles/root.json`,
    ...['.json', '.png', '@2x.json', '@2x.png'].map((end) => `${url}/resources/sprites/sprite${end}`),
    `${url}/resources/fonts/Arial Bold,Arial/0-255.pbf`,
    `${url}/resources/fonts/Noto/0-255.pbf`,
    `${url}/tile/0/0/0.pbf`,
  ]);
});

test('features: as many pages as the layer needs, at the addresses that the app asks for again', async () => {
  const url = `${server}/F/FeatureServer/0`;
  answers[`${url}/query`] = { count: 5 };
  answers[url] = { maxRecordCount: 2 };
  const layer = { url, where: "NAME='a'", pageSize: 500 };
  const bbox = [170, -10, -170, 10] as const;
  const all = await urlsOf({ type: 'features', ...layer }, { bbox });
  const pages = await featurePages(layer, bbox);
  expect(all).toHaveLength(1 + 2 + 6);
  expect(all.slice(3)).toEqual(pages);
  const query = new URL(pages[2] ?? '').searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    where: "NAME='a'",
    geometry: '170,-10,180,10',
    resultOffset: '4',
    resultRecordCount: '2',
    f: 'geojson',
  });
  answers[url] = { maxRecordCount: 2, advancedQueryCapabilities: { supportsPagination: false } };
  await expect(featurePages(layer, bbox)).rejects.toMatchObject({ code: 'layer-unsupported' });
  answers[`${url}/query`] = { count: 0 };
  expect(await featurePages(layer, bbox)).toEqual([]);
});

test.each([
  [{ minZoom: 3, maxZoom: 1 }],
  [{ minZoom: -1, maxZoom: 1 }],
  [{ minZoom: 0.5, maxZoom: 1 }],
  [{ minZoom: 0, maxZoom: 31 }],
  [{ minZoom: 0, maxZoom: NaN }],
])('levels %j are refused', async (zoom) => {
  await expect(urlsOf({ type: 'requests', urls: [] }, zoom)).rejects.toThrow('minZoom, maxZoom');
});

test('a kind of layer that is not known is refused', async () => {
  await expect(urlsOf({ type: 'wms' } as unknown as AreaLayer)).rejects.toMatchObject({
    code: 'option-invalid',
    facts: { field: 'layers' },
  });
});

// Tiles and exports: real pictures with land where land is.
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { ask, bytesOf, jsonOf } from '../ask.test-support.js';
import { unitX, unitY } from '../mercator.js';
import { drawBasemap } from './basemap.js';
import { encodePng } from './png.js';
import { drawTerrain } from './terrain.js';
import { tileView } from './view.js';

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

const decoded = (path: string): PNG => PNG.sync.read(Buffer.from(bytesOf(ask(path))));

function pixelAt({ data, width }: { data: Uint8Array; width: number }, x: number, y: number): Pixel {
  const at = (y * width + x) * 4;
  return [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
}

/** The pixel of the tile that shows a place, whichever tile that is. */
function pixelOf(service: string, lon: number, lat: number, query = '', z = 4): Pixel {
  const [x, y] = [unitX(lon) * 2 ** z, unitY(lat) * 2 ** z];
  const tile = decoded(`${service}/MapServer/tile/${z}/${Math.floor(y)}/${Math.floor(x)}${query}`);
  expect([tile.width, tile.height]).toEqual([256, 256]);
  return pixelAt(tile, Math.floor((x % 1) * 256), Math.floor((y % 1) * 256));
}

test.each([
  ['Sahara', 5, 26],
  ['Amazon', -60, -5],
  ['Siberia', 100, 64],
  ['Greenland', -40, 73],
  ['Antarctica', 60, -75],
  ['Chukotka, beyond the date line', -175, 66.5],
])('Terrain is opaque on land: %s', (_, lon, lat) => {
  expect(pixelOf('Terrain', lon, lat)[3]).toBe(255);
});

test.each([
  ['Atlantic', -35, 30],
  ['Pacific on the date line', 179.9, 10],
  ['Caspian', 51, 42],
  ['Arctic', 0, 84],
])('Terrain is clear over water: %s', (_, lon, lat) => {
  expect(pixelOf('Terrain', lon, lat)[3]).toBe(0);
});

test('the ground has its climate: desert is redder than rain forest, ice is white', () => {
  const [desertRed, , desertBlue] = pixelOf('Terrain', 5, 26);
  const [forestRed, forestGreen] = pixelOf('Terrain', -60, -5);
  expect(desertRed).toBeGreaterThan(desertBlue + 20);
  expect(forestGreen).toBeGreaterThan(forestRed);
  expect(Math.min(...pixelOf('Terrain', -40, 73))).toBeGreaterThan(200);
});

test('the basemap tells land from sea, and its dark style is dark', () => {
  const [landRed, , landBlue] = pixelOf('Basemap', 5, 26);
  const [seaRed, , seaBlue] = pixelOf('Basemap', -35, 30);
  expect(landRed).toBeGreaterThan(landBlue);
  expect(seaBlue).toBeGreaterThan(seaRed);
  const brightest = Math.max(...pixelOf('Basemap', 5, 26, '?style=dark').slice(0, 3));
  expect(brightest).toBeLessThan(100);
});

test.each([
  ['terrain', drawTerrain],
  ['basemap', (view: ReturnType<typeof tileView>) => drawBasemap(view, 'light')],
] as const)('two %s tiles meet as one picture would: no seam along coasts, borders and hills', (_, draw) => {
  const west = draw(tileView(5, 16, 11, 128));
  const east = draw(tileView(5, 17, 11, 128));
  const both = draw({ ...tileView(5, 16, 11, 128), width: 256 });
  // Ground is sampled every four pixels from the left edge; 128 is a multiple, so both must agree exactly.
  let furthest = 0;
  for (let y = 0; y < 128; y++) {
    for (const [half, x, across] of [
      [west, 127, 127],
      [east, 0, 128],
    ] as const) {
      const a = pixelAt({ data: half, width: 128 }, x, y);
      const b = pixelAt({ data: both, width: 256 }, across, y);
      furthest = Math.max(furthest, ...a.map((value, c) => Math.abs(value - b[c]!)));
    }
  }
  expect(furthest).toBeLessThanOrEqual(2);
});

test('the PNG encoder keeps every pixel', () => {
  const rgba = Uint8Array.from({ length: 7 * 5 * 4 }, (_, i) => (i * 73) % 256);
  const png = PNG.sync.read(Buffer.from(encodePng(rgba, 7, 5)));
  expect([...png.data]).toEqual([...rgba]);
});

test('export shows the box asked for', () => {
  const picture = decoded('Terrain/MapServer/export?f=image&bbox=-10,30,10,50&bboxSR=4326&size=100,140');
  expect([picture.width, picture.height]).toEqual([100, 140]);
  // France in the upper right, the Atlantic in the upper left, the Sahara at the bottom.
  expect(pixelAt(picture, 65, 25)[3]).toBe(255);
  expect(pixelAt(picture, 5, 30)[3]).toBe(0);
  expect(pixelAt(picture, 60, 138)[3]).toBe(255);
});

test.each(['', 'bbox=1,2,3', 'bbox=5,0,5,5', 'bbox=0,0,5,5&size=9999,10', 'bbox=0,0,5,5&imageSR=4326'])(
  'export with "%s" is an envelope inside 200',
  (query) => {
    const response = ask(`Terrain/MapServer/export?f=image&${query}`);
    expect(response?.status).toBe(200);
    expect(response?.headers['content-type']).toContain('application/json');
    expect(jsonOf(response).error.code).toBe(400);
  },
);

test('the corners of an export come in any order', () => {
  const picture = (bbox: string): Uint8Array =>
    bytesOf(ask(`Basemap/MapServer/export?f=image&size=40,30&bboxSR=4326&bbox=${bbox}`));
  expect(picture('0,55,20,40')).toEqual(picture('0,40,20,55'));
  expect(picture('20,55,0,40')).toEqual(picture('0,40,20,55'));
});

test('the service describes its layer and its legend', () => {
  const [layer] = jsonOf(ask('Terrain/MapServer/layers?f=json')).layers;
  expect(jsonOf(ask('Terrain/MapServer/0?f=json'))).toEqual(layer);
  expect(layer).toMatchObject({ id: 0, name: 'Terrain', type: 'Raster Layer' });
  const [{ legend }] = jsonOf(ask('Terrain/MapServer/legend?f=json')).layers;
  expect(legend).toHaveLength(3);
  expect(PNG.sync.read(Buffer.from(legend[0].imageData, 'base64')).width).toBe(legend[0].width);
});

test('identify names the country at a place', () => {
  const identify = (query: string): ReturnType<typeof jsonOf> =>
    jsonOf(ask(`Terrain/MapServer/identify?f=json&returnGeometry=false&${query}`));
  expect(identify('sr=4326&geometry=2.35,48.86').results).toMatchObject([{ layerId: 0, value: 'France' }]);
  const point = JSON.stringify({ x: 261_600, y: 6_250_000, spatialReference: { wkid: 102100 } });
  expect(identify(`geometry=${encodeURIComponent(point)}`).results).toMatchObject([{ value: 'France' }]);
  expect(identify('sr=4326').error.code).toBe(400);
});

// Vector tiles, read from their protocol buffer, and the resources of the style.
import { PbfReader } from 'pbf';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { unitX, unitY } from '../mercator.js';
import { countries } from '../world.js';
import { ask, bytesOf, jsonOf } from '../ask.test-support.js';

interface Layer {
  name: string;
  extent: number;
  keys: string[];
  texts: string[];
  /** Id, geometry type and command stream of each feature. */
  features: { id: number; type: number; geometry: number[] }[];
}

function readFeature(pbf: PbfReader): Layer['features'][number] {
  const feature: Layer['features'][number] = { id: 0, type: 0, geometry: [] };
  pbf.readMessage((tag) => {
    if (tag === 1) feature.id = pbf.readVarint();
    if (tag === 3) feature.type = pbf.readVarint();
    if (tag === 4) pbf.readPackedVarint(feature.geometry);
  }, null);
  return feature;
}

function readTile(bytes: Uint8Array): Map<string, Layer> {
  const layers = new Map<string, Layer>();
  const pbf = new PbfReader(bytes);
  pbf.readFields((tag) => {
    if (tag !== 3) return;
    const layer: Layer = { name: '', extent: 0, keys: [], texts: [], features: [] };
    pbf.readMessage((inner) => {
      if (inner === 1) layer.name = pbf.readString();
      if (inner === 2) layer.features.push(readFeature(pbf));
      if (inner === 3) layer.keys.push(pbf.readString());
      if (inner === 4) pbf.readMessage((member) => member === 1 && layer.texts.push(pbf.readString()), null);
      if (inner === 5) layer.extent = pbf.readVarint();
    }, null);
    layers.set(layer.name, layer);
  }, null);
  return layers;
}

const tile = (z: number, y: number, x: number): Map<string, Layer> =>
  readTile(bytesOf(ask(`Countries/VectorTileServer/tile/${z}/${y}/${x}.pbf`)));

const unzigzag = (n: number): number => (n >> 1) ^ -(n & 1);

test('the world tile holds areas, borders and one label per country', () => {
  const layers = tile(0, 0, 0);
  expect([...layers.keys()]).toEqual(['countries', 'borders', 'labels']);
  const areas = layers.get('countries')!;
  expect(areas).toMatchObject({ extent: 4096 });
  expect(areas.keys).toContain('CONTINENT');
  expect(areas.texts).toContain('Brazil');
  expect(new Set(areas.features.map(({ type }) => type))).toEqual(new Set([3]));
  expect(layers.get('borders')!.features[0]!.type).toBe(2);
  // Labels near the date line are in both margins.
  expect(new Set(layers.get('labels')!.features.map(({ id }) => id)).size).toBe(241);
});

test('a deeper tile holds what lies there, at the place where it lies', () => {
  // Zoom 4, column 8, row 5: western Europe from Greenwich to 22.5° E.
  const layers = tile(4, 5, 8);
  const areas = layers.get('countries')!;
  expect(areas.texts).toContain('Germany');
  expect(areas.texts).not.toContain('Brazil');
  const germany = countries.findIndex(({ name }) => name === 'Germany');
  const label = layers.get('labels')!.features.find(({ id }) => id === germany + 1)!;
  const [lon, lat] = countries[germany]!.labelPoint;
  // One "move to" command, then the position in 4096ths of the tile.
  expect(label.geometry[0]).toBe(9);
  expect(unzigzag(label.geometry[1]!)).toBeCloseTo((unitX(lon) * 16 - 8) * 4096, -1);
  expect(unzigzag(label.geometry[2]!)).toBeCloseTo((unitY(lat) * 16 - 5) * 4096, -1);
});

test('open sea is an empty tile, not an error', () => {
  const response = ask('Countries/VectorTileServer/tile/6/32/26.pbf');
  expect(response?.status).toBe(200);
  expect(bytesOf(response)).toHaveLength(0);
});

test('the style points to its service with relative addresses that resolve', () => {
  const root = 'http://portal.test/rest/services/Countries/VectorTileServer/';
  const styleUrl = `${root}resources/styles/root.json`;
  const style = jsonOf(ask('Countries/VectorTileServer/resources/styles/root.json'));
  expect(new URL(style.sources.esri.url, styleUrl).href).toBe(root);
  for (const reference of [`${style.sprite}.json`, `${style.sprite}@2x.png`, style.glyphs]) {
    expect(reference).toMatch(/^\.\.\//);
    const filled = reference.replace('{fontstack}', 'Arial').replace('{range}', '0-255');
    expect(ask(new URL(filled, styleUrl).pathname.slice('/rest/services/'.length))?.status).toBe(200);
  }
  const service = jsonOf(ask('Countries/VectorTileServer?f=json'));
  expect(service.tiles).toEqual(['tile/{z}/{y}/{x}.pbf']);
  const known = new Set(tile(0, 0, 0).keys());
  for (const layer of style.layers) expect(known).toContain(layer['source-layer']);
});

test.each(['', '@2x'])('every icon of sprite%s lies on its sheet and is drawn', (suffix) => {
  const icons = jsonOf(ask(`Countries/VectorTileServer/resources/sprites/sprite${suffix}.json`));
  const sheet = PNG.sync.read(
    Buffer.from(bytesOf(ask(`Countries/VectorTileServer/resources/sprites/sprite${suffix}.png`))),
  );
  expect(icons['country-dot'].pixelRatio).toBe(suffix === '' ? 1 : 2);
  for (const { x, y, width, height } of Object.values<Record<'x' | 'y' | 'width' | 'height', number>>(
    icons,
  )) {
    expect(x + width).toBeLessThanOrEqual(sheet.width);
    expect(y + height).toBeLessThanOrEqual(sheet.height);
    const middle = ((y + height / 2) * sheet.width + x + width / 2) * 4;
    expect(sheet.data[middle + 3]).toBe(255);
  }
});

test('a glyph range names its font stack and range', () => {
  const pbf = new PbfReader(
    bytesOf(ask('Countries/VectorTileServer/resources/fonts/Arial Regular/256-511.pbf')),
  );
  const texts: string[] = [];
  pbf.readFields((tag) => {
    if (tag === 1) pbf.readMessage((inner) => inner <= 2 && texts.push(pbf.readString()), null);
  }, null);
  expect(texts).toEqual(['Arial Regular', '256-511']);
});

test('the service describes itself as JSON, with and without a format', () => {
  const plain = ask('Countries/VectorTileServer');
  expect(plain?.headers['content-type']).toContain('application/json');
  expect(jsonOf(plain)).toEqual(jsonOf(ask('Countries/VectorTileServer?f=json')));
});

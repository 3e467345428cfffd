// Queries of the layers: filters, order, pages, geometry, errors, attachments.
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { ask, bytesOf, jsonOf } from '../ask.test-support.js';

interface FeatureJson {
  attributes: Record<string, string | number | null>;
  geometry?: { x: number; y: number; rings: [number, number][][] };
}

const query = (layer: string, parameters: Record<string, string>): ReturnType<typeof ask> =>
  ask(`${layer}/FeatureServer/0/query?${new URLSearchParams({ f: 'json', ...parameters }).toString()}`);

function names(layer: string, parameters: Record<string, string>): unknown[] {
  const { features } = jsonOf(query(layer, { outFields: 'NAME', returnGeometry: 'false', ...parameters }));
  return features.map(({ attributes }: FeatureJson) => attributes['NAME']);
}

const count = (layer: string, where: string): number =>
  jsonOf(query(layer, { where, returnCountOnly: 'true' })).count;

/** Twice the enclosed area, positive for clockwise rings. */
const turnOf = (ring: readonly [number, number][]): number =>
  ring.reduce((sum, [x, y], i) => (i === 0 ? 0 : sum + (x - ring[i - 1]![0]) * (y + ring[i - 1]![1])), 0);

const attachmentsOf = (objectId: number): { id: number; size: number; contentType: string }[] =>
  jsonOf(ask(`Sites/FeatureServer/0/${objectId}/attachments?f=json`)).attachmentInfos;

const attachment = (objectId: number, id: number): ReturnType<typeof ask> =>
  ask(`Sites/FeatureServer/0/${objectId}/attachments/${id}`);

test('everything: 241 countries, 40 places, 60 sites', () => {
  expect(['Countries', 'Places', 'Sites'].map((layer) => count(layer, '1=1'))).toEqual([241, 40, 60]);
});

test.each([
  ["NAME = 'France'", ['France']],
  ["name='France'", ['France']],
  [
    "CONTINENT = 'South America' AND AREA_KM2 > 1000000",
    ['Argentina', 'Bolivia', 'Brazil', 'Colombia', 'Peru'],
  ],
  ["NAME LIKE 'Ger%' OR NAME LIKE '_taly'", ['Germany', 'Italy']],
  [
    "UPPER(NAME) LIKE '%LAND' AND CONTINENT = 'Europe' AND NOT NAME IN ('Poland', 'Finland')",
    ['Iceland', 'Ireland', 'Switzerland', 'Åland'],
  ],
  ["NAME = 'Côte d''Ivoire'", ["Côte d'Ivoire"]],
  ["AREA_KM2 BETWEEN 299000 AND 313000 AND CONTINENT <> 'Antarctica'", ['Italy', 'Oman', 'Poland']],
  ["ISO_N3 IS NULL AND CONTINENT = 'Africa'", ['Somaliland']],
  ['1=0', []],
])('where %s', (where, expected) => {
  expect(names('Countries', { where, orderByFields: 'NAME' })).toEqual(expected);
});

test('dates compare as dates, and a missing date matches nothing', () => {
  const before = count('Sites', "VISITED < DATE '2026-01-01'");
  const after = count('Sites', "VISITED >= TIMESTAMP '2026-01-01 00:00:00'");
  expect(before).toBeGreaterThan(0);
  expect(after).toBeGreaterThan(0);
  expect(before + after + count('Sites', 'VISITED IS NULL')).toBe(60);
});

test.each([
  { where: "NAME = 'unfinished" },
  { where: 'NAME =' },
  { where: 'MISSING = 1' },
  { where: "NAME = 'a'; DROP TABLE x" },
  { where: "NAME LIKE 'a' NAME" },
  { where: '1=1', outFields: 'MISSING' },
  { where: '1=1', orderByFields: 'NAME SIDEWAYS' },
  { where: '1=1', outSR: '27700' },
  { where: '1=1', geometry: 'here' },
  { where: '1=1', resultOffset: '-1' },
  { where: '1=1', objectIds: 'one' },
  { where: '1=1', f: 'pbf', quantizationParameters: '{' },
  { where: '1=1', f: 'kmz' },
])('a bad query is a 400 envelope inside 200: %o', (parameters) => {
  const response = query('Countries', { f: 'pbf', ...parameters });
  expect(response?.status).toBe(200);
  expect(response?.headers['content-type']).toBe('application/json; charset=utf-8');
  const { error } = jsonOf(response);
  expect(error.code).toBe(400);
  expect(error.details).toHaveLength(1);
});

test('pages join to the whole, say whether more follows, and keep the order', () => {
  const parameters = { where: "CONTINENT = 'Oceania'", orderByFields: 'AREA_KM2 DESC' };
  const whole = names('Countries', parameters);
  expect(whole.slice(0, 2)).toEqual(['Australia', 'Papua New Guinea']);
  const paged: unknown[] = [];
  for (let offset = 0; offset < whole.length; offset += 10) {
    const page = { ...parameters, resultOffset: String(offset), resultRecordCount: '10' };
    paged.push(...names('Countries', page));
    const more = jsonOf(query('Countries', page)).exceededTransferLimit ?? false;
    expect(more).toBe(offset + 10 < whole.length);
  }
  expect(paged).toEqual(whole);
});

test('object ids select, and returnIdsOnly lists them', () => {
  expect(jsonOf(query('Places', { where: "NAME LIKE 'A%'", returnIdsOnly: 'true' }))).toEqual({
    objectIdFieldName: 'OBJECTID',
    objectIds: [1, 2, 3],
  });
  expect(names('Places', { objectIds: '2,3' })).toEqual(['Ankara', 'Athens']);
});

test('a point finds the country around it, a box those it touches, in either spatial reference', () => {
  expect(names('Countries', { geometry: '2.35,48.86' })).toEqual(['France']);
  expect(names('Countries', { geometry: '28.2,-29.6' })).toEqual(['Lesotho']);
  const box = {
    xmin: 800_000,
    ymin: 6_250_000,
    xmax: 1_000_000,
    ymax: 6_300_000,
    spatialReference: { wkid: 102100 },
  };
  expect(names('Countries', { geometry: JSON.stringify(box) })).toEqual(['France', 'Germany']);
  // Inside a country, with no vertex of its outline in the box.
  expect(names('Countries', { geometry: '99,60,99.1,60.1', inSR: '4326' })).toEqual(['Russia']);
  expect(names('Places', { geometry: '-10,35,20,60' })).toContain('Paris');
});

test('geometry comes in degrees or metres, closed and clockwise, or not at all', () => {
  const where = "NAME = 'Iceland'";
  const inDegrees: FeatureJson = jsonOf(query('Countries', { where, outSR: '4326' })).features[0];
  const inMetres: FeatureJson = jsonOf(query('Countries', { where, outSR: '102100' })).features[0];
  const ring = inDegrees.geometry!.rings[0]!;
  expect(ring[0]).toEqual(ring.at(-1));
  expect(ring[0]![0]).toBeGreaterThan(-25);
  expect(ring[0]![0]).toBeLessThan(-13);
  expect(inMetres.geometry!.rings[0]![0]![0]).toBeCloseTo((ring[0]![0] / 180) * 20_037_508.34, -1);
  expect(turnOf(ring)).toBeGreaterThan(0);
  expect(jsonOf(query('Countries', { where, returnGeometry: 'false' })).features[0].geometry).toBeUndefined();
});

test('GeoJSON is in degrees, anticlockwise, with ids and the fields asked for', () => {
  const collection = jsonOf(
    query('Countries', {
      f: 'geojson',
      where: "NAME = 'Lesotho'",
      outFields: 'NAME,CONTINENT',
      outSR: '102100',
    }),
  );
  const [feature] = collection.features;
  expect(feature.properties).toEqual({ NAME: 'Lesotho', CONTINENT: 'Africa' });
  expect(typeof feature.id).toBe('number');
  expect(feature.geometry.type).toBe('Polygon');
  const ring: [number, number][] = feature.geometry.coordinates[0];
  expect(ring[0]![0]).toBeCloseTo(28.5, -1);
  expect(turnOf(ring)).toBeLessThan(0);
});

test('no outline runs across the whole map: the date line is cut', () => {
  const { features } = jsonOf(
    query('Countries', { f: 'geojson', where: "NAME IN ('Russia','Fiji','Antarctica')" }),
  );
  expect(features).toHaveLength(3);
  for (const { geometry } of features) {
    const parts: [number, number][][][] =
      geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    for (const ring of parts.flat()) {
      const leaps = ring.filter(
        ([lon, lat], i) => i > 0 && lat > -89 && Math.abs(lon - ring[i - 1]![0]) > 100,
      );
      expect(leaps).toEqual([]);
    }
  }
});

test('a tolerance of half a degree gives far fewer vertices', () => {
  const parameters = { f: 'geojson', where: "NAME = 'Norway'" };
  const whole = String(query('Countries', parameters)?.body);
  const coarse = String(query('Countries', { ...parameters, maxAllowableOffset: '0.5' })?.body);
  expect(coarse.length).toBeLessThan(whole.length / 4);
});

test('one attribute looks like an error envelope and arrives untouched', () => {
  const response = query('Places', { where: "NAME = 'Amsterdam'", outFields: 'NOTE' });
  expect(jsonOf(response).features[0].attributes.NOTE).toBe('{"error":{"code":498}}');
});

test('returnExtentOnly gives the box of what matches', () => {
  const response = jsonOf(
    query('Places', { where: "COUNTRY = 'Turkey'", outSR: '4326', returnExtentOnly: 'true' }),
  );
  expect(response.count).toBe(2);
  expect(response.extent).toMatchObject({ xmin: 28.98, xmax: 32.86, ymin: 39.93, ymax: 41.01 });
});

test('the layer resource names its fields and says what it can do', () => {
  const layer = jsonOf(ask('Sites/FeatureServer/0?f=json'));
  expect(layer.fields.map(({ name }: { name: string }) => name)).toContain('VISITED');
  expect(layer).toMatchObject({
    geometryType: 'esriGeometryPoint',
    hasAttachments: true,
    objectIdField: 'OBJECTID',
  });
  expect(layer.drawingInfo.renderer.type).toBe('uniqueValue');
  expect(jsonOf(ask('Sites/FeatureServer/0/7?f=json')).feature.attributes.OBJECTID).toBe(7);
});

test('each site carries two pictures of its own, sized as announced', () => {
  expect(attachmentsOf(7)).toHaveLength(2);
  for (const { id, size, contentType } of attachmentsOf(7)) {
    expect(contentType).toBe('image/png');
    const bytes = bytesOf(attachment(7, id));
    expect(bytes).toHaveLength(size);
    expect(PNG.sync.read(Buffer.from(bytes)).width).toBe(320);
  }
  expect(bytesOf(attachment(7, 71))).not.toEqual(bytesOf(attachment(8, 81)));
  expect(attachment(7, 81)).toBeUndefined();
});

test('queryAttachments lists those of the sites asked for', () => {
  const { attachmentGroups } = jsonOf(ask('Sites/FeatureServer/0/queryAttachments?f=json&objectIds=7,8'));
  expect(attachmentGroups.map(({ parentObjectId }: { parentObjectId: number }) => parentObjectId)).toEqual([
    7, 8,
  ]);
  expect(attachmentGroups[0].attachmentInfos[0].id).toBe(71);
});

// f=pbf, read by a decoder for this test that uses the published field numbers.
import { PbfReader } from 'pbf';
import { expect, test } from 'vitest';
import { ask, bytesOf, jsonOf } from '../ask.test-support.js';

type Value = string | number | null;
type Point = [number, number];
interface Decoded {
  objectIdFieldName: string;
  geometryType: number;
  wkid: number;
  exceededTransferLimit: boolean;
  scale: Point;
  translate: Point;
  fields: { name: string; type: number }[];
  features: { values: Value[]; lengths: number[]; coords: number[] }[];
  count: number;
  objectIds: number[];
}

function readMessage(pbf: PbfReader, readField: (tag: number) => void): void {
  pbf.readMessage((tag) => readField(tag), null);
}

function readPair(pbf: PbfReader): Point {
  const pair: Point = [0, 0];
  readMessage(pbf, (tag) => {
    if (tag === 1 || tag === 2) pair[tag - 1] = pbf.readDouble();
  });
  return pair;
}

function readValue(pbf: PbfReader): Value {
  let value: Value = null;
  readMessage(pbf, (tag) => {
    if (tag === 1) value = pbf.readString();
    else if (tag === 3) value = pbf.readDouble();
    else if (tag === 4) value = pbf.readSVarint();
    else if (tag === 5 || tag === 6) value = pbf.readVarint();
    else throw new Error(`Unexpected value member ${tag}.`);
  });
  return value;
}

function readFeature(pbf: PbfReader): Decoded['features'][number] {
  const feature: Decoded['features'][number] = { values: [], lengths: [], coords: [] };
  readMessage(pbf, (tag) => {
    if (tag === 1) feature.values.push(readValue(pbf));
    if (tag !== 2) return;
    readMessage(pbf, (inner) => {
      if (inner === 2) pbf.readPackedVarint(feature.lengths);
      if (inner === 3) pbf.readPackedSVarint(feature.coords);
    });
  });
  return feature;
}

function readFeatureResult(pbf: PbfReader, into: Decoded): void {
  readMessage(pbf, (tag) => {
    if (tag === 1) into.objectIdFieldName = pbf.readString();
    if (tag === 7) into.geometryType = pbf.readVarint();
    if (tag === 8) {
      readMessage(pbf, (inner) => {
        if (inner === 1) into.wkid = pbf.readVarint();
      });
    }
    if (tag === 9) into.exceededTransferLimit = pbf.readBoolean();
    if (tag === 12) {
      readMessage(pbf, (inner) => {
        if (inner === 2) into.scale = readPair(pbf);
        if (inner === 3) into.translate = readPair(pbf);
      });
    }
    if (tag === 13) {
      const field = { name: '', type: 0 };
      readMessage(pbf, (inner) => {
        if (inner === 1) field.name = pbf.readString();
        if (inner === 2) field.type = pbf.readVarint();
      });
      into.fields.push(field);
    }
    if (tag === 15) into.features.push(readFeature(pbf));
  });
}

function decode(bytes: Uint8Array): Decoded {
  const decoded: Decoded = {
    objectIdFieldName: '',
    geometryType: -1,
    wkid: 0,
    exceededTransferLimit: false,
    scale: [0, 0],
    translate: [0, 0],
    fields: [],
    features: [],
    count: -1,
    objectIds: [],
  };
  const pbf = new PbfReader(bytes);
  pbf.readFields((tag) => {
    if (tag !== 2) return;
    readMessage(pbf, (result) => {
      if (result === 1) readFeatureResult(pbf, decoded);
      if (result === 2) readMessage(pbf, (inner) => inner === 1 && (decoded.count = pbf.readVarint()));
      if (result === 3) readMessage(pbf, (inner) => inner === 3 && pbf.readPackedVarint(decoded.objectIds));
    });
  }, null);
  return decoded;
}

function ringsOf({ scale, translate }: Decoded, { lengths, coords }: Decoded['features'][number]): Point[][] {
  let at = 0;
  return (lengths.length > 0 ? lengths : [coords.length / 2]).map((length) => {
    let [column, row] = [0, 0];
    return Array.from({ length }, (): Point => {
      column += coords[at++]!;
      row += coords[at++]!;
      return [translate[0] + column * scale[0], translate[1] - row * scale[1]];
    });
  });
}

const northOf = (rings: Point[][]): number => Math.max(...rings.flat().map(([, y]) => y));

const query = (layer: string, parameters: Record<string, string>): ReturnType<typeof ask> =>
  ask(`${layer}/FeatureServer/0/query?${new URLSearchParams(parameters).toString()}`);

test.each(['4326', '102100'])('polygons carry what f=json carries, outSR %s', (outSR) => {
  const parameters = { where: "NAME IN ('Norway', 'South Africa', 'Fiji')", outFields: '*', outSR };
  const response = query('Countries', { ...parameters, f: 'pbf' });
  expect(response?.headers['content-type']).toBe('application/x-protobuf');
  const decoded = decode(bytesOf(response));
  const plain = jsonOf(query('Countries', { ...parameters, f: 'json' }));
  expect(decoded).toMatchObject({ objectIdFieldName: 'OBJECTID', geometryType: 3, wkid: Number(outSR) });
  expect(decoded.features).toHaveLength(3);
  decoded.features.forEach((feature, i) => {
    const named = Object.fromEntries(
      decoded.fields.map(({ name }, column) => [name, feature.values[column]]),
    );
    expect(named).toEqual(plain.features[i].attributes);
    const rings = ringsOf(decoded, feature);
    const expected: Point[][] = plain.features[i].geometry.rings;
    expect(rings.map((ring) => ring.length)).toEqual(expected.map((ring) => ring.length));
    const furthest = Math.max(
      ...rings.flatMap((ring, r) =>
        ring.flatMap(([x, y], p) => [Math.abs(x - expected[r]![p]![0]), Math.abs(y - expected[r]![p]![1])]),
      ),
    );
    expect(furthest).toBeLessThanOrEqual(decoded.scale[0] * 1.01);
  });
});

test('points and dates survive, a missing value is null', () => {
  const parameters = { where: '1=1', outFields: '*', outSR: '4326' };
  const decoded = decode(bytesOf(query('Sites', { ...parameters, f: 'pbf' })));
  const plain = jsonOf(query('Sites', { ...parameters, f: 'json' }));
  expect(decoded.geometryType).toBe(0);
  expect(decoded.fields.map(({ type }) => type)).toEqual([6, 11, 4, 4, 4, 4, 5]);
  expect(decoded.features).toHaveLength(60);
  decoded.features.forEach((feature, i) => {
    expect(feature.values).toEqual(Object.values(plain.features[i].attributes));
    const [x, y] = ringsOf(decoded, feature)[0]![0]!;
    expect(x).toBeCloseTo(plain.features[i].geometry.x, 5);
    expect(y).toBeCloseTo(plain.features[i].geometry.y, 5);
  });
  expect(decoded.features.some(({ values }) => values.includes(null))).toBe(true);
});

test('quantization makes the answer small and stays within its tolerance', () => {
  const quantizationParameters = JSON.stringify({
    mode: 'view',
    originPosition: 'upperLeft',
    tolerance: 5000,
    extent: { xmin: 0, ymin: 7_000_000, xmax: 4_000_000, ymax: 12_000_000 },
  });
  const parameters = { f: 'pbf', where: "NAME = 'Norway'" };
  const fine = bytesOf(query('Countries', parameters));
  const coarse = bytesOf(query('Countries', { ...parameters, quantizationParameters }));
  expect(coarse.length).toBeLessThan(fine.length / 3);
  const decoded = decode(coarse);
  expect(decoded).toMatchObject({ scale: [5000, 5000], translate: [0, 12_000_000] });
  const rings = ringsOf(decoded, decoded.features[0]!);
  for (const ring of rings) expect(ring[0]).toEqual(ring.at(-1));
  const exact = decode(fine);
  expect(Math.abs(northOf(rings) - northOf(ringsOf(exact, exact.features[0]!)))).toBeLessThanOrEqual(2500);
});

test('counts, ids and the transfer limit have their own members', () => {
  expect(decode(bytesOf(query('Countries', { f: 'pbf', where: '1=1', returnCountOnly: 'true' }))).count).toBe(
    241,
  );
  const ids = decode(bytesOf(query('Places', { f: 'pbf', where: "NAME LIKE 'A%'", returnIdsOnly: 'true' })));
  expect(ids.objectIds).toEqual([1, 2, 3]);
  const page = decode(bytesOf(query('Places', { f: 'pbf', where: '1=1', resultRecordCount: '3' })));
  expect(page.features).toHaveLength(3);
  expect(page.exceededTransferLimit).toBe(true);
});

test('without geometry only attributes travel', () => {
  const decoded = decode(
    bytesOf(query('Countries', { f: 'pbf', where: "NAME = 'Norway'", returnGeometry: 'false' })),
  );
  expect(decoded.features).toHaveLength(1);
  expect(decoded.features[0]!.coords).toEqual([]);
});

// Writes query responses as FeatureCollectionPBuffer, the protocol buffer of `f=pbf`.
// Field numbers: https://github.com/Esri/arcgis-pbf/tree/main/proto/FeatureCollection
import { PbfWriter } from 'pbf';
import type { AttributeValue, Feature, Field, GeometryType, Shape } from './feature-layer.js';
import { objectIdField } from './feature-layer.js';
import { polygonsFor, type Projection } from './geometry.js';

/** Converts integers to coordinates: `x = translateX + n·scale`, `y = translateY - n·scale`. */
export interface Quantization {
  scale: number;
  translateX: number;
  translateY: number;
}

export interface PbfFeatures {
  fields: readonly Field[];
  features: readonly Feature[];
  geometryType: GeometryType;
  projection: Projection;
  quantization: Quantization;
  returnsGeometry: boolean;
  exceededTransferLimit: boolean;
}

const geometryTypes = { esriGeometryPoint: 0, esriGeometryPolyline: 2, esriGeometryPolygon: 3 } as const;

const fieldTypes: Record<Field['type'], number> = {
  esriFieldTypeInteger: 1,
  esriFieldTypeDouble: 3,
  esriFieldTypeString: 4,
  esriFieldTypeDate: 5,
  esriFieldTypeOID: 6,
  esriFieldTypeGlobalID: 11,
};

/** `sqlTypeOther`, as in most fields of hosted layers. */
const sqlTypeOther = 16;

function writeField(field: Field, pbf: PbfWriter): void {
  pbf.writeStringField(1, field.name);
  pbf.writeVarintField(2, fieldTypes[field.type]);
  pbf.writeStringField(3, field.alias);
  pbf.writeVarintField(4, sqlTypeOther);
}

function writeValue({ value, field }: { value: AttributeValue; field: Field }, pbf: PbfWriter): void {
  // A value without a member is null.
  if (value === null) return;
  if (typeof value === 'string') pbf.writeStringField(1, value);
  else if (field.type === 'esriFieldTypeDouble') pbf.writeDoubleField(3, value);
  else if (field.type === 'esriFieldTypeDate') pbf.writeVarintField(6, value);
  else if (field.type === 'esriFieldTypeOID') pbf.writeVarintField(5, value);
  else pbf.writeSVarintField(4, value);
}

/** Integers of one ring: the first pair is absolute, the others are relative to the one before. */
function quantizeRing(
  ring: readonly (readonly [number, number])[],
  { scale, translateX, translateY }: Quantization,
): number[] {
  const numbers: number[] = [];
  let [lastX, lastY] = [0, 0];
  ring.forEach(([x, y], i) => {
    const column = Math.round((x - translateX) / scale);
    const row = Math.round((translateY - y) / scale);
    // Skips vertices in the same cell, but keeps the last one, so that the ring stays closed.
    if (i > 0 && i < ring.length - 1 && column === lastX && row === lastY) return;
    numbers.push(column - lastX, row - lastY);
    [lastX, lastY] = [column, row];
  });
  return numbers;
}

/** A ring of fewer than four vertices has no area at this resolution. */
const leastVertices: Record<Shape['kind'], number> = { point: 1, line: 2, polygon: 4 };

function writeGeometry(
  { feature: { shape }, result }: { feature: Feature; result: PbfFeatures },
  pbf: PbfWriter,
): void {
  const { projection, quantization } = result;
  const rings =
    shape.kind === 'polygon'
      ? polygonsFor(shape, projection, quantization.scale).flat()
      : shape.kind === 'line'
        ? shape.paths
        : [[shape.position]];
  const quantized = rings
    .map((ring) => quantizeRing(ring.map(projection.fromDegrees), quantization))
    .filter((numbers) => numbers.length / 2 >= leastVertices[shape.kind]);
  if (shape.kind !== 'point')
    pbf.writePackedVarint(
      2,
      quantized.map((numbers) => numbers.length / 2),
    );
  pbf.writePackedSVarint(3, quantized.flat());
}

function writeFeature(context: { feature: Feature; result: PbfFeatures }, pbf: PbfWriter): void {
  const { feature, result } = context;
  for (const field of result.fields) {
    pbf.writeMessage(1, writeValue, { value: feature.attributes[field.name] ?? null, field });
  }
  if (result.returnsGeometry) pbf.writeMessage(2, writeGeometry, context);
}

function writeUniqueIdField(_: null, pbf: PbfWriter): void {
  pbf.writeStringField(1, objectIdField.name);
  pbf.writeBooleanField(2, true);
}

function writeSpatialReference({ json }: Projection, pbf: PbfWriter): void {
  pbf.writeVarintField(1, json.wkid);
  pbf.writeVarintField(2, json.latestWkid);
}

function writePair([x, y]: readonly [number, number], pbf: PbfWriter): void {
  pbf.writeDoubleField(1, x);
  pbf.writeDoubleField(2, y);
}

function writeTransform({ scale, translateX, translateY }: Quantization, pbf: PbfWriter): void {
  // The origin is the upper left corner, the default 0, which is not written.
  pbf.writeMessage(2, writePair, [scale, scale] as const);
  pbf.writeMessage(3, writePair, [translateX, translateY] as const);
}

function writeFeatureResult(result: PbfFeatures, pbf: PbfWriter): void {
  pbf.writeStringField(1, objectIdField.name);
  pbf.writeMessage(2, writeUniqueIdField, null);
  pbf.writeVarintField(7, geometryTypes[result.geometryType]);
  pbf.writeMessage(8, writeSpatialReference, result.projection);
  if (result.exceededTransferLimit) pbf.writeBooleanField(9, true);
  pbf.writeMessage(12, writeTransform, result.quantization);
  for (const field of result.fields) pbf.writeMessage(13, writeField, field);
  for (const feature of result.features) pbf.writeMessage(15, writeFeature, { feature, result });
}

function collection(writeQueryResult: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(2, (_: null, inner) => writeQueryResult(inner), null);
  return pbf.finish();
}

export const featuresPbf = (result: PbfFeatures): Uint8Array =>
  collection((pbf) => pbf.writeMessage(1, writeFeatureResult, result));

export const countPbf = (count: number): Uint8Array =>
  collection((pbf) => pbf.writeMessage(2, (n: number, inner) => inner.writeVarintField(1, n), count));

export const objectIdsPbf = (objectIds: readonly number[]): Uint8Array =>
  collection((pbf) =>
    pbf.writeMessage(
      3,
      (ids: readonly number[], inner) => {
        inner.writeStringField(1, objectIdField.name);
        inner.writePackedVarint(3, [...ids]);
      },
      objectIds,
    ),
  );

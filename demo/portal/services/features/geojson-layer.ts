// A feature layer made of GeoJSON: fields from the properties, shapes from the geometries.
import type { Position, Ring } from '../shapes.js';
import { boxAround, orient } from '../world.js';
import {
  objectIdField,
  type AttributeValue,
  type Feature,
  type FeatureLayer,
  type Field,
  type GeometryType,
  type Shape,
} from './feature-layer.js';
import { symbolFor } from './renderers.js';

/** GeoJSON that no layer can be made of. */
export class InvalidGeoJson extends Error {
  override readonly name = 'InvalidGeoJson';
}

const geometryTypes: Record<Shape['kind'], GeometryType> = {
  point: 'esriGeometryPoint',
  line: 'esriGeometryPolyline',
  polygon: 'esriGeometryPolygon',
};

type Members = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param name - Of the layer.
 * @param data - A parsed FeatureCollection (RFC 7946 §3.3).
 * @throws {@link InvalidGeoJson} where it is none, has no features, mixes points, lines and polygons, or is not in degrees.
 */
export function geoJsonLayer(name: string, data: unknown): FeatureLayer {
  const collection = isRecord(data) && data['type'] === 'FeatureCollection' ? data['features'] : undefined;
  if (!Array.isArray(collection))
    throw new InvalidGeoJson('It is no GeoJSON FeatureCollection: "type" or "features" is missing.');
  if (collection.length === 0) throw new InvalidGeoJson('It has no features.');
  const rows = collection.map((feature: unknown, i) => readFeature(feature, `features[${i}]`));
  const [{ shape: first }] = rows as [(typeof rows)[number]];
  const other = rows.findIndex(({ shape }) => shape.kind !== first.kind);
  if (other !== -1)
    throw new InvalidGeoJson(
      `A layer has points, lines or polygons: features[${other}] is a ${rows[other]!.shape.kind}, and those before are ${first.kind}s. Make a service of each.`,
    );
  const columns = columnsOf(rows.map(({ properties }) => properties));
  const features = rows.map(({ properties, shape }, i): Feature => ({
    objectId: i + 1,
    attributes: {
      [objectIdField.name]: i + 1,
      ...Object.fromEntries(columns.map(({ key, field }) => [field.name, valueFor(field, properties[key])])),
    },
    shape,
  }));
  const fields = [objectIdField, ...columns.map(({ field }) => field)];
  const geometryType = geometryTypes[first.kind];
  return {
    name,
    description: '',
    copyright: '',
    displayField: (fields.find(({ type }) => type === 'esriFieldTypeString') ?? objectIdField).name,
    geometryType,
    fields,
    features,
    renderer: { type: 'simple', symbol: symbolFor(geometryType, 0.6) },
  };
}

function readFeature(feature: unknown, at: string): { properties: Members; shape: Shape } {
  const geometry = isRecord(feature) ? feature['geometry'] : undefined;
  if (!isRecord(feature) || !isRecord(geometry)) throw new InvalidGeoJson(`${at} has no geometry.`);
  const properties = feature['properties'];
  return { properties: isRecord(properties) ? properties : {}, shape: readShape(geometry, `${at}.geometry`) };
}

function readShape({ type, coordinates }: Members, at: string): Shape {
  switch (type) {
    case 'Point':
      return { kind: 'point', position: positionOf(coordinates, at) };
    case 'LineString':
      return lineOf([coordinates], at);
    case 'MultiLineString':
      return lineOf(listOf(coordinates, at), at);
    case 'Polygon':
      return polygonOf([coordinates], at);
    case 'MultiPolygon':
      return polygonOf(listOf(coordinates, at), at);
    default:
      throw new InvalidGeoJson(
        `${at} is a ${String(type)}. Point, LineString, MultiLineString, Polygon and MultiPolygon can be used.`,
      );
  }
}

function lineOf(lines: readonly unknown[], at: string): Shape {
  const paths = lines.map((line) => positionsOf(line, at, 2));
  return { kind: 'line', paths, box: boxAround(paths) };
}

function polygonOf(parts: readonly unknown[], at: string): Shape {
  const polygons = parts.map((part) =>
    orient(listOf(part, at).map((ring) => closed(positionsOf(ring, at, 3)))),
  );
  return { kind: 'polygon', polygons, box: boxAround(polygons.flat()) };
}

/** Some programs leave the last position out, which repeats the first. */
function closed(ring: Ring): Ring {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new InvalidGeoJson(`${at} has no coordinates.`);
  return value;
}

function positionsOf(value: unknown, at: string, least: number): Ring {
  const positions = listOf(value, at).map((position) => positionOf(position, at));
  if (positions.length < least)
    throw new InvalidGeoJson(`${at} has a line or ring of fewer than ${least} positions.`);
  return positions;
}

function positionOf(value: unknown, at: string): Position {
  const [lon, lat]: unknown[] = Array.isArray(value) ? value : [];
  if (typeof lon !== 'number' || typeof lat !== 'number' || !Number.isFinite(lon) || !Number.isFinite(lat))
    throw new InvalidGeoJson(`${at} has a position that is not two numbers.`);
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90)
    throw new InvalidGeoJson(
      `${at} has the position ${lon}, ${lat}. GeoJSON is in degrees, longitude first (RFC 7946 §4): convert it.`,
    );
  return [lon, lat];
}

interface Column {
  /** Name of the property. */
  readonly key: string;
  readonly field: Field;
}

function columnsOf(rows: readonly Members[]): Column[] {
  const taken = new Set([objectIdField.name]);
  return [...new Set(rows.flatMap(Object.keys))].map((key) => {
    const name = fieldName(key, taken);
    taken.add(name.toUpperCase());
    return { key, field: { name, alias: key, ...fieldType(rows.map((row) => attribute(row[key]))) } };
  });
}

/** Names of fields are words that differ in more than their case, since clauses name them. */
function fieldName(key: string, taken: ReadonlySet<string>): string {
  const word = key.replace(/\W/g, '_').replace(/^(?=\d|$)/, '_');
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? word : `${word}_${count}`;
    if (!taken.has(name.toUpperCase())) return name;
  }
}

/** Values of other types, such as lists, are shown as JSON. */
function attribute(value: unknown): AttributeValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : JSON.stringify(value);
}

/** Where some values of a property are text, all are. */
function valueFor({ type }: Field, given: unknown): AttributeValue {
  const value = attribute(given);
  return value !== null && type === 'esriFieldTypeString' ? String(value) : value;
}

function fieldType(values: readonly AttributeValue[]): Pick<Field, 'type' | 'length'> {
  const given = values.filter((value) => value !== null);
  if (given.length > 0 && given.every((value) => typeof value === 'number')) {
    const isWhole = given.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31);
    return { type: isWhole ? 'esriFieldTypeInteger' : 'esriFieldTypeDouble' };
  }
  return {
    type: 'esriFieldTypeString',
    length: given.reduce<number>((most, value) => Math.max(most, String(value).length), 255),
  };
}

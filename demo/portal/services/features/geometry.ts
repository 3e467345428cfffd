// Geometries in ArcGIS JSON and GeoJSON, in two spatial references, and their intersection with a search area.
import { EnvelopeError } from '../responses.js';
import { toDegrees, toMetres } from '../mercator.js';
import type { Box, Position, Ring } from '../shapes.js';
import { isInside } from '../world.js';
import { webMercator, type Shape } from './feature-layer.js';

/** A spatial reference that this portal supports. */
export interface Projection {
  json: { wkid: number; latestWkid: number };
  fromDegrees: (position: Position) => [number, number];
  toDegrees: (position: Position) => [number, number];
  /** Decimals of coordinates: about a centimetre. */
  decimals: number;
  /** Metres of one unit, roughly, at the equator. */
  metresPerUnit: number;
}

export const geographic: Projection = {
  json: { wkid: 4326, latestWkid: 4326 },
  fromDegrees: ([lon, lat]) => [lon, lat],
  toDegrees: ([lon, lat]) => [lon, lat],
  decimals: 6,
  metresPerUnit: 111_320,
};

export const mercator: Projection = {
  json: webMercator,
  fromDegrees: toMetres,
  toDegrees,
  decimals: 2,
  metresPerUnit: 1,
};

/**
 * Reads `outSR` or `inSR`: a number or `{"wkid":…}`.
 * @throws {@link EnvelopeError} 400 for any other spatial reference than 4326 and Web Mercator.
 */
export function parseProjection(parameter: string, text: string | null, otherwise: Projection): Projection {
  if (text === null || text === '') return otherwise;
  const wkids: readonly string[] = text.match(/\d+/g) ?? [];
  if (wkids.includes('4326')) return geographic;
  if (wkids.some((wkid) => ['3857', '102100', '900913'].includes(wkid))) return mercator;
  throw new EnvelopeError(400, 'Cannot perform query. Invalid query parameters.', [
    `'${parameter}' is not supported.`,
  ]);
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

function projectRing(ring: Ring, { fromDegrees }: Projection, decimals: number): [number, number][] {
  return ring.map((position) => {
    const [x, y] = fromDegrees(position);
    return [rounded(x, decimals), rounded(y, decimals)];
  });
}

/** The polygons for a client that tolerates an error of `maxOffset` units. */
export function polygonsFor(
  shape: Extract<Shape, { kind: 'polygon' }>,
  projection: Projection,
  maxOffset: number,
) {
  // The error of the 1:110 million lines is about 10 km.
  return maxOffset * projection.metresPerUnit >= 10_000 && shape.generalised
    ? shape.generalised
    : shape.polygons;
}

interface Precision {
  decimals: number;
  /** Largest tolerated error, in units of the output projection. */
  maxOffset: number;
}

/** ArcGIS JSON: `{x,y}`, `{paths}` or `{rings}`, outer rings clockwise. */
export function esriGeometry(shape: Shape, projection: Projection, { decimals, maxOffset }: Precision) {
  if (shape.kind === 'point') {
    const [x, y] = projection.fromDegrees(shape.position);
    return { x: rounded(x, decimals), y: rounded(y, decimals) };
  }
  if (shape.kind === 'line')
    return { paths: shape.paths.map((path) => projectRing(path, projection, decimals)) };
  const rings = polygonsFor(shape, projection, maxOffset).flat();
  return { rings: rings.map((ring) => projectRing(ring, projection, decimals)) };
}

/** GeoJSON, always in degrees; outer rings run anticlockwise. @see RFC 7946 §3.1.6 */
export function geoJsonGeometry(shape: Shape, { decimals, maxOffset }: Precision) {
  if (shape.kind === 'point') {
    return { type: 'Point', coordinates: projectRing([shape.position], geographic, decimals)[0] };
  }
  if (shape.kind === 'line') {
    const paths = shape.paths.map((path) => projectRing(path, geographic, decimals));
    return paths.length === 1
      ? { type: 'LineString', coordinates: paths[0] }
      : { type: 'MultiLineString', coordinates: paths };
  }
  const polygons = polygonsFor(shape, geographic, maxOffset).map((rings) =>
    rings.map((ring) => projectRing(ring, geographic, decimals).toReversed()),
  );
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] }
    : { type: 'MultiPolygon', coordinates: polygons };
}

/** The box of a polygon, line or multipoint, which is searched in place of the shape itself. */
function boxOf(shape: unknown): unknown[] {
  const numbers: unknown[] = Array.isArray(shape) ? shape.flat(2) : [];
  const [xs, ys] = [0, 1].map((axis) => numbers.filter((_, i) => i % 2 === axis).map(Number));
  return [Math.min(...xs!), Math.min(...ys!), Math.max(...xs!), Math.max(...ys!)];
}

/** The numbers of a search area in any of its notations, unchecked. */
function areaNumbers(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text.trim().startsWith('{') ? text : `[${text}]`);
    if (Array.isArray(value)) return value;
    const area = new Map<string, unknown>(Object.entries(value ?? {}));
    const shape = area.get('rings') ?? area.get('paths') ?? area.get('points');
    if (shape !== undefined) return boxOf(shape);
    return (area.has('x') ? ['x', 'y'] : ['xmin', 'ymin', 'xmax', 'ymax']).map((key) => area.get(key));
  } catch {
    return [];
  }
}

/**
 * Reads the `geometry` parameter: an envelope, a point or, by its box, another shape, as JSON or as comma-separated numbers.
 *
 * @returns The box in degrees; a point is a box without extent.
 * @throws {@link EnvelopeError} 400 when it is neither.
 */
export function parseSearchArea(text: string, projection: Projection): Box {
  const given = areaNumbers(text);
  const numbers = given.filter((n) => typeof n === 'number');
  const [xmin, ymin, xmax = xmin, ymax = ymin] = numbers;
  const isUsable = numbers.length === given.length && (numbers.length === 2 || numbers.length === 4);
  if (!isUsable || xmin === undefined || ymin === undefined || xmax === undefined || ymax === undefined) {
    throw new EnvelopeError(400, 'Cannot perform query. Invalid query parameters.', [
      "'geometry' must be an envelope or a point.",
    ]);
  }
  return [...projection.toDegrees([xmin, ymin]), ...projection.toDegrees([xmax, ymax])];
}

const boxesMeet = (a: Box, b: Box): boolean => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

/** Whether a segment passes through a box (Liang and Barsky). */
function segmentMeets([ax, ay]: Position, [bx, by]: Position, [west, south, east, north]: Box): boolean {
  let [enter, leave] = [0, 1];
  const slabs = [
    [ax - bx, ax - west],
    [bx - ax, east - ax],
    [ay - by, ay - south],
    [by - ay, north - ay],
  ] as const;
  for (const [direction, room] of slabs) {
    if (direction === 0) {
      if (room < 0) return false;
    } else if (direction < 0) enter = Math.max(enter, room / direction);
    else leave = Math.min(leave, room / direction);
  }
  return enter <= leave;
}

/** Whether a shape shares any point with a box in degrees. */
export function meetsBox(shape: Shape, box: Box): boolean {
  if (shape.kind === 'point') return boxesMeet([...shape.position, ...shape.position], box);
  if (!boxesMeet(shape.box, box)) return false;
  const crosses = (line: Ring): boolean =>
    line.some((position, i) => i > 0 && segmentMeets(line[i - 1]!, position, box));
  if (shape.kind === 'line') return shape.paths.some(crosses);
  return shape.polygons.some((rings) => isInside([box[0], box[1]], rings) || rings.some(crosses));
}

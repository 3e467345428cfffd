// The world of the demo: Natural Earth countries, their borders and coasts, read once from world-atlas.
import { createRequire } from 'node:module';
import { feature, mesh, neighbors } from 'topojson-client';
import { continentOf } from './continents.js';
import { cutLine, cutRing } from './date-line.js';
import type { Box, Position, Ring } from './shapes.js';

export interface Country {
  name: string;
  /** ISO 3166-1 numeric code; a few disputed areas have none. */
  isoN3: string | null;
  continent: string;
  areaKm2: number;
  neighbourCount: number;
  /** Small number that differs between neighbours, for colouring. */
  colourIndex: number;
  /** Parts of outer ring and holes; outer rings run clockwise as ArcGIS wants them. */
  polygons: readonly (readonly Ring[])[];
  /** The same at 1:110 million, absent for countries too small to be on that map. */
  generalised: readonly (readonly Ring[])[] | undefined;
  box: Box;
  /** A point well inside the largest part. */
  labelPoint: Position;
}

type Topology = Parameters<typeof mesh>[0];
type Geometries = Extract<NonNullable<Parameters<typeof mesh>[1]>, { type: 'GeometryCollection' }>;

interface Atlas {
  topology: Topology;
  countries: Geometries;
}

const require = createRequire(import.meta.url);

function readAtlas(scale: '50m' | '110m'): Atlas {
  const topology: Topology & { objects: { countries: Geometries } } = require(
    `world-atlas/countries-${scale}.json`,
  );
  return { topology, countries: topology.objects.countries };
}

const detailed = readAtlas('50m');
const coarse = readAtlas('110m');

const nameIn = (properties: object | null | undefined): string =>
  properties && 'name' in properties ? String(properties.name) : '';

// GeoJSON's own type allows positions of any length.
const asRing = (line: readonly number[][]): Ring => line.map(([lon, lat]): Position => [lon!, lat!]);

const earthRadiusKm = 6371.0088;

/** Area on the sphere in km², positive for clockwise rings. */
function ringAreaKm2(ring: Ring): number {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    const [lonA, latA] = ring[i - 1]!;
    const [lonB, latB] = ring[i]!;
    sum +=
      (((lonB - lonA) * Math.PI) / 180) *
      (2 + Math.sin((latA * Math.PI) / 180) + Math.sin((latB * Math.PI) / 180));
  }
  return (sum * earthRadiusKm ** 2) / 2;
}

function planarArea(ring: Ring): number {
  let sum = 0;
  for (let i = 1; i < ring.length; i++)
    sum += (ring[i]![0] - ring[i - 1]![0]) * (ring[i]![1] + ring[i - 1]![1]);
  return sum / 2;
}

const isClockwise = (ring: Ring): boolean => planarArea(ring) > 0;

/** Outer rings clockwise, holes the other way, as ArcGIS wants them. */
export function orient(rings: readonly Ring[]): Ring[] {
  return rings.map((ring, i) => (isClockwise(ring) === (i === 0) ? ring : ring.toReversed()));
}

// Natural Earth ends Antarctica just short of the pole; joined up, that edge becomes a pinhole.
const isPinhole = (ring: Ring): boolean => ring.every(([, lat]) => lat < -89.9);

/** Cuts one polygon at the date line; each hole stays with the piece around it. */
function cutPolygon(rings: readonly Ring[]): Ring[][] {
  const [outer, ...holes] = rings.filter((ring) => !isPinhole(ring));
  const pieces = cutRing(outer!).map((piece) => [piece]);
  for (const hole of holes) (pieces.find(([piece]) => isInside(hole[0]!, [piece!])) ?? pieces[0])?.push(hole);
  return pieces.map(orient);
}

function polygonsOf(atlas: Atlas): Map<string, Ring[][]> {
  const polygons = new Map<string, Ring[][]>();
  for (const { geometry, properties } of feature(atlas.topology, atlas.countries).features) {
    if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') continue;
    const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    polygons.set(
      nameIn(properties),
      parts.flatMap((rings) => cutPolygon(rings.map(asRing))),
    );
  }
  return polygons;
}

/** Smallest box around the rings, in their units. */
export function boxAround(rings: Iterable<Ring>): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (const [x, y] of ring) {
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < south) south = y;
      if (y > north) north = y;
    }
  }
  return [west, south, east, north];
}

/** Whether a position is inside a polygon given as outer ring and holes (even-odd rule). */
export function isInside([x, y]: Position, rings: readonly Ring[]): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1]!;
      const [bx, by] = ring[i]!;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

function distanceToRings([x, y]: Position, rings: readonly Ring[]): number {
  let nearest = Infinity;
  for (const ring of rings) {
    for (const [px, py] of ring) nearest = Math.min(nearest, (px - x) ** 2 + (py - y) ** 2);
  }
  return nearest;
}

/** The most interior point of a coarse grid over the largest part: a label never lands in the sea. */
function interiorPoint(polygons: readonly (readonly Ring[])[]): Position {
  const largest = polygons.reduce((a, b) => (planarArea(b[0]!) > planarArea(a[0]!) ? b : a));
  const [west, south, east, north] = boxAround(largest);
  let best: Position = largest[0]![0]!;
  let bestDistance = -1;
  const steps = 12;
  for (let i = 1; i < steps; i++) {
    for (let j = 1; j < steps; j++) {
      const candidate: Position = [west + ((east - west) * i) / steps, south + ((north - south) * j) / steps];
      if (!isInside(candidate, largest)) continue;
      const distance = distanceToRings(candidate, largest);
      if (distance > bestDistance) [best, bestDistance] = [candidate, distance];
    }
  }
  return best;
}

function colourIndices(neighbours: readonly (readonly number[])[]): number[] {
  const colours: number[] = [];
  neighbours.forEach((around, i) => {
    const taken = new Set(around.map((n) => colours[n]));
    // Starts at a varying colour, so that islands, which have no neighbours, differ too.
    let colour = (i * 5) % 7;
    while (taken.has(colour)) colour = (colour + 1) % 7;
    colours.push(colour);
  });
  return colours;
}

function readCountries(): Country[] {
  const { geometries } = detailed.countries;
  const around = neighbors(geometries);
  const colours = colourIndices(around);
  const fine = polygonsOf(detailed);
  const rough = polygonsOf(coarse);
  return geometries
    .map((geometry, i): Country => {
      const name = nameIn(geometry.properties);
      const isoN3 = typeof geometry.id === 'string' ? geometry.id : null;
      const polygons = fine.get(name)!;
      return {
        name,
        isoN3,
        continent: continentOf(isoN3, name),
        areaKm2: Math.round(polygons.flat().reduce((sum, ring) => sum + ringAreaKm2(ring), 0)),
        neighbourCount: around[i]!.length,
        colourIndex: colours[i]!,
        polygons,
        generalised: rough.get(name),
        box: boxAround(polygons.flat()),
        labelPoint: interiorPoint(polygons),
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** All countries by name. */
export const countries: readonly Country[] = readCountries();

const meshOf = (isWanted: (a: unknown, b: unknown) => boolean): Ring[] =>
  mesh(detailed.topology, detailed.countries, isWanted)
    .coordinates.map(asRing)
    .filter((line) => !isPinhole(line))
    .flatMap(cutLine);

/** Lines shared by two countries. */
export const borders: readonly Ring[] = meshOf((a, b) => a !== b);
/** Lines between a country and the sea. */
export const coasts: readonly Ring[] = meshOf((a, b) => a === b);

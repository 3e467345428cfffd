// Cuts the countries into Mapbox vector tiles: areas, borders and label points.
import geojsonVt from 'geojson-vt';
import vtPbf from 'vt-pbf';
import type { Ring } from '../shapes.js';
import { borders, countries } from '../world.js';

/** Deepest level. Clients overzoom it. */
export const maxTileZoom = 8;
const extent = 4096;

type Collection = Extract<Parameters<typeof geojsonVt>[0], { type: 'FeatureCollection' }>;

const mutable = (ring: Ring): number[][] => ring.map(([lon, lat]) => [lon, lat]);

function collections(): Record<string, Collection> {
  const attributes = countries.map(({ name, continent, areaKm2, colourIndex }, i) => ({
    OBJECTID: i + 1,
    NAME: name,
    CONTINENT: continent,
    AREA_KM2: areaKm2,
    COLOUR: colourIndex,
  }));
  return {
    countries: {
      type: 'FeatureCollection',
      features: countries.map(({ polygons }, i) => ({
        type: 'Feature',
        id: i + 1,
        geometry: { type: 'MultiPolygon', coordinates: polygons.map((rings) => rings.map(mutable)) },
        properties: attributes[i]!,
      })),
    },
    borders: {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          geometry: { type: 'MultiLineString', coordinates: borders.map(mutable) },
          properties: { KIND: 'international' },
        },
      ],
    },
    labels: {
      type: 'FeatureCollection',
      features: countries.map(({ labelPoint: [lon, lat] }, i) => ({
        type: 'Feature',
        id: i + 1,
        geometry: { type: 'Point', coordinates: [lon, lat] },
        properties: attributes[i]!,
      })),
    },
  };
}

// Indexing the world takes a moment, so it waits for the first request.
let indices: [string, ReturnType<typeof geojsonVt>][] | undefined;

/**
 * One tile as an uncompressed Mapbox vector tile, with layers `countries`, `borders` and `labels`.
 *
 * @returns No bytes where there is nothing, which is a valid empty tile.
 */
export function vectorTile(z: number, x: number, y: number): Uint8Array {
  indices ??= Object.entries(collections()).map(([layer, collection]) => [
    layer,
    geojsonVt(collection, { maxZoom: maxTileZoom, indexMaxZoom: 3, extent, buffer: 80, tolerance: 3 }),
  ]);
  const layers: Record<string, { features: readonly unknown[] }> = {};
  for (const [layer, index] of indices) {
    const tile = index.getTile(z, x, y);
    if (tile && tile.features.length > 0) layers[layer] = tile;
  }
  return vtPbf.fromGeojsonVt(layers, { version: 2, extent });
}

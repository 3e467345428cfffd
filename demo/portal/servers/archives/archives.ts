// Archives: large files of which clients request ranges.
import type { PortalResponse } from '../../http/response.js';
import { vectorTile } from '../../services/vector/vector-tiles.js';
import { cloudOptimizedGeotiff } from './cog.js';
import { vectorArchive } from './pmtiles.js';

/** Invented heights in metres, at a place from 0 to 1. */
const height = (x: number, y: number): number =>
  1600 + 900 * Math.sin(19 * x) * Math.cos(23 * y) + 600 * Math.sin(61 * x + 37 * y);

interface Archive {
  readonly type: string;
  readonly make: () => Buffer;
}

const archives: Readonly<Record<string, Archive>> = {
  'countries.pmtiles': { type: 'application/vnd.pmtiles', make: () => vectorArchive(3, vectorTile) },
  'heights.tif': { type: 'image/tiff', make: () => cloudOptimizedGeotiff(1024, height) },
};

const made = new Map<string, Buffer>();

/**
 * `countries.pmtiles`: vector tiles of the levels 0 to 3. `heights.tif`: a cloud optimized GeoTIFF of 1024 pixels.
 *
 * @param name - The path below the service.
 * @returns `undefined` for an archive that does not exist.
 */
export function archive(name: string): PortalResponse | undefined {
  const found = Object.hasOwn(archives, name) ? archives[name] : undefined;
  if (!found) return undefined;
  const body = made.get(name) ?? found.make();
  made.set(name, body);
  return {
    status: 200,
    headers: { 'Content-Type': found.type, 'Cache-Control': 'private, no-cache' },
    body,
    conditional: true,
  };
}

/** The tiling scheme of an ArcGIS service, out of its description. */
import { identityError } from '../../protocol/errors.js';
import { toWebMercator, type TilingScheme } from './tile-ranges.js';

interface SpatialReference {
  readonly wkid?: number;
  readonly latestWkid?: number;
}

/** @see ArcGIS REST API: Map Service, `tileInfo`; Vector Tile Service */
export interface CachedService {
  readonly tileInfo?: null | {
    readonly rows: number;
    readonly cols: number;
    readonly origin: { readonly x: number; readonly y: number };
    readonly spatialReference: SpatialReference;
    readonly lods: readonly { readonly level: number; readonly resolution: number; readonly scale: number }[];
  };
  readonly fullExtent?: null | {
    readonly xmin: number | 'NaN';
    readonly ymin: number | 'NaN';
    readonly xmax: number | 'NaN';
    readonly ymax: number | 'NaN';
    readonly spatialReference?: SpatialReference | null;
  };
  /** Scales of the levels that have tiles; 0 is no limit. */
  readonly minScale?: number | null;
  readonly maxScale?: number | null;
}

/** Well-known ids that mean Web Mercator (EPSG:3857). */
const webMercator = new Set([3857, 102_100, 102_113, 900_913]);

/** Well-known ids of coordinates in degrees: WGS 84, NAD 83, ETRS 89, GDA 94, CGCS 2000. */
const degrees = new Set([4326, 4269, 4258, 4283, 4490]);

/** Scales are written with few digits. */
const SCALE_ROUNDING = 1.001;

/**
 * @param url - Of the service, for the error.
 * @throws ConfigurationError `layer-unsupported` for a service without a cache of tiles, or in another projection than Web
 * Mercator or degrees.
 */
export function schemeOf(
  { tileInfo, fullExtent, minScale, maxScale }: CachedService,
  url: string,
  minZoom: number,
  maxZoom: number,
): TilingScheme {
  const idOf = ({ latestWkid, wkid }: SpatialReference): number => latestWkid ?? wkid ?? 0;
  const id = tileInfo ? idOf(tileInfo.spatialReference) : undefined;
  const isKnown = id !== undefined && (webMercator.has(id) || degrees.has(id));
  if (!tileInfo || !isKnown) throw identityError('layer-unsupported', { origin: new URL(url).origin });
  const { rows, cols, origin, lods } = tileInfo;
  const levels = lods.filter(
    ({ level, scale }) =>
      level >= minZoom &&
      level <= maxZoom &&
      (!minScale || minScale < 0 || scale <= minScale * SCALE_ROUNDING) &&
      scale * SCALE_ROUNDING >= (maxScale ?? 0),
  );
  const whole = [-Infinity, -Infinity, Infinity, Infinity] as const;
  const { xmin, ymin, xmax, ymax, spatialReference } = fullExtent ?? {};
  const given = [xmin, ymin, xmax, ymax].map(Number) as unknown as TilingScheme['extent'];
  // An extent in another reference says nothing here; "NaN" is that of an empty service.
  const isUsable = given.every(Number.isFinite) && idOf(spatialReference ?? tileInfo.spatialReference) === id;
  return {
    project: webMercator.has(id) ? toWebMercator : (longitude, latitude) => [longitude, latitude],
    originX: origin.x,
    originY: origin.y,
    levels: levels.map(({ level, resolution }) => ({
      level,
      width: cols * resolution,
      height: rows * resolution,
    })),
    extent: isUsable ? given : whole,
  };
}

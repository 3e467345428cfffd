/** Which tiles of a tiling scheme a bounding box meets. */
import { identityError } from '../../protocol/errors.js';
import type { BoundingBox } from '../../protocol/areas.js';

/** Tiles of one level: columns and rows, both ends included. */
export interface TileRange {
  readonly level: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
  readonly firstRow: number;
  readonly lastRow: number;
}

/** One level of a tiling scheme. */
export interface TileLevel {
  readonly level: number;
  /** Size of a tile, in units of the projection. */
  readonly width: number;
  readonly height: number;
}

/** How a service cuts the world into tiles. */
export interface TilingScheme {
  /** Degrees to units of the projection. */
  readonly project: (longitude: number, latitude: number) => readonly [x: number, y: number];
  /** Upper left corner of the first tile, in units of the projection. */
  readonly originX: number;
  readonly originY: number;
  readonly levels: readonly TileLevel[];
  /** What the service has tiles of, in units of the projection: xmin, ymin, xmax, ymax. */
  readonly extent: readonly [number, number, number, number];
}

/** Web Mercator is square between these latitudes, in degrees. */
const MAX_LATITUDE = 85.0511287798066;

/** Radius of the sphere of Web Mercator (EPSG:3857), in metres. */
const RADIUS_M = 6_378_137;

/** Half the width of the world in Web Mercator, in metres. */
export const HALF_WORLD_M = Math.PI * RADIUS_M;

/** Of a tile: an edge that lies on a border by calculation may be off by rounding. */
const ROUNDING = 1e-9;

const toRadians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Degrees to metres of EPSG:3857; the poles are moved to the edge. */
export function toWebMercator(longitude: number, latitude: number): readonly [x: number, y: number] {
  const clamped = Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude));
  return [(longitude / 180) * HALF_WORLD_M, RADIUS_M * Math.asinh(Math.tan(toRadians(clamped)))];
}

/**
 * The parts of a box that do not cross the antimeridian, within ±180°.
 *
 * @param bbox - Longitudes may go beyond ±180, as maps that repeat the world report them.
 * @throws ConfigurationError `option-invalid` for what is no box.
 */
export function splitBox(bbox: BoundingBox): readonly BoundingBox[] {
  const [west, south, east, north] = bbox;
  const isBox =
    bbox.length === 4 && bbox.every(Number.isFinite) && south <= north && south >= -90 && north <= 90;
  if (!isBox) throw identityError('option-invalid', { field: 'bbox' });
  if (east - west >= 360) return [[-180, south, 180, north]];
  const from = wrap(west);
  const to = (east - west) % 360 === 0 ? from : -wrap(-east);
  if (from <= to) return [[from, south, to, north]];
  return [
    [from, south, 180, north],
    [-180, south, to, north],
  ];
}

/** A longitude of [-180, 180). What is inside stays as it is, without a rounding error. */
const wrap = (longitude: number): number =>
  longitude >= -180 && longitude < 180 ? longitude : longitude - 360 * Math.floor((longitude + 180) / 360);

/** XYZ tiles (`{z}/{x}/{y}`, first row in the north), from a level to another. */
export function webMercatorScheme(minZoom: number, maxZoom: number): TilingScheme {
  const levels = Array.from({ length: Math.max(0, maxZoom - minZoom + 1) }, (_, index) => {
    const width = (2 * HALF_WORLD_M) / 2 ** (minZoom + index);
    return { level: minZoom + index, width, height: width };
  });
  return {
    project: toWebMercator,
    originX: -HALF_WORLD_M,
    originY: HALF_WORLD_M,
    levels,
    extent: [-HALF_WORLD_M, -HALF_WORLD_M, HALF_WORLD_M, HALF_WORLD_M],
  };
}

/**
 * The tiles that a box meets, each once, the lowest level first.
 *
 * @throws ConfigurationError `option-invalid` for what is no box.
 */
export function tileRanges(bbox: BoundingBox, scheme: TilingScheme): readonly TileRange[] {
  const boxes = splitBox(bbox);
  return scheme.levels.flatMap((level) =>
    withoutOverlap(boxes.flatMap((box) => rangeOf(box, level, scheme) ?? [])),
  );
}

function rangeOf(
  [west, south, east, north]: BoundingBox,
  { level, width, height }: TileLevel,
  { project, originX, originY, extent: [xMin, yMin, xMax, yMax] }: TilingScheme,
): TileRange | undefined {
  const [left, bottom] = project(west, south);
  const [right, top] = project(east, north);
  // A box that only touches what the service has, such as one beyond its edge, has no tile; one without a width has.
  const [aside, above] = [width * ROUNDING, height * ROUNDING];
  if (left > xMax + aside || right < xMin - aside || bottom > yMax + above || top < yMin - above)
    return undefined;
  const columns = span(Math.max(left, xMin) - originX, Math.min(right, xMax) - originX, width);
  const rows = span(originY - Math.min(top, yMax), originY - Math.max(bottom, yMin), height);
  const lastOf = (low: number, high: number, size: number): number =>
    Math.max(0, Math.ceil((high - low) / size - ROUNDING) - 1);
  const maxColumn = lastOf(originX, xMax, width);
  const maxRow = lastOf(yMin, originY, height);
  const within = (value: number, max: number): number => Math.max(0, Math.min(max, value));
  return {
    level,
    firstColumn: within(columns[0], maxColumn),
    lastColumn: within(columns[1], maxColumn),
    firstRow: within(rows[0], maxRow),
    lastRow: within(rows[1], maxRow),
  };
}

/** First and last tile between two distances from the origin. An end on a border does not take in the tile behind it. */
function span(from: number, to: number, size: number): readonly [first: number, last: number] {
  const first = Math.floor(from / size + ROUNDING);
  return [first, Math.max(first, Math.ceil(to / size - ROUNDING) - 1)];
}

/** At low levels the two halves of a box that crosses the antimeridian share tiles. */
function withoutOverlap(ranges: readonly TileRange[]): readonly TileRange[] {
  const [east, west] = ranges;
  if (!east || !west || west.lastColumn < east.firstColumn) return ranges;
  return [
    {
      ...east,
      firstColumn: Math.min(east.firstColumn, west.firstColumn),
      lastColumn: Math.max(east.lastColumn, west.lastColumn),
    },
  ];
}

/** Number of tiles in the ranges, without listing them. */
export const countTiles = (ranges: readonly TileRange[]): number =>
  ranges.reduce((sum, range) => sum + columnsOf(range) * rowsOf(range), 0);

const columnsOf = ({ firstColumn, lastColumn }: TileRange): number => lastColumn - firstColumn + 1;
const rowsOf = ({ firstRow, lastRow }: TileRange): number => lastRow - firstRow + 1;

/** The tile at a place in the ranges' order. */
export function tileAt(
  range: TileRange,
  index: number,
): { readonly level: number; readonly column: number; readonly row: number } {
  const columns = columnsOf(range);
  return {
    level: range.level,
    column: range.firstColumn + (index % columns),
    row: range.firstRow + Math.floor(index / columns),
  };
}

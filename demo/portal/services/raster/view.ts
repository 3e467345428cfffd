// The position of a picture's pixels in the Web Mercator unit square.
import type { Ring } from '../shapes.js';
import { halfWorldM, unitX, unitY } from '../mercator.js';

export interface View {
  /** Unit-square position of the top left pixel's corner. */
  west: number;
  north: number;
  /** Pixels per unit; equal on both axes unless an export asks for a stretched picture. */
  scaleX: number;
  scaleY: number;
  width: number;
  height: number;
}

/** The view of one tile of the usual 256-pixel scheme. */
export function tileView(z: number, x: number, y: number, size = 256): View {
  const tiles = 2 ** z;
  return {
    west: x / tiles,
    north: y / tiles,
    scaleX: tiles * size,
    scaleY: tiles * size,
    width: size,
    height: size,
  };
}

/** The view of an EPSG:3857 box in metres: west, south, east, north. */
export function boxView([west, south, east, north]: readonly number[], width: number, height: number): View {
  const world = 2 * halfWorldM;
  return {
    west: west! / world + 0.5,
    north: 0.5 - north! / world,
    scaleX: (width * world) / (east! - west!),
    scaleY: (height * world) / (north! - south!),
    width,
    height,
  };
}

/** The view of a given size around a position in degrees; `zoom` is that of 256-pixel tiles and may be fractional. */
export function centredView(lon: number, lat: number, zoom: number, width: number, height: number): View {
  const scale = 256 * 2 ** zoom;
  return {
    west: unitX(lon) - width / 2 / scale,
    north: unitY(lat) - height / 2 / scale,
    scaleX: scale,
    scaleY: scale,
    width,
    height,
  };
}

/** The same view with `margin` more pixels on each side, so that effects at the edge match the neighbouring tile. */
export function padded(view: View, margin: number): View {
  return {
    ...view,
    west: view.west - margin / view.scaleX,
    north: view.north - margin / view.scaleY,
    width: view.width + 2 * margin,
    height: view.height + 2 * margin,
  };
}

/** Zoom whose 256-pixel tiles have this view's scale. */
export const zoomOf = (view: View): number => Math.log2(view.scaleX / 256);

/** A line in the unit square with its box, by which most lines are skipped. */
export interface UnitLine {
  /** x and y alternating. */
  xy: Float64Array;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** Projects a line given in degrees. */
export function unitLine(line: Ring): UnitLine {
  const xy = new Float64Array(line.length * 2);
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  line.forEach(([lon, lat], i) => {
    const x = unitX(lon);
    const y = unitY(lat);
    xy[2 * i] = x;
    xy[2 * i + 1] = y;
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
  });
  return { xy, minX, minY, maxX, maxY };
}

/** Whether any of a line's box, grown by `margin` pixels, is in view. */
export function isInView(view: View, { minX, minY, maxX, maxY }: UnitLine, margin = 0): boolean {
  return (
    (maxX - view.west) * view.scaleX > -margin &&
    (minX - view.west) * view.scaleX < view.width + margin &&
    (maxY - view.north) * view.scaleY > -margin &&
    (minY - view.north) * view.scaleY < view.height + margin
  );
}

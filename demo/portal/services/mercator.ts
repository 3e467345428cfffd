// Web Mercator: conversion between degrees, metres (EPSG:3857) and the unit square of the tile scheme.

/** Half the width of the projected world, in metres. */
export const halfWorldM = 20_037_508.342789244;

/** Latitude at which the projected world is square, in degrees. */
export const maxLatitude = 85.0511287798066;

/** Longitude to the unit square: 0 at 180° W, 1 at 180° E. */
export const unitX = (lon: number): number => (lon + 180) / 360;

/** Latitude to the unit square: 0 at the northern edge, 1 at the southern; the poles are clamped to the edge. */
export function unitY(lat: number): number {
  const clamped = Math.max(-maxLatitude, Math.min(maxLatitude, lat));
  return 0.5 - Math.asinh(Math.tan((clamped * Math.PI) / 180)) / (2 * Math.PI);
}

/** Inverse of {@link unitY}, in degrees. */
export const latitudeOf = (y: number): number =>
  (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;

/** Degrees to EPSG:3857 metres. */
export const toMetres = ([lon, lat]: readonly [number, number]): [number, number] => [
  (unitX(lon) - 0.5) * 2 * halfWorldM,
  (0.5 - unitY(lat)) * 2 * halfWorldM,
];

/** EPSG:3857 metres to degrees. */
export const toDegrees = ([x, y]: readonly [number, number]): [number, number] => [
  (x / halfWorldM) * 180,
  latitudeOf(0.5 - y / (2 * halfWorldM)),
];

// Types of coordinates.

/** Longitude and latitude in degrees. */
export type Position = readonly [number, number];
export type Ring = readonly Position[];
/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

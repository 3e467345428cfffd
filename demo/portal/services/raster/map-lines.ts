// The lines of map pictures, projected once into the unit square.
import { borders, coasts, countries } from '../world.js';
import type { UnitLine } from './view.js';
import { unitLine } from './view.js';

/** Rings of each country, in the order of `countries`. */
export const countryRings: readonly (readonly UnitLine[])[] = countries.map(({ polygons }) =>
  polygons.flat().map(unitLine),
);
export const landRings: readonly UnitLine[] = countryRings.flat();
export const borderLines: readonly UnitLine[] = borders.map(unitLine);
export const coastLines: readonly UnitLine[] = coasts.map(unitLine);

const graticules = new Map<number, readonly UnitLine[]>();

/** Meridians and parallels every so many degrees, fewer on small scales. */
export function graticuleLines(zoom: number): readonly UnitLine[] {
  const stepDegrees = [30, 30, 15, 15, 10, 5, 2, 1][Math.max(0, Math.min(7, Math.round(zoom)))]!;
  let lines = graticules.get(stepDegrees);
  if (!lines) {
    const built: UnitLine[] = [];
    for (let lon = -180 + stepDegrees; lon < 180; lon += stepDegrees)
      built.push(
        unitLine([
          [lon, 85],
          [lon, -85],
        ]),
      );
    for (let lat = -90 + stepDegrees; lat < 90; lat += stepDegrees)
      built.push(
        unitLine([
          [-180, lat],
          [180, lat],
        ]),
      );
    lines = built;
    graticules.set(stepDegrees, lines);
  }
  return lines;
}

/** Which tiles a box meets: at the antimeridian, at the poles, whatever way it is written. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BoundingBox } from '../../protocol/areas.js';
import {
  countTiles,
  HALF_WORLD_M,
  splitBox,
  tileAt,
  tileRanges,
  toWebMercator,
  webMercatorScheme,
} from './tile-ranges.js';

const scheme = (min: number, max = min) => webMercatorScheme(min, max);

/** Column and row of a place, by the definition of the scheme. */
function tileOf(longitude: number, latitude: number, zoom: number): readonly [number, number] {
  const [x, y] = toWebMercator(longitude, latitude);
  const size = (2 * HALF_WORLD_M) / 2 ** zoom;
  const within = (value: number): number => Math.max(0, Math.min(2 ** zoom - 1, Math.floor(value)));
  return [within((x + HALF_WORLD_M) / size), within((HALF_WORLD_M - y) / size)];
}

const longitude = fc.double({ min: -540, max: 540, noNaN: true });
const latitude = fc.double({ min: -90, max: 90, noNaN: true });
const fraction = fc.double({ min: 0.01, max: 0.99, noNaN: true });
/** Smaller ones are within the rounding of a tile at level 0. In degrees. */
const SMALLEST = 1e-3;
const box = fc
  .tuple(longitude, latitude, longitude, latitude)
  .filter(([a, b, c, d]) => Math.abs(a - c) > SMALLEST && Math.abs(b - d) > SMALLEST)
  .map(([a, b, c, d]): BoundingBox => [a, Math.min(b, d), c, Math.max(b, d)]);

describe('a box', () => {
  test.each<[string, BoundingBox, BoundingBox[]]>([
    ['plain', [10, 45, 12, 47], [[10, 45, 12, 47]]],
    [
      'across the antimeridian',
      [170, -20, -170, -10],
      [
        [170, -20, 180, -10],
        [-180, -20, -170, -10],
      ],
    ],
    [
      'the same, counted on',
      [170, -20, 190, -10],
      [
        [170, -20, 180, -10],
        [-180, -20, -170, -10],
      ],
    ],
    [
      'the same, from the other side',
      [-190, -20, -170, -10],
      [
        [170, -20, 180, -10],
        [-180, -20, -170, -10],
      ],
    ],
    ['the world', [-180, -90, 180, 90], [[-180, -90, 180, 90]]],
    ['more than the world', [-250, -80, 250, 80], [[-180, -80, 180, 80]]],
    ['up to the antimeridian', [170, 0, 180, 1], [[170, 0, 180, 1]]],
    ['from the antimeridian on', [180, 0, 190, 1], [[-180, 0, -170, 1]]],
    ['a point', [10, 45, 10, 45], [[10, 45, 10, 45]]],
    ['a line on the antimeridian', [180, 0, -180, 1], [[-180, 0, -180, 1]]],
  ])('%s', (_, given, parts) => {
    expect(splitBox(given)).toEqual(parts);
  });

  test.each<[string, readonly number[]]>([
    ['south above north', [10, 47, 12, 45]],
    ['latitude first', [10, -120, 12, -110]],
    ['not a number', [10, NaN, 12, 47]],
    ['without an end', [10, 45, Infinity, 47]],
    ['three numbers', [10, 45, 12]],
    ['six numbers', [10, 45, 0, 12, 47, 0]],
  ])('%s is refused', (_, given) => {
    expect(() => splitBox(given as unknown as BoundingBox)).toThrow(
      expect.objectContaining({ code: 'option-invalid', facts: { field: 'bbox' } }),
    );
  });
});

test('a box that ends on a border takes in no tile behind it', () => {
  expect(tileRanges([0, 0, 90, 66.51326044311186], scheme(2))).toEqual([
    { level: 2, firstColumn: 2, lastColumn: 2, firstRow: 1, lastRow: 1 },
  ]);
  expect(countTiles(tileRanges([-180, -90, 180, 90], scheme(0, 3)))).toBe(1 + 4 + 16 + 64);
});

test('at the antimeridian both sides are there, and no tile twice', () => {
  const ranges = tileRanges([170, -10, -170, 10], scheme(0, 4));
  expect(ranges.filter(({ level }) => level === 4)).toEqual([
    { level: 4, firstColumn: 15, lastColumn: 15, firstRow: 7, lastRow: 8 },
    { level: 4, firstColumn: 0, lastColumn: 0, firstRow: 7, lastRow: 8 },
  ]);
  expect(ranges.filter(({ level }) => level === 0)).toHaveLength(1);
});

test('beyond the edge of Web Mercator the tiles at the edge are taken', () => {
  expect(tileRanges([0, 88, 1, 90], scheme(3))).toEqual([
    { level: 3, firstColumn: 4, lastColumn: 4, firstRow: 0, lastRow: 0 },
  ]);
  expect(tileRanges([0, -90, 1, -89], scheme(3))[0]).toMatchObject({ firstRow: 7, lastRow: 7 });
});

test('every place of a box lies in one of its tiles', () => {
  fc.assert(
    fc.property(box, fraction, fraction, fc.integer({ min: 0, max: 20 }), (given, right, up, zoom) => {
      const ranges = tileRanges(given, scheme(zoom));
      for (const [west, south, east, north] of splitBox(given)) {
        const [column, row] = tileOf(west + right * (east - west), south + up * (north - south), zoom);
        const holds = ranges.some(
          (range) =>
            column >= range.firstColumn &&
            column <= range.lastColumn &&
            row >= range.firstRow &&
            row <= range.lastRow,
        );
        expect(holds).toBe(true);
      }
    }),
  );
});

test('the tiles of a box are those of the scheme, each once, and no more than it meets', () => {
  fc.assert(
    fc.property(box, fc.integer({ min: 0, max: 4 }), (given, zoom) => {
      const ranges = tileRanges(given, scheme(zoom));
      const all = ranges.flatMap((range) =>
        Array.from({ length: countTiles([range]) }, (_, index) => tileAt(range, index)),
      );
      const names = new Set(all.map(({ column, row }) => `${column}/${row}`));
      expect(names.size).toBe(all.length);
      const size = 360 / 2 ** zoom;
      for (const { column, row } of all) {
        expect(column >= 0 && column < 2 ** zoom && row >= 0 && row < 2 ** zoom).toBe(true);
        const west = column * size - 180;
        const meets = splitBox(given).some(([from, , to]) => from <= west + size + 1e-6 && to >= west - 1e-6);
        expect(meets).toBe(true);
      }
    }),
  );
});

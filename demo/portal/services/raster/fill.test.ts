// Coverage is exact: it adds up to the area, and neighbours add up to one.
import { expect, test } from 'vitest';
import { fillRings } from './fill.js';
import type { UnitLine, View } from './view.js';

const view: View = { west: 0, north: 0, scaleX: 1, scaleY: 1, width: 16, height: 12 };

function ring(...corners: readonly (readonly [number, number])[]): UnitLine {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    xy: Float64Array.from([...corners, corners[0]!].flat()),
    minX: Math.min(...xs),
    maxX: Math.max(...xs),
    minY: Math.min(...ys),
    maxY: Math.max(...ys),
  };
}

function coverageOf(...rings: UnitLine[]): Float32Array {
  const mask = new Float32Array(view.width * view.height);
  const sums = new Float32Array((view.width + 2) * view.height);
  fillRings(view, rings, sums, mask);
  expect(sums.every((sum) => sum === 0)).toBe(true);
  return mask;
}

const total = (mask: Float32Array): number => mask.reduce((sum, value) => sum + value, 0);

test.each([
  ['a box on the grid', [ring([2, 2], [8, 2], [8, 6], [2, 6])], 24],
  ['a box between pixels', [ring([2.25, 2.5], [4.75, 2.5], [4.75, 3.75], [2.25, 3.75])], 3.125],
  ['a flat triangle', [ring([1, 1], [15, 2.2], [3, 4.7])], 24.7],
  ['a box with a hole', [ring([1, 1], [9, 1], [9, 9], [1, 9]), ring([3, 3], [3, 5], [6, 5], [6, 3])], 58],
  ['a box reaching out on all sides', [ring([-5, -5], [30, -5], [30, 30], [-5, 30])], 192],
] as const)('%s covers its area', (_, rings, area) => {
  expect(total(coverageOf(...rings))).toBeCloseTo(area, 3);
});

test('a box covers each pixel by its share', () => {
  const mask = coverageOf(ring([2.25, 2.5], [4.75, 2.5], [4.75, 3.75], [2.25, 3.75]));
  const row = (y: number): number[] => [...mask.subarray(y * 16 + 1, y * 16 + 6)];
  expect(row(2)).toEqual([0, 0.375, 0.5, 0.375, 0]);
  expect(row(3)).toEqual([0, 0.5625, 0.75, 0.5625, 0]);
});

test('two shapes along a slanted border leave no gap and no overlap', () => {
  const west = coverageOf(ring([-1, -1], [3.3, -1], [13.1, 13], [-1, 13]));
  const east = coverageOf(ring([3.3, -1], [17, -1], [17, 13], [13.1, 13]));
  for (const [i, share] of west.entries()) expect(share + east[i]!).toBeCloseTo(1, 4);
});

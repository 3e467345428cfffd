// Fills polygons with exact area coverage per pixel, so that edges are smooth and neighbours add up to one.
import type { UnitLine, View } from './view.js';
import { isInView } from './view.js';

/** Rows of a mask that may hold coverage; outside them the mask is zero. */
export interface Rows {
  first: number;
  /** One past the last row. */
  end: number;
}

/**
 * Accumulates signed area differences of one edge, row by row; a running sum along the row then gives coverage.
 * The row stride is `width + 2`: an edge right of the picture leaves its difference where the sum no longer reads it.
 */
function addEdge(
  sums: Float32Array,
  width: number,
  height: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): void {
  if (ay === by) return;
  const direction = ay < by ? 1 : -1;
  const [topX, topY, bottomX, bottomY] = ay < by ? [ax, ay, bx, by] : [bx, by, ax, ay];
  if (bottomY <= 0 || topY >= height) return;
  const slope = (bottomX - topX) / (bottomY - topY);
  const stride = width + 2;
  let x = topY < 0 ? topX - topY * slope : topX;
  const firstRow = Math.max(0, Math.floor(topY));
  const endRow = Math.min(height, Math.ceil(bottomY));
  for (let row = firstRow; row < endRow; row++) {
    const rise = Math.min(row + 1, bottomY) - Math.max(row, topY);
    const nextX = x + slope * rise;
    const cover = rise * direction;
    const left = Math.max(0, Math.min(width, Math.min(x, nextX)));
    const right = Math.max(0, Math.min(width, Math.max(x, nextX)));
    x = nextX;
    const start = row * stride;
    const firstColumn = Math.floor(left);
    const endColumn = Math.ceil(right);
    if (endColumn <= firstColumn + 1) {
      const inner = 0.5 * (left + right) - firstColumn;
      sums[start + firstColumn]! += cover * (1 - inner);
      sums[start + firstColumn + 1]! += cover * inner;
      continue;
    }
    // The edge crosses several columns of this row: each gets the area to its right, as a difference to the previous.
    const perColumn = 1 / (right - left);
    const leftPart = left - firstColumn;
    const rightPart = right - endColumn + 1;
    const head = 0.5 * perColumn * (1 - leftPart) ** 2;
    const tail = 0.5 * perColumn * rightPart ** 2;
    sums[start + firstColumn]! += cover * head;
    if (endColumn === firstColumn + 2) {
      sums[start + firstColumn + 1]! += cover * (1 - head - tail);
    } else {
      const second = perColumn * (1.5 - leftPart);
      sums[start + firstColumn + 1]! += cover * (second - head);
      for (let column = firstColumn + 2; column < endColumn - 1; column++)
        sums[start + column]! += cover * perColumn;
      const beforeLast = second + (endColumn - firstColumn - 3) * perColumn;
      sums[start + endColumn - 1]! += cover * (1 - beforeLast - tail);
    }
    sums[start + endColumn]! += cover * tail;
  }
}

/**
 * Computes the coverage (0 to 1) of some rings into `mask`, `view.width` values a row.
 * `sums` is scratch of `(width + 2) * height` zeros and is zero again afterwards.
 *
 * @returns The rows written, or `undefined` when nothing is in view; other rows of `mask` keep their old content.
 */
export function fillRings(
  view: View,
  rings: readonly UnitLine[],
  sums: Float32Array,
  mask: Float32Array,
): Rows | undefined {
  const { width, height, west, north, scaleX, scaleY } = view;
  let top = Infinity;
  let bottom = -Infinity;
  for (const ring of rings) {
    if (!isInView(view, ring)) continue;
    top = Math.min(top, (ring.minY - north) * scaleY);
    bottom = Math.max(bottom, (ring.maxY - north) * scaleY);
    const { xy } = ring;
    let ax = (xy[0]! - west) * scaleX;
    let ay = (xy[1]! - north) * scaleY;
    for (let i = 2; i < xy.length; i += 2) {
      const bx = (xy[i]! - west) * scaleX;
      const by = (xy[i + 1]! - north) * scaleY;
      addEdge(sums, width, height, ax, ay, bx, by);
      ax = bx;
      ay = by;
    }
  }
  if (top === Infinity) return undefined;
  const first = Math.max(0, Math.floor(top));
  const end = Math.min(height, Math.ceil(bottom));
  for (let row = first; row < end; row++) {
    const from = row * (width + 2);
    let sum = 0;
    for (let column = 0; column < width; column++) {
      sum += sums[from + column]!;
      mask[row * width + column] = Math.min(1, Math.abs(sum));
    }
    sums.fill(0, from, from + width + 2);
  }
  return { first, end };
}

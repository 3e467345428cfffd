// Strokes lines with soft edges: each pixel keeps the strongest coverage of any segment near it.
import type { UnitLine, View } from './view.js';
import { isInView } from './view.js';

function strokeSegment(
  field: Float32Array,
  { width, height }: View,
  reach: number,
  [ax, ay, bx, by]: readonly [number, number, number, number],
): void {
  const margin = reach + 0.5;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - margin));
  const right = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + margin));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - margin));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(ay, by) + margin));
  const dx = bx - ax;
  const dy = by - ay;
  const lengthSquared = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y++) {
    const py = y + 0.5 - ay;
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - ax;
      const along = Math.max(0, Math.min(1, (px * dx + py * dy) / lengthSquared));
      const ox = px - along * dx;
      const oy = py - along * dy;
      const coverage = margin - Math.sqrt(ox * ox + oy * oy);
      const at = y * width + x;
      if (coverage > field[at]!) field[at] = Math.min(1, coverage);
    }
  }
}

/** Draws lines `widthPx` wide into a coverage field of the view's size; below one pixel they fade instead of breaking up. */
export function strokeLines(
  view: View,
  lines: readonly UnitLine[],
  widthPx: number,
  field: Float32Array,
): void {
  const { west, north, scaleX, scaleY, width, height } = view;
  const reach = widthPx / 2;
  for (const line of lines) {
    if (!isInView(view, line, reach + 1)) continue;
    const { xy } = line;
    const last = xy.length - 2;
    let ax = (xy[0]! - west) * scaleX;
    let ay = (xy[1]! - north) * scaleY;
    for (let i = 2; i <= last; i += 2) {
      const bx = (xy[i]! - west) * scaleX;
      const by = (xy[i + 1]! - north) * scaleY;
      // Skips vertices that are too close to be visible.
      if (i < last && Math.abs(bx - ax) + Math.abs(by - ay) < 0.6) continue;
      const isOutside =
        Math.max(ax, bx) < -2 ||
        Math.min(ax, bx) > width + 2 ||
        Math.max(ay, by) < -2 ||
        Math.min(ay, by) > height + 2;
      if (!isOutside) strokeSegment(field, view, reach, [ax, ay, bx, by]);
      ax = bx;
      ay = by;
    }
  }
}

// Cuts rings and lines at the 180° meridian. In world-atlas they cross it, which would draw lines across a flat map.
import type { Position, Ring } from './shapes.js';

/** Continues longitudes past ±180 instead of jumping, so that a shape is in one piece. */
function unwrap(line: Ring): Position[] {
  let turns = 0;
  return line.map(([lon, lat], i) => {
    if (i > 0) {
      const step = lon - line[i - 1]![0];
      if (step > 180) turns--;
      else if (step < -180) turns++;
    }
    return [lon + turns * 360, lat];
  });
}

const crossing = ([lonA, latA]: Position, [lonB, latB]: Position, lon: number): Position => [
  lon,
  latA + ((latB - latA) * (lon - lonA)) / (lonB - lonA),
];

/** The part of a closed ring on one side of a meridian (Sutherland and Hodgman). */
function halfOf(ring: readonly Position[], lon: number, side: 'west' | 'east'): Position[] {
  const isKept = (p: Position): boolean => (side === 'west' ? p[0] <= lon : p[0] >= lon);
  const kept: Position[] = [];
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [ring[i - 1]!, ring[i]!];
    if (isKept(a) !== isKept(b)) kept.push(crossing(a, b, lon));
    if (isKept(b)) kept.push(b);
  }
  if (kept.length > 0) kept.push(kept[0]!);
  return kept;
}

// A vertex exactly on the meridian would appear twice: as itself and as a crossing.
const withoutRepeats = (ring: readonly Position[]): Position[] =>
  ring.filter(([lon, lat], i) => i === 0 || lon !== ring[i - 1]![0] || lat !== ring[i - 1]![1]);

/** Splits a ring into rings between 180° W and 180° E. A ring around the pole is closed along it. */
export function cutRing(ring: Ring): Ring[] {
  const whole = unwrap(ring);
  const [first, last] = [whole[0]!, whole.at(-1)!];
  if (Math.abs(first[0] - last[0]) > 180) whole.push([last[0], -90], [first[0], -90], first);
  const pieces: Ring[] = [];
  for (const turn of [-360, 0, 360]) {
    const piece = withoutRepeats(halfOf(halfOf(whole, turn + 180, 'west'), turn - 180, 'east'));
    if (piece.length > 3)
      pieces.push(turn === 0 ? piece : piece.map(([lon, lat]): Position => [lon - turn, lat]));
  }
  return pieces;
}

/** Splits a line where it crosses the date line. */
export function cutLine(line: Ring): Ring[] {
  const pieces: Position[][] = [[line[0]!]];
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1]!, line[i]!];
    const step = b[0] - a[0];
    if (Math.abs(step) > 180) {
      const edge = step > 0 ? -180 : 180;
      const passed = crossing(a, [b[0] - Math.sign(step) * 360, b[1]], edge);
      pieces.at(-1)!.push(passed);
      pieces.push([[-edge, passed[1]]]);
    }
    pieces.at(-1)!.push(b);
  }
  return pieces;
}

// Gradient noise over the unit square, for the hills between the listed ranges.

const mask = 255;

const { order, slopesX, slopesY } = ((): {
  order: Uint8Array;
  slopesX: Float32Array;
  slopesY: Float32Array;
} => {
  const shuffled = Uint8Array.from({ length: 256 }, (_, i) => i);
  let state = 0x9e3779b9;
  for (let i = 255; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const j = (state >>> 8) % (i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  const angles = Float32Array.from({ length: 256 }, (_, i) => (i / 256) * 2 * Math.PI);
  return { order: shuffled, slopesX: angles.map(Math.cos), slopesY: angles.map(Math.sin) };
})();

const frequencies = Float64Array.from({ length: 32 }, (_, octave) => 2 ** octave);

/** Noise from about -0.7 to 0.7, `2^octave` cells across the unit square; it continues across the date line. */
function noiseAt(x: number, y: number, octave: number): number {
  const frequency = frequencies[octave]!;
  const fx = x * frequency;
  const fy = y * frequency;
  const column = Math.floor(fx);
  const row = Math.floor(fy);
  const u = fx - column;
  const v = fy - row;
  const wrap = octave < 8 ? frequency - 1 : mask;
  const left = order[((column & wrap) + octave * 31) & mask]!;
  const right = order[(((column + 1) & wrap) + octave * 31) & mask]!;
  const a = order[(left + row) & mask]!;
  const b = order[(right + row) & mask]!;
  const c = order[(left + row + 1) & mask]!;
  const d = order[(right + row + 1) & mask]!;
  const atA = slopesX[a]! * u + slopesY[a]! * v;
  const atB = slopesX[b]! * (u - 1) + slopesY[b]! * v;
  const atC = slopesX[c]! * u + slopesY[c]! * (v - 1);
  const atD = slopesX[d]! * (u - 1) + slopesY[d]! * (v - 1);
  const su = u * u * u * (u * (u * 6 - 15) + 10);
  const sv = v * v * v * (v * (v * 6 - 15) + 10);
  const upper = atA + (atB - atA) * su;
  return upper + (atC + (atD - atC) * su - upper) * sv;
}

/** Octaves `first` to `last`, each half as high as the one before; from about -1 to 1. */
export function softNoise(x: number, y: number, first: number, last: number): number {
  let sum = 0;
  let weight = 0.8;
  for (let octave = first; octave <= last; octave++) {
    sum += noiseAt(x, y, octave) * weight;
    weight /= 2;
  }
  return sum;
}

/** Folded octaves: crests and valleys from 0 to about 1. Fine detail grows on the crests, as erosion leaves it. */
export function ridgedNoise(x: number, y: number, first: number, last: number): number {
  let sum = 0;
  let weight = 0.55;
  let crest = 1;
  for (let octave = first; octave <= last; octave++) {
    const folded = 1 - Math.min(1, Math.abs(noiseAt(x, y, octave)) * 1.9);
    const signal = folded * folded * crest;
    sum += signal * weight;
    crest = Math.min(1, 0.35 + signal);
    weight *= 0.55;
  }
  return sum;
}

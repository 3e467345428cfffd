// The Terrain picture: shaded ground, tinted country by country, clear over the sea so that it lies on any basemap.
import { countries } from '../world.js';
import { latitudeOf } from '../mercator.js';
import { spreadDistance } from './distance.js';
import { fillRings } from './fill.js';
import { drynessAt, iceAt, mountainsAt } from './ground.js';
import { borderLines, coastLines, countryRings, graticuleLines } from './map-lines.js';
import { ridgedNoise, softNoise } from './noise.js';
import { strokeLines } from './stroke.js';
import { padded, zoomOf, type UnitLine, type View } from './view.js';

type Colour = readonly [number, number, number];

const lush: Colour = [158, 190, 128];
const grass: Colour = [201, 214, 160];
const sand: Colour = [240, 225, 186];
const boreal: Colour = [172, 195, 158];
const tundra: Colour = [212, 213, 192];
const rock: Colour = [196, 172, 142];
const bareRock: Colour = [178, 160, 146];
const snow: Colour = [247, 250, 252];
const border: Colour = [108, 92, 84];
const coast: Colour = [82, 110, 122];
const line: Colour = [255, 255, 255];

/** Tints of the countries; neighbours never share one. */
const tints: readonly Colour[] = [
  [222, 128, 118],
  [226, 178, 92],
  [138, 176, 96],
  [94, 168, 168],
  [112, 140, 200],
  [170, 122, 184],
  [206, 122, 158],
];

/** Width of the coloured band inside a country's borders, in pixels; also the margin tiles need to meet without a seam. */
const bandPx = 9;
const margin = bandPx + 1;

const mix = (from: number, to: number, share: number): number => from + (to - from) * share;
const smooth = (low: number, high: number, value: number): number => {
  const t = Math.max(0, Math.min(1, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
};

/** Everything that changes slowly across a picture, sampled every few pixels and interpolated between. */
const sampleEveryPx = 4;
/** Values of one sample: plain ground colour, mountains, snow line, and how far relief is bent aside on each axis. */
const perSample = 7;

interface Ground {
  values: Float32Array;
  columns: number;
}

/** The plain ground of a place: climate by latitude, dryness and ice. */
function sampleGround(x: number, y: number, values: Float32Array, at: number): void {
  const wander = softNoise(x, y, 4, 8);
  const drift = softNoise(x + 0.37, y + 0.11, 4, 8);
  // Distorts the ellipses of the hand-placed ranges and climates.
  const bentX = x + wander * 0.006;
  const bentY = y + drift * 0.006;
  const latitude = latitudeOf(y);
  const poleward = Math.abs(latitude) + wander * 5;
  const warm = smooth(36, 14, poleward);
  const cold = smooth(46, 62, poleward);
  const polar = smooth(62, 73, poleward);
  const dry = smooth(0.1, 0.7, drynessAt(bentX, bentY) + drift * 0.12) * (1 - polar);
  const icy = latitude < -60 ? 1 : smooth(0.3, 0.6, iceAt(bentX, bentY) + drift * 0.08);
  for (let c = 0; c < 3; c++) {
    let value = mix(grass[c]!, lush[c]!, warm);
    value = mix(value, boreal[c]!, cold);
    value = mix(value, tundra[c]!, polar);
    value = mix(value, sand[c]!, dry);
    values[at + c] = mix(value, snow[c]!, icy) * (1 + wander * 0.05);
  }
  values[at + 3] = mountainsAt(bentX, bentY);
  // The snow line sinks from the equator to the poles.
  values[at + 4] = 1.02 - 0.0078 * Math.abs(latitude);
  values[at + 5] = wander;
  values[at + 6] = drift;
}

function surveyGround(view: View): Ground {
  const columns = Math.ceil(view.width / sampleEveryPx) + 2;
  const rows = Math.ceil(view.height / sampleEveryPx) + 2;
  const values = new Float32Array(columns * rows * perSample);
  for (let row = 0; row < rows; row++) {
    const y = view.north + (row * sampleEveryPx + 0.5) / view.scaleY;
    for (let column = 0; column < columns; column++) {
      const x = view.west + (column * sampleEveryPx + 0.5) / view.scaleX;
      sampleGround(x, y, values, (row * columns + column) * perSample);
    }
  }
  return { values, columns };
}

/** Interpolates the samples around a pixel of the view into `out`. */
function groundAt({ values, columns }: Ground, px: number, py: number, out: Float32Array): void {
  const column = Math.floor(px / sampleEveryPx);
  const row = Math.floor(py / sampleEveryPx);
  const u = px / sampleEveryPx - column;
  const v = py / sampleEveryPx - row;
  const upper = (row * columns + column) * perSample;
  const lower = upper + columns * perSample;
  for (let i = 0; i < perSample; i++) {
    const a = values[upper + i]!;
    const b = values[upper + perSample + i]!;
    const c = values[lower + i]!;
    const d = values[lower + perSample + i]!;
    const top = a + (b - a) * u;
    out[i] = top + (c + (d - c) * u - top) * v;
  }
}

interface Land {
  alpha: Float32Array;
  /** Index into `countries` plus one; zero is sea. */
  owner: Uint16Array;
}

function paintLand(view: View): Land {
  const { width, height } = view;
  const alpha = new Float32Array(width * height);
  const owner = new Uint16Array(width * height);
  const strongest = new Float32Array(width * height);
  const mask = new Float32Array(width * height);
  const sums = new Float32Array((width + 2) * height);
  countryRings.forEach((rings, country) => {
    const rows = fillRings(view, rings, sums, mask);
    if (!rows) return;
    for (let i = rows.first * width; i < rows.end * width; i++) {
      const coverage = mask[i]!;
      if (coverage <= 0.004) continue;
      alpha[i] = Math.min(1, alpha[i]! + coverage);
      if (coverage > strongest[i]!) {
        strongest[i] = coverage;
        owner[i] = country + 1;
      }
    }
  });
  return { alpha, owner };
}

/** Distance of each pixel to the nearest border with another country or the sea. */
function distanceToBorder({ owner }: Land, width: number, height: number): Float32Array {
  const distance = new Float32Array(width * height).fill(1e6);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const differs =
        (x + 1 < width && owner[at + 1] !== owner[at]) || (y + 1 < height && owner[at + width] !== owner[at]);
      if (differs) distance[at] = 0;
    }
  }
  spreadDistance(distance, width, height);
  return distance;
}

/** Height of the ground from 0 to about 1.2; one more row and column than the view, for slopes. */
function surveyHeights(view: View, land: Land, wideWidth: number, ground: Ground): Float32Array {
  const columns = view.width + 1;
  const field = new Float32Array(columns * (view.height + 1));
  const here = new Float32Array(perSample);
  // Crests 64 down to 4 pixels apart, whatever the scale: what a map maker would draw at each.
  const firstOctave = Math.max(3, Math.round(zoomOf(view)) + 2);
  const bend = 0.35 / 2 ** firstOctave;
  for (let row = 0; row <= view.height; row++) {
    const y = view.north + (row + 0.5) / view.scaleY;
    for (let column = 0; column < columns; column++) {
      const at = (row + margin) * wideWidth + column + margin;
      const isLand = land.alpha[at]! > 0 || land.alpha[at - 1]! > 0 || land.alpha[at - wideWidth]! > 0;
      if (!isLand) continue;
      groundAt(ground, column, row, here);
      const x = view.west + (column + 0.5) / view.scaleX + here[5]! * bend;
      // On plains the finest crests are not visible.
      const lastOctave = firstOctave + (here[3]! > 0.08 ? 4 : 2);
      const ridges = ridgedNoise(x, y + here[6]! * bend, firstOctave, lastOctave);
      field[row * columns + column] = (0.07 + here[3]!) * (0.3 + ridges);
    }
  }
  return field;
}

/** Draws the view as RGBA, transparent where there is no land. */
export function drawTerrain(view: View): Uint8Array {
  const wide = padded(view, margin);
  const { width } = wide;
  const land = paintLand(wide);
  const rgba = new Uint8Array(view.width * view.height * 4);
  if (!land.owner.some((owner) => owner > 0)) return rgba;

  const inland = distanceToBorder(land, width, wide.height);
  const zoom = zoomOf(view);
  const ground = surveyGround(view);
  const heights = surveyHeights(view, land, width, ground);
  const stroked = (lines: readonly UnitLine[], widthPx: number): Float32Array => {
    const coverage = new Float32Array(width * wide.height);
    strokeLines(wide, lines, widthPx, coverage);
    return coverage;
  };
  const borderAt = stroked(borderLines, Math.max(0.5, Math.min(1.3, 0.45 + zoom * 0.1)));
  const coastAt = stroked(coastLines, 0.5);
  const graticuleAt = stroked(graticuleLines(zoom), 0.35);

  const here = new Float32Array(perSample);
  for (let y = 0; y < view.height; y++) {
    for (let x = 0; x < view.width; x++) {
      const from = (y + margin) * width + x + margin;
      const alpha = land.alpha[from]!;
      if (alpha <= 0.004) continue;
      groundAt(ground, x, y, here);
      const at = y * (view.width + 1) + x;
      const height = heights[at]!;
      const rocky = smooth(0.2, 0.55, height) * 0.75;
      const bare = smooth(0.5, 0.85, height) * 0.6;
      const snowy = smooth(here[4]! - 0.1, here[4]! + 0.12, height);
      // Light from the north-west: slopes that fall towards it are brighter.
      const slope = heights[at + 1]! - height + (heights[at + view.width + 1]! - height);
      const shade = 1 + Math.max(-0.34, Math.min(0.22, slope * 1.7));
      const tint = tints[countries[land.owner[from]! - 1]!.colourIndex]!;
      const band = Math.max(0, 1 - inland[from]! / bandPx);
      const tintShare = 0.05 + 0.3 * band * band;
      const to = (y * view.width + x) * 4;
      for (let c = 0; c < 3; c++) {
        let value = mix(here[c]!, rock[c]!, rocky);
        value = mix(value, bareRock[c]!, bare);
        value = mix(value, snow[c]!, snowy) * shade;
        value = mix(value, tint[c]!, tintShare);
        value = mix(value, line[c]!, graticuleAt[from]! * 0.16);
        value = mix(value, border[c]!, borderAt[from]! * 0.7);
        value = mix(value, coast[c]!, coastAt[from]! * 0.5);
        rgba[to + c] = Math.max(0, Math.min(255, value));
      }
      rgba[to + 3] = Math.round(alpha * 255);
    }
  }
  return rgba;
}

// The "photograph" of a site: sky, sun, ridges in haze, different for each site.
import { encodePng } from '../raster/png.js';
import { softNoise } from '../raster/noise.js';
import { randomFrom } from '../../random.js';

const [width, height] = [320, 213];
type Colour = readonly [number, number, number];

interface Season {
  top: Colour;
  horizon: Colour;
  far: Colour;
  near: Colour;
}

const seasons: Record<'desert' | 'meadow' | 'evening' | 'winter', Season> = {
  desert: { top: [112, 170, 214], horizon: [246, 224, 190], far: [206, 178, 158], near: [186, 124, 76] },
  meadow: { top: [96, 158, 214], horizon: [222, 234, 236], far: [164, 188, 186], near: [74, 112, 62] },
  evening: { top: [74, 84, 136], horizon: [246, 182, 136], far: [168, 128, 146], near: [58, 58, 84] },
  winter: { top: [130, 166, 200], horizon: [232, 238, 244], far: [188, 202, 216], near: [240, 244, 248] },
};

function seasonAt(latitude: number, chance: number): Season {
  if (chance < 0.22) return seasons.evening;
  const north = Math.abs(latitude);
  if (north > 55) return seasons.winter;
  return north > 14 && north < 33 ? seasons.desert : seasons.meadow;
}

const mix = (from: number, to: number, share: number): number => from + (to - from) * share;

/** A PNG of 320 by 213 pixels, determined by the seed; the latitude in degrees sets the scenery. */
export function sitePhoto(seed: string, latitude: number): Uint8Array {
  const random = randomFrom(seed);
  const { top, horizon, far, near } = seasonAt(latitude, random());
  const [sunX, sunY, sunRadius] = [
    width * (0.2 + random() * 0.6),
    height * (0.2 + random() * 0.25),
    9 + random() * 6,
  ];
  const offset = random();
  const layers = 5;
  // The skyline of each ridge, from the farthest down, in pixels from the top.
  const skylines = Array.from({ length: layers }, (_, layer) => {
    const base = height * (0.5 + layer * 0.105);
    const swing = height * (0.2 - layer * 0.018);
    return Float32Array.from(
      { length: width },
      (__, x) =>
        base -
        softNoise(offset + (x / width) * 0.012 * (1 + layer * 0.5), layer * 0.37 + offset, 8, 12) * swing,
    );
  });
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4;
      const fall = Math.min(1, y / (height * 0.62));
      const sunDistance = Math.hypot(x - sunX, y - sunY);
      const glow = Math.exp(-sunDistance / 55) * 0.55;
      const disc = Math.max(0, Math.min(1, sunRadius - sunDistance + 0.5));
      for (let c = 0; c < 3; c++) {
        let value = mix(top[c]!, horizon[c]!, fall ** 0.8);
        value = mix(value, [255, 244, 214][c]!, Math.max(glow, disc));
        for (let layer = 0; layer < layers; layer++) {
          const depth = y + 0.5 - skylines[layer]![x]!;
          const coverage = Math.max(0, Math.min(1, depth + 0.5));
          if (coverage === 0) continue;
          const nearness = (layer + 0.5) / layers;
          // Haze gathers at the foot of each ridge.
          const haze = Math.min(0.35, Math.max(0, depth) / 160);
          const slope = mix(mix(far[c]!, near[c]!, nearness ** 1.3), horizon[c]!, haze);
          value = mix(value, slope, coverage);
        }
        rgba[to + c] = value;
      }
      rgba[to + 3] = 255;
    }
  }
  return encodePng(rgba, width, height);
}

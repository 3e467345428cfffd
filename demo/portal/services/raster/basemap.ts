// The basemap: land, sea, a pale shelf along the coasts, thin borders. Light and dark.
import { spreadDistance } from './distance.js';
import { fillRings } from './fill.js';
import { borderLines, coastLines, graticuleLines, landRings } from './map-lines.js';
import { strokeLines } from './stroke.js';
import type { View } from './view.js';
import { padded, zoomOf } from './view.js';

type Colour = readonly [number, number, number];
interface Palette {
  sea: Colour;
  shelf: Colour;
  land: Colour;
  border: Colour;
  coast: Colour;
  graticule: Colour;
}

const palettes: Record<'light' | 'dark', Palette> = {
  light: {
    sea: [205, 220, 229],
    shelf: [224, 234, 239],
    land: [246, 244, 239],
    border: [196, 190, 184],
    coast: [160, 180, 192],
    graticule: [190, 207, 217],
  },
  dark: {
    sea: [20, 27, 36],
    shelf: [28, 38, 49],
    land: [43, 50, 58],
    border: [86, 95, 104],
    coast: [74, 92, 107],
    graticule: [34, 44, 55],
  },
};

export type BasemapStyle = keyof typeof palettes;

/** Width of the pale shelf, in pixels; also the margin needed for tiles to meet without a seam. */
const shelfPx = 9;

/** Draws the view as opaque RGBA. */
export function drawBasemap(view: View, style: BasemapStyle): Uint8Array {
  const palette = palettes[style];
  const wide = padded(view, shelfPx + 1);
  const { width, height } = wide;
  const size = width * height;
  const land = new Float32Array(size);
  fillRings(wide, landRings, new Float32Array((width + 2) * height), land);
  const offshore = new Float32Array(size);
  for (let i = 0; i < size; i++) offshore[i] = land[i]! > 0.5 ? 0 : 1e6;
  spreadDistance(offshore, width, height);
  const border = new Float32Array(size);
  strokeLines(wide, borderLines, 0.7, border);
  const coast = new Float32Array(size);
  strokeLines(wide, coastLines, 0.6, coast);
  const graticule = new Float32Array(size);
  strokeLines(wide, graticuleLines(zoomOf(view)), 0.4, graticule);

  const rgba = new Uint8Array(view.width * view.height * 4);
  const margin = shelfPx + 1;
  for (let y = 0; y < view.height; y++) {
    for (let x = 0; x < view.width; x++) {
      const from = (y + margin) * width + x + margin;
      const to = (y * view.width + x) * 4;
      const shelf = Math.max(0, 1 - offshore[from]! / shelfPx) ** 1.5;
      for (let c = 0; c < 3; c++) {
        const water = palette.sea[c]! + (palette.shelf[c]! - palette.sea[c]!) * shelf;
        const grid = water + (palette.graticule[c]! - water) * graticule[from]! * 0.7;
        const ground = palette.land[c]! + (palette.border[c]! - palette.land[c]!) * border[from]!;
        const mixed = grid + (ground - grid) * land[from]!;
        rgba[to + c] = mixed + (palette.coast[c]! - mixed) * coast[from]! * 0.75;
      }
      rgba[to + 3] = 255;
    }
  }
  return rgba;
}

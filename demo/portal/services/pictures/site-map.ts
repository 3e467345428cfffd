// A locator map for a site: its surroundings with a pin.
import type { Position } from '../shapes.js';
import { drawBasemap } from '../raster/basemap.js';
import { layOver } from '../raster/compose.js';
import { encodePng } from '../raster/png.js';
import { drawTerrain } from '../raster/terrain.js';
import { centredView } from '../raster/view.js';

const [width, height] = [320, 213];
const pin = [214, 69, 48] as const;

function dropPin(rgba: Uint8Array): void {
  const [tipX, tipY, radius] = [width / 2, height / 2, 9];
  // A disc whose lower half narrows to a tip. The white rim is the same shape, larger.
  const coverage = (x: number, y: number, grow: number): number => {
    const [dx, dy] = [x - tipX, y - (tipY - 20)];
    const reach =
      dy <= 3
        ? radius + grow - Math.hypot(dx, dy)
        : (radius + grow) * (1 - (dy - 3) / (19 + grow)) - Math.abs(dx);
    return Math.max(0, Math.min(1, reach + 0.5));
  };
  for (let y = tipY - 34; y < tipY + 5; y++) {
    for (let x = tipX - 14; x < tipX + 14; x++) {
      const at = (Math.floor(y) * width + Math.floor(x)) * 4;
      const rim = coverage(x + 0.5, y + 0.5, 1.8);
      const body = coverage(x + 0.5, y + 0.5, 0);
      const hole = Math.max(0, Math.min(1, 3.6 - Math.hypot(x + 0.5 - tipX, y + 0.5 - (tipY - 20))));
      for (let c = 0; c < 3; c++) {
        const rimmed = rgba[at + c]! + (255 - rgba[at + c]!) * rim;
        const filled = rimmed + (pin[c]! - rimmed) * body;
        rgba[at + c] = filled + (255 - filled) * hole;
      }
    }
  }
}

/** A PNG of 320 by 213 pixels around the site. */
export function siteMap([lon, lat]: Position): Uint8Array {
  const view = centredView(lon, lat, 4, width, height);
  const rgba = layOver(drawBasemap(view, 'light'), drawTerrain(view));
  dropPin(rgba);
  return encodePng(rgba, width, height);
}

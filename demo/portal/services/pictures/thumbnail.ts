// Item thumbnails: a crop of the world, chosen by the item's id.
import { drawBasemap } from '../raster/basemap.js';
import { layOver } from '../raster/compose.js';
import { encodePng } from '../raster/png.js';
import { drawTerrain } from '../raster/terrain.js';
import { centredView } from '../raster/view.js';
import { randomFrom } from '../../random.js';

// The size ArcGIS uses for item thumbnails.
const [width, height] = [200, 133];

// Longitude, latitude and zoom of the views.
const outlooks = [
  [12, 46, 4.2],
  [8, 46.6, 5.6],
  [84, 31, 3.6],
  [24, 38.5, 5],
  [-72, -20, 3.2],
  [-95, 38, 2.6],
  [20, 5, 2.1],
  [138, 37, 4.1],
  [133, -27, 2.9],
  [171, -42, 4.6],
  [-20, 65, 4.7],
  [45, 24, 3.4],
  [110, 5, 3.2],
  [-78, 18, 4],
  [15, 63, 3.3],
  [36, 0, 3.7],
] as const;

/** A picture of 200 by 133 pixels, always the same for one id. */
export function thumbnailPng(itemId: string): Uint8Array {
  const random = randomFrom(itemId);
  const [lon, lat, zoom] = outlooks[Math.floor(random() * outlooks.length)]!;
  const view = centredView(
    lon + random() * 4 - 2,
    lat + random() * 2 - 1,
    zoom + random() * 0.4,
    width,
    height,
  );
  const style = random() < 0.6 ? 'light' : 'dark';
  return encodePng(layOver(drawBasemap(view, style), drawTerrain(view)), width, height);
}

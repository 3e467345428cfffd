// Item thumbnails: a crop of the world, chosen by the item's id.
import { drawBasemap } from '../raster/basemap.js';
import { encodePng } from '../raster/png.js';
import { centredView } from '../raster/view.js';
import { countries } from '../world.js';
import { randomFrom } from './random.js';

// The size ArcGIS uses for item thumbnails.
const [width, height] = [200, 133];

/** A picture of 200 by 133 pixels, always the same for one id. */
export function thumbnailPng(itemId: string): Uint8Array {
  const random = randomFrom(itemId);
  const places = countries.filter(({ areaKm2 }) => areaKm2 > 100_000);
  const [lon, lat] = places[Math.floor(random() * places.length)]!.labelPoint;
  const view = centredView(lon, lat, 1.5 + random() * 2, width, height);
  return encodePng(drawBasemap(view, random() < 0.5 ? 'light' : 'dark'), width, height);
}

// Mountain ranges, deserts and ice caps, placed by hand. For display only.
import { latitudeOf, unitX, unitY } from '../mercator.js';

/** A chain of mountains: crest as longitude and latitude pairs, reach in degrees, height from 0 to 1. */
type Range = readonly [crest: readonly number[], reachDegrees: number, height: number];
/** A dry or icy region: centre, radii in degrees, strength from 0 to 1. */
type Region = readonly [lon: number, lat: number, radiusLon: number, radiusLat: number, strength: number];

const ranges: readonly Range[] = [
  [[72, 36, 75, 35, 78, 32, 82, 29.5, 87, 28, 92, 28, 96, 29], 2, 1], // Himalaya, Karakoram
  [[80, 34, 85, 33, 90, 33, 95, 33, 99, 32], 4.5, 0.66], // Tibet
  [[77, 36, 83, 36, 90, 37, 97, 38.5, 102, 37.5], 1.8, 0.8], // Kunlun, Qilian
  [[70, 39, 74, 39, 77, 41.5, 82, 42.5, 87, 43.2, 93, 43], 1.6, 0.75], // Pamir, Tian Shan
  [[84, 50, 88, 49, 91, 48, 95, 46.5], 1.8, 0.55], // Altai
  [[92, 52, 98, 52, 103, 51.5, 109, 53, 116, 56, 122, 56], 2, 0.4], // Sayan, Stanovoy
  [[128, 64, 131, 67, 137, 66, 142, 63, 148, 63], 2.2, 0.42], // Verkhoyansk, Chersky
  [[158, 52, 160, 55, 162, 58, 166, 61, 172, 64], 1.6, 0.45], // Kamchatka, Koryak
  [[99, 30, 101, 27, 100, 24, 98, 20, 99, 16], 2, 0.6], // Hengduan
  [[104, 26, 108, 26, 112, 25.5, 117, 27], 2.5, 0.3], // southern China
  [[108, 34, 112, 36, 114, 39], 1.6, 0.4], // Qinling, Taihang
  [[105, 20, 107, 17, 108, 14], 1, 0.35], // Annam
  [[137, 36, 139, 36.5, 140.5, 39, 141, 41], 0.9, 0.55], // Honshu
  [[127.5, 41.5, 128.5, 38, 129, 36.5], 0.9, 0.35], // Korea
  [[121, 24.3, 121, 23], 0.5, 0.6], // Taiwan
  [[66, 34.5, 69, 35.3, 72, 36.3], 1.6, 0.75], // Hindu Kush
  [[67, 26, 69, 30, 70, 33], 1.2, 0.5], // Sulaiman
  [[45, 37, 47, 34, 50, 31.5, 53, 29, 57, 28], 1.6, 0.6], // Zagros
  [[48.5, 37.3, 51.5, 36, 55, 36.8, 59, 37], 0.9, 0.55], // Alborz
  [[38, 44, 42, 43.3, 45, 42.6, 48, 41.2], 0.8, 0.75], // Caucasus
  [[30, 36.8, 34, 37.3, 38, 38.3, 42, 39, 44.5, 39.5], 1.6, 0.5], // Taurus, Armenia
  [[32, 41, 37, 40.6, 41, 40.6], 0.8, 0.45], // Pontus
  [[36, 34.2, 36.2, 33.4], 0.5, 0.4], // Lebanon
  [[6.5, 44.5, 7.2, 45.8, 9, 46.5, 11.5, 47, 14, 47.2], 0.9, 0.85], // Alps
  [[8.5, 44.4, 11, 44, 13.5, 42.4, 16, 40, 16.3, 38.8], 0.6, 0.4], // Apennines
  [[-1.5, 43, 0.6, 42.7, 2.4, 42.5], 0.6, 0.55], // Pyrenees
  [[-7, 43, -4, 43], 0.6, 0.35], // Cantabria
  [[-5.5, 36.8, -3.2, 37.1, -1.5, 38], 0.7, 0.4], // Baetic
  [[-5, 40.4, -3, 41], 0.6, 0.3], // central Spain
  [[15, 45, 17.5, 43.8, 20, 42.2, 21.2, 40, 22.2, 38.5], 0.8, 0.5], // Dinarides, Pindus
  [[18, 49.2, 21, 49.2, 24.5, 48, 25.8, 46.5, 24.5, 45.5, 22.5, 45.2], 0.7, 0.45], // Carpathians
  [[22.5, 43, 25.5, 42.8], 0.6, 0.4], // Balkan
  [[6.5, 59.5, 8.5, 61.5, 13, 64.5, 17, 68, 21, 69.3], 1.1, 0.5], // Scandes
  [[-4.5, 57, -5, 56.5], 0.6, 0.28], // Highlands
  [[-19, 64.6, -17, 64.5], 1.2, 0.4], // Iceland
  [[58.5, 54, 59, 58, 60, 62, 64, 66.5], 0.9, 0.4], // Urals
  [[-9, 30.5, -6, 32, -2, 33.5, 3, 35.3, 8, 36], 1.1, 0.6], // Atlas
  [[5, 23.5, 8.5, 24], 1.4, 0.4], // Hoggar
  [[17.5, 20.5, 19, 19.5], 1.2, 0.42], // Tibesti
  [[37.5, 14.5, 38.5, 12, 38, 9.5, 39.5, 7, 42, 9.3], 1.9, 0.7], // Ethiopia
  [[35, 1, 36.5, -1, 37.3, -3, 35, -8, 34.5, -11], 1.5, 0.5], // East Africa
  [[30, 0.5, 29.3, -2.5, 30, -6], 0.9, 0.5], // western Rift
  [[10, 6, 13, 8], 1, 0.4], // Cameroon
  [[14, -12.5, 16, -13, 15.5, -17, 16.5, -22.5], 1.3, 0.35], // Angola, Namibia
  [[29, -29.5, 30.2, -26, 31, -24], 1.1, 0.5], // Drakensberg
  [[20, -33.6, 24, -33.5, 27, -31.6], 0.9, 0.38], // Cape
  [[46.5, -23, 47.3, -19, 48.7, -15], 0.9, 0.4], // Madagascar
  [[36, 27.5, 39, 22.5, 42, 18.5, 44.3, 14.5], 1.1, 0.45], // Hejaz, Yemen
  [[56.4, 25, 58.5, 23], 0.6, 0.4], // Oman
  [[73.5, 20, 75, 14.5, 77, 9.3], 0.6, 0.36], // Western Ghats
  [[138, -4.5, 141, -5, 145, -6.2, 147.5, -9], 1, 0.7], // New Guinea
  [[97, 4, 100, 0, 103.5, -4.5], 0.7, 0.5], // Sumatra
  [[107, -7, 111, -7.6, 114.5, -8.2], 0.5, 0.45], // Java
  [[114, 1.5, 116.5, 5], 1.2, 0.42], // Borneo
  [[120, -2.5, 121, 0.8], 0.8, 0.45], // Sulawesi
  [[121, 17.5, 121, 15], 0.6, 0.4], // Luzon
  [[146.5, -38, 148.5, -36.3, 150.5, -33.5, 151.8, -30, 152.3, -28], 1, 0.36], // Great Divide
  [[146, -21, 145.5, -17.5], 0.8, 0.24], // Queensland
  [[130, -23.8, 134, -23.6], 1, 0.22], // MacDonnell
  [[168, -45, 170.3, -43.4, 172.5, -42], 0.8, 0.75], // Southern Alps
  [[175.6, -39.2, 177.5, -38.4], 0.7, 0.35], // North Island
  [[-152, 61, -149, 63, -145, 63, -141, 61, -137, 59.5], 1.3, 0.8], // Alaska
  [[-161, 68.3, -153, 68.3, -145, 69], 1, 0.42], // Brooks
  [[-133, 57, -129, 54, -124.5, 51, -122, 49], 1.3, 0.62], // Coast
  [[-130, 64, -127, 61, -124, 57, -119, 53, -115.5, 50.5], 1.6, 0.65], // Rockies of Canada
  [[-114, 48, -112, 45.5, -109.5, 43.5, -106.5, 40, -105.8, 37], 1.9, 0.68], // Rockies of the USA
  [[-117, 43, -116, 40, -113, 38, -110.5, 37], 2.8, 0.42], // Great Basin
  [[-121.5, 48, -121.8, 44.5, -122, 41.5], 0.8, 0.5], // Cascades
  [[-120.8, 39.8, -119.2, 37.5, -118.2, 36], 0.7, 0.65], // Sierra Nevada
  [[-108.5, 30, -106, 26.5, -104.5, 22.5], 1.3, 0.55], // Sierra Madre Occidental
  [[-100.5, 26, -99.5, 22.5, -98, 19.5], 0.9, 0.45], // Sierra Madre Oriental
  [[-104, 19.6, -99, 19.2, -97, 17], 1, 0.52], // Mexico
  [[-91.5, 15.3, -88, 14.3, -85, 12.8, -83.5, 9.6], 0.8, 0.42], // Central America
  [[-84, 34.8, -81, 36.8, -78.5, 39.5, -74, 43.5, -70.5, 45], 1.1, 0.32], // Appalachians
  [[-65, 48.8, -71, 54, -64, 59], 1.8, 0.22], // Labrador
  [[-72, 67, -70, 71, -78, 74, -80, 79.5], 1.6, 0.45], // Baffin, Ellesmere
  [[-71, 10, -73, 7, -75.5, 4, -77, 1], 1.1, 0.7], // northern Andes
  [[-78.3, -1, -79, -4.5, -77.5, -9, -75.5, -12.5], 1.1, 0.85], // Andes of Peru
  [[-72.5, -14.5, -69.5, -16.5, -67.5, -20, -67.5, -24], 1.9, 0.95], // Altiplano
  [[-68.8, -27, -70, -31, -70, -35], 1, 0.9], // Andes of Chile
  [[-71.2, -38, -71.8, -42, -72.8, -46, -73.2, -50, -70.5, -54.3], 0.9, 0.6], // Patagonian Andes
  [[-64, 4, -61, 5, -59, 3.5], 1.2, 0.38], // Guiana
  [[-44, -22.3, -43.5, -19, -42, -14.5], 1.6, 0.32], // eastern Brazil
  [[-50, -27.5, -48, -25], 1, 0.28], // Serra do Mar
  [[-56, -14, -48, -15], 3, 0.18], // Planalto
  [[-51, 64, -53, 68, -54, 73], 1, 0.3], // western Greenland
  [[-40, 64, -32, 69, -25, 73], 1.2, 0.42], // eastern Greenland
  [[-170, -84, -160, -85, 165, -76], 3, 0.5], // Transantarctic
  [[-66, -68, -62, -66], 1.5, 0.4], // Antarctic Peninsula
];

const deserts: readonly Region[] = [
  [2, 24, 17, 8, 1],
  [24, 24, 15, 7.5, 1],
  [47, 23, 12, 9, 1],
  [55, 32, 9, 5, 0.8],
  [65, 28, 6, 4, 0.7],
  [71, 27, 4, 3.5, 0.75],
  [60, 41, 10, 5, 0.75],
  [73, 46, 12, 4, 0.45],
  [83, 39, 8, 3.5, 0.95],
  [102, 42.5, 11, 4, 0.8],
  [88, 34, 9, 3.5, 0.45],
  [131, -24.5, 14, 7, 0.95],
  [122, -22, 8, 5, 0.8],
  [19, -23.5, 6, 7, 0.85],
  [44, 7, 6, 6, 0.6],
  [-70, -23, 3.2, 7, 0.95],
  [-68.5, -45, 4.5, 7, 0.6],
  [-113, 33, 7, 5, 0.85],
  [-117, 40, 5, 4, 0.55],
  [-104, 28, 5, 5, 0.65],
  [-40, -8, 4, 4, 0.35],
];

const iceCaps: readonly Region[] = [
  [-41, 71, 13, 9.5, 1],
  [-40, 78.5, 21, 5, 1],
  [-78, 80.5, 10, 2.5, 0.8],
  [-73, 67, 3, 1.5, 0.4],
  [18, 79, 9, 1.8, 0.8],
  [60, 75.5, 7, 1.8, 0.75],
  [55, 81, 14, 1.5, 0.9],
  [97, 80, 9, 2, 0.8],
  [-17, 64.4, 1.4, 0.5, 0.8],
];

// Fine enough for the smallest reach above; a bilinear look-up smooths the rest.
const gridSize = 768;

function paintRange(grid: Float32Array, [crest, reachDegrees, height]: Range): void {
  for (let i = 2; i < crest.length; i += 2) {
    const [ax, ay, bx, by] = [crest[i - 2]!, crest[i - 1]!, crest[i]!, crest[i + 1]!];
    const shrink = Math.cos(((ay + by) / 2 / 180) * Math.PI);
    const margin = reachDegrees * 2.6;
    const left = Math.max(0, Math.floor(unitX(Math.min(ax, bx) - margin / shrink) * gridSize));
    const right = Math.min(gridSize - 1, Math.ceil(unitX(Math.max(ax, bx) + margin / shrink) * gridSize));
    const top = Math.max(0, Math.floor(unitY(Math.max(ay, by) + margin) * gridSize));
    const bottom = Math.min(gridSize - 1, Math.ceil(unitY(Math.min(ay, by) - margin) * gridSize));
    const dx = (bx - ax) * shrink;
    const dy = by - ay;
    const lengthSquared = dx * dx + dy * dy || 1;
    for (let row = top; row <= bottom; row++) {
      const py = latitudeOf((row + 0.5) / gridSize) - ay;
      for (let column = left; column <= right; column++) {
        const px = (((column + 0.5) / gridSize) * 360 - 180 - ax) * shrink;
        const along = Math.max(0, Math.min(1, (px * dx + py * dy) / lengthSquared));
        const distanceSquared = (px - along * dx) ** 2 + (py - along * dy) ** 2;
        const value = height * Math.exp(-distanceSquared / (reachDegrees * reachDegrees));
        const at = row * gridSize + column;
        if (value > grid[at]!) grid[at] = value;
      }
    }
  }
}

function paintRegion(grid: Float32Array, [lon, lat, radiusLon, radiusLat, strength]: Region): void {
  for (let row = 0; row < gridSize; row++) {
    const dy = (latitudeOf((row + 0.5) / gridSize) - lat) / radiusLat;
    if (Math.abs(dy) > 2) continue;
    for (let column = 0; column < gridSize; column++) {
      const dx = (((column + 0.5) / gridSize) * 360 - 180 - lon) / radiusLon;
      if (Math.abs(dx) > 2) continue;
      // A steeper bell than Gauss's: even in the middle, fading towards the rim.
      const value = strength * Math.exp(-((dx * dx + dy * dy) ** 1.4));
      const at = row * gridSize + column;
      if (value > grid[at]!) grid[at] = value;
    }
  }
}

function paint<T>(features: readonly T[], paintOne: (grid: Float32Array, one: T) => void): Float32Array {
  const grid = new Float32Array(gridSize * gridSize);
  for (const one of features) paintOne(grid, one);
  return grid;
}

const mountains = paint(ranges, paintRange);
const dryness = paint(deserts, paintRegion);
const ice = paint(iceCaps, paintRegion);

function lookUp(grid: Float32Array, x: number, y: number): number {
  const column = Math.max(0, Math.min(gridSize - 1.001, x * gridSize - 0.5));
  const row = Math.max(0, Math.min(gridSize - 1.001, y * gridSize - 0.5));
  const at = Math.floor(row) * gridSize + Math.floor(column);
  const u = column % 1;
  const v = row % 1;
  const top = grid[at]! * (1 - u) + grid[at + 1]! * u;
  const bottom = grid[at + gridSize]! * (1 - u) + grid[at + gridSize + 1]! * u;
  return top * (1 - v) + bottom * v;
}

/** How mountainous a place of the unit square is, from 0 to 1. */
export const mountainsAt = (x: number, y: number): number => lookUp(mountains, x, y);

/** How dry a place of the unit square is, from 0 to 1. */
export const drynessAt = (x: number, y: number): number => lookUp(dryness, x, y);

/** How much of a place of the unit square lies under ice, from 0 to 1. */
export const iceAt = (x: number, y: number): number => lookUp(ice, x, y);

// A cloud optimized GeoTIFF: tiles and overviews in one file, of which clients request ranges.
import { deflateSync } from 'node:zlib';
import { halfWorldM } from '../../services/mercator.js';

const tileSize = 128;

/** Types of TIFF values and their bytes. @see TIFF 6.0, §2 */
const short = { code: 3, bytes: 2 };
const long = { code: 4, bytes: 4 };
const double = { code: 12, bytes: 8 };

interface Tag {
  readonly tag: number;
  readonly type: typeof short;
  readonly values: readonly number[];
}

/** One resolution of the image. */
interface Level {
  readonly size: number;
  readonly tiles: readonly Buffer[];
}

/** @see GeoTIFF 1.1, §7: a projected system, pixels that are areas, EPSG:3857. */
const geoKeys = [1, 1, 1, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857];

function level(size: number, valueAt: (x: number, y: number) => number): Level {
  const tiles: Buffer[] = [];
  for (let top = 0; top < size; top += tileSize) {
    for (let left = 0; left < size; left += tileSize) {
      const values = new Int16Array(tileSize * tileSize);
      for (let i = 0; i < values.length; i += 1) {
        const x = left + (i % tileSize) + 0.5;
        const y = top + Math.floor(i / tileSize) + 0.5;
        values[i] = Math.round(valueAt(x / size, y / size));
      }
      tiles.push(deflateSync(Buffer.from(values.buffer), { level: 1 }));
    }
  }
  return { size, tiles };
}

function tagsOf({ size, tiles }: Level, isOverview: boolean, offsets: readonly number[]): Tag[] {
  const pixel = (2 * halfWorldM) / size;
  return [
    { tag: 254, type: long, values: [isOverview ? 1 : 0] },
    { tag: 256, type: long, values: [size] },
    { tag: 257, type: long, values: [size] },
    { tag: 258, type: short, values: [16] },
    // Deflate; black is zero; one sample, signed.
    { tag: 259, type: short, values: [8] },
    { tag: 262, type: short, values: [1] },
    { tag: 277, type: short, values: [1] },
    { tag: 322, type: long, values: [tileSize] },
    { tag: 323, type: long, values: [tileSize] },
    { tag: 324, type: long, values: offsets },
    { tag: 325, type: long, values: tiles.map(({ length }) => length) },
    { tag: 339, type: short, values: [2] },
    { tag: 33550, type: double, values: [pixel, pixel, 0] },
    { tag: 33922, type: double, values: [0, 0, 0, -halfWorldM, halfWorldM, 0] },
    { tag: 34735, type: short, values: geoKeys },
  ];
}

const isInside = ({ type, values }: Tag): boolean => type.bytes * values.length <= 4;
const lengthOf = (tags: readonly Tag[]): number =>
  tags.reduce((length, tag) => length + 12 + (isInside(tag) ? 0 : tag.type.bytes * tag.values.length), 2 + 4);

/** @see TIFF 6.0, §2: entries of twelve bytes, then the values that do not fit into them. */
function directory(tags: readonly Tag[], at: number, next: number): Buffer {
  const bytes = Buffer.alloc(lengthOf(tags));
  bytes.writeUInt16LE(tags.length, 0);
  let free = 2 + 12 * tags.length + 4;
  tags.forEach((tag, i) => {
    const { type, values } = tag;
    const entry = 2 + 12 * i;
    bytes.writeUInt16LE(tag.tag, entry);
    bytes.writeUInt16LE(type.code, entry + 2);
    bytes.writeUInt32LE(values.length, entry + 4);
    if (!isInside(tag)) bytes.writeUInt32LE(at + free, entry + 8);
    const first = isInside(tag) ? entry + 8 : free;
    values.forEach((value, n) => {
      const position = first + n * type.bytes;
      if (type === double) bytes.writeDoubleLE(value, position);
      else bytes.writeUIntLE(value, position, type.bytes);
    });
    if (!isInside(tag)) free += type.bytes * values.length;
  });
  bytes.writeUInt32LE(next, 2 + 12 * tags.length);
  return bytes;
}

/**
 * The world in Web Mercator as whole numbers of 16 bits, with overviews down to one tile. Directories come first, then the
 * tiles of the overviews, those of the whole image last.
 *
 * @param valueAt - Value at a place: 0 to 1 from west to east and from north to south.
 */
export function cloudOptimizedGeotiff(size: number, valueAt: (x: number, y: number) => number): Buffer {
  const levels: Level[] = [];
  for (let side = size; side >= tileSize; side /= 2) levels.push(level(side, valueAt));
  const headerLength = 8;
  const none = levels.map(({ tiles }) => tiles.map(() => 0));
  const lengths = levels.map((each, i) => lengthOf(tagsOf(each, i > 0, none[i]!)));
  const starts = lengths.map((_, i) => headerLength + lengths.slice(0, i).reduce((sum, n) => sum + n, 0));
  let end = headerLength + lengths.reduce((sum, n) => sum + n, 0);
  const offsets = new Map(
    levels.toReversed().map((each) => [
      each,
      each.tiles.map(({ length }) => {
        end += length;
        return end - length;
      }),
    ]),
  );
  const header = Buffer.alloc(headerLength);
  header.write('II', 0, 'latin1');
  header.writeUInt16LE(42, 2);
  header.writeUInt32LE(starts[0]!, 4);
  return Buffer.concat([
    header,
    ...levels.map((each, i) =>
      directory(tagsOf(each, i > 0, offsets.get(each)!), starts[i]!, starts[i + 1] ?? 0),
    ),
    ...levels.toReversed().flatMap(({ tiles }) => tiles),
  ]);
}

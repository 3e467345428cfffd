// A PMTiles archive: many tiles in one file, of which clients request ranges.

/** @see PMTiles specification 3, §3 */
const headerLength = 127;
const noCompression = 1;
const vectorTiles = 1;

interface Tile {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** @see PMTiles specification 3, §4.1: tiles are numbered level by level, along a Hilbert curve. */
function tileId(z: number, x: number, y: number): number {
  let id = (4 ** z - 1) / 3;
  let [column, row] = [x, y];
  for (let side = 2 ** (z - 1); side >= 1; side /= 2) {
    const right = (column & side) > 0 ? 1 : 0;
    const lower = (row & side) > 0 ? 1 : 0;
    id += side * side * ((3 * right) ^ lower);
    if (lower === 0) {
      if (right === 1) [column, row] = [side - 1 - column, side - 1 - row];
      [column, row] = [row, column];
    }
  }
  return id;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

/** @see PMTiles specification 3, §4.2: how many, then ids, run lengths, lengths and offsets, each as a column. */
function directory(tiles: readonly Tile[]): Buffer {
  const columns = [
    [tiles.length],
    tiles.map(({ id }, i) => id - (tiles[i - 1]?.id ?? 0)),
    tiles.map(() => 1),
    tiles.map(({ bytes }) => bytes.length),
    // 0: behind the tile before. The first is at offset 0, which is written as 1.
    tiles.map((_, i) => (i === 0 ? 1 : 0)),
  ];
  return Buffer.from(columns.flat().flatMap(varint));
}

/**
 * An archive of vector tiles without compression.
 *
 * @param tileAt - Bytes of a tile; without bytes it is left out.
 */
export function vectorArchive(
  maxZoom: number,
  tileAt: (z: number, x: number, y: number) => Uint8Array,
): Buffer {
  const tiles: Tile[] = [];
  for (let z = 0; z <= maxZoom; z += 1) {
    for (let y = 0; y < 2 ** z; y += 1) {
      for (let x = 0; x < 2 ** z; x += 1) {
        const bytes = tileAt(z, x, y);
        if (bytes.length > 0) tiles.push({ id: tileId(z, x, y), bytes });
      }
    }
  }
  tiles.sort((a, b) => a.id - b.id);
  const root = directory(tiles);
  const metadata = Buffer.from('{}');
  const data = Buffer.concat(tiles.map(({ bytes }) => bytes));
  const header = Buffer.alloc(headerLength);
  header.write('PMTiles', 0, 'latin1');
  header.writeUInt8(3, 7);
  const metadataAt = headerLength + root.length;
  const dataAt = metadataAt + metadata.length;
  const numbers = [
    headerLength,
    root.length,
    metadataAt,
    metadata.length,
    // No leaf directories.
    dataAt,
    0,
    dataAt,
    data.length,
    tiles.length,
    tiles.length,
    tiles.length,
  ];
  numbers.forEach((number, i) => header.writeBigUInt64LE(BigInt(number), 8 + 8 * i));
  header.set([1, noCompression, noCompression, vectorTiles, 0, maxZoom], 96);
  [-180, -85, 180, 85].forEach((degrees, i) => header.writeInt32LE(degrees * 10_000_000, 102 + 4 * i));
  return Buffer.concat([header, root, metadata, data]);
}

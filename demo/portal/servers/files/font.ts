// A small TrueType font whose letters are squares, valid for the sanitizers of browsers.

const unitsPerEm = 1000;
/** Every letter is as wide as two squares, so that the width of a text shows whether the font is used. */
const advance = 2000;

const bytes = (length: number, write: (buffer: Buffer) => void): Buffer => {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
};

const words = (...values: number[]): Buffer =>
  bytes(values.length * 2, (buffer) =>
    values.forEach((value, n) => buffer.writeUInt16BE(value & 0xffff, n * 2)),
  );

/** One contour of four corners, each relative to the one before. */
const square = Buffer.concat([
  words(1, 0, 0, unitsPerEm, unitsPerEm, 3, 0),
  Buffer.from([1, 1, 1, 1]),
  words(0, 0, unitsPerEm, 0),
  words(0, unitsPerEm, 0, -unitsPerEm),
]);

/** Maps every printable ASCII character to the square. Glyph 0 is the one for missing characters. */
function characterMap(): Buffer {
  const [first, last] = [0x20, 0x7e];
  const glyphs = Array.from({ length: last - first + 1 }, () => 1);
  // Format 4: one segment, and the one that ends the list.
  const subtable = [0, 4, 4, 1, 0, last, 0xffff, 0, first, 0xffff, 0, 1, 4, 0, ...glyphs];
  return Buffer.concat([words(0, 1, 3, 1, 0, 12, 4, (subtable.length + 1) * 2), words(...subtable)]);
}

function names(family: string): Buffer {
  const records = [
    [1, family],
    [2, 'Regular'],
    [4, family],
    [6, family.replaceAll(' ', '')],
  ] as const;
  const texts = records.map(([, text]) => Buffer.from(text, 'utf16le').swap16());
  let offset = 0;
  const table = records.map(([id], n) => {
    const { length } = texts[n] ?? Buffer.alloc(0);
    offset += length;
    return words(3, 1, 0x409, id, length, offset - length);
  });
  return Buffer.concat([words(0, records.length, 6 + records.length * 12), ...table, ...texts]);
}

/** @see OpenType specification: the tables that a font must have */
function tables(family: string): [tag: string, content: Buffer][] {
  const os2 = Buffer.alloc(96);
  os2.writeUInt16BE(4, 0);
  os2.writeInt16BE(advance, 2);
  os2.writeUInt16BE(400, 4);
  os2.writeUInt16BE(5, 6);
  os2.write('DEMO', 58, 'latin1');
  os2.writeUInt16BE(0x40, 62);
  os2.writeUInt16BE(0x20, 64);
  os2.writeUInt16BE(0x7e, 66);
  os2.writeInt16BE(unitsPerEm, 68);
  os2.writeUInt16BE(unitsPerEm, 74);
  const head = bytes(54, (buffer) => {
    buffer.writeUInt32BE(0x00010000, 0);
    buffer.writeUInt32BE(0x00010000, 4);
    buffer.writeUInt32BE(0x5f0f3cf5, 12);
    buffer.writeUInt16BE(unitsPerEm, 18);
    buffer.writeInt16BE(unitsPerEm, 40);
    buffer.writeInt16BE(unitsPerEm, 42);
    buffer.writeUInt16BE(8, 46);
    buffer.writeInt16BE(2, 48);
  });
  const hhea = words(1, 0, unitsPerEm, 0, 0, advance, 0, unitsPerEm, unitsPerEm, 1, 0, 0, 0, 0, 0, 0, 0, 2);
  const maxp = words(1, 0, 2, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0);
  return [
    ['OS/2', os2],
    ['cmap', characterMap()],
    ['glyf', Buffer.concat([square, square])],
    ['head', head],
    ['hhea', hhea],
    ['hmtx', words(advance, 0, advance, 0)],
    ['loca', words(0, square.length / 2, square.length)],
    ['maxp', maxp],
    ['name', names(family)],
    ['post', bytes(32, (buffer) => buffer.writeUInt32BE(0x00030000))],
  ];
}

function checksum(content: Buffer): number {
  let sum = 0;
  for (let n = 0; n < content.length; n += 4) sum = (sum + content.readUInt32BE(n)) >>> 0;
  return sum;
}

const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4)]);

/** Creates the font. */
export function squareFont(family: string): Buffer {
  const all = tables(family).map(([tag, content]) => ({ tag, content, stored: padded(content) }));
  const power = Math.floor(Math.log2(all.length));
  const range = 2 ** power * 16;
  let offset = 12 + all.length * 16;
  const directory = all.map(({ tag, content, stored }) => {
    const record = Buffer.alloc(16);
    record.write(tag, 0, 'latin1');
    record.writeUInt32BE(checksum(stored), 4);
    record.writeUInt32BE(offset, 8);
    record.writeUInt32BE(content.length, 12);
    offset += stored.length;
    return record;
  });
  return Buffer.concat([
    words(1, 0, all.length, range, power, all.length * 16 - range),
    ...directory,
    ...all.map(({ stored }) => stored),
  ]);
}

// The sprite sheet of the vector style: a few round and square marks, drawn at one or two pixels per unit.
import { encodePng } from '../raster/png.js';

interface Icon {
  name: string;
  shape: 'disc' | 'square';
  /** Half the width, in style pixels. */
  radius: number;
  fill: readonly [number, number, number];
}

const icons: readonly Icon[] = [
  { name: 'country-dot', shape: 'disc', radius: 3, fill: [70, 84, 99] },
  { name: 'city', shape: 'disc', radius: 4, fill: [214, 90, 62] },
  { name: 'capital', shape: 'square', radius: 4, fill: [214, 90, 62] },
];

/** Width and height of an icon's cell, in style pixels. */
const cell = 12;

/** The index of the sheet: where each icon is. */
export function spriteJson(pixelRatio: 1 | 2): Record<string, unknown> {
  return Object.fromEntries(
    icons.map(({ name }, i) => {
      const size = cell * pixelRatio;
      return [name, { x: i * size, y: 0, width: size, height: size, pixelRatio }];
    }),
  );
}

/** How much of a pixel lies within `radius` of the middle, softened over one pixel. */
function coverage({ shape }: Icon, dx: number, dy: number, radius: number): number {
  const distance = shape === 'disc' ? Math.hypot(dx, dy) : Math.max(Math.abs(dx), Math.abs(dy));
  return Math.max(0, Math.min(1, radius - distance + 0.5));
}

/** The sheet itself: all icons in one row, each with a white rim. */
export function spritePng(pixelRatio: 1 | 2): Uint8Array {
  const size = cell * pixelRatio;
  const width = size * icons.length;
  const rgba = new Uint8Array(width * size * 4);
  icons.forEach((icon, i) => {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [dx, dy] = [x + 0.5 - size / 2, y + 0.5 - size / 2];
        const outer = coverage(icon, dx, dy, (icon.radius + 1) * pixelRatio);
        const inner = coverage(icon, dx, dy, icon.radius * pixelRatio);
        const to = (y * width + i * size + x) * 4;
        for (let c = 0; c < 3; c++) rgba[to + c] = 255 + (icon.fill[c]! - 255) * inner;
        rgba[to + 3] = outer * 255;
      }
    }
  });
  return encodePng(rgba, width, size);
}

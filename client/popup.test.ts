import { describe, expect, test } from 'vitest';
import { placePopup, type Area } from './popup.js';

const laptop: Area = { left: 0, top: 0, width: 1440, height: 860 };
const leftOf: Area = { left: -1920, top: -200, width: 1920, height: 1040 };
const rightOf: Area = { left: 1440, top: 40, width: 2560, height: 1400 };

const isWithin = (inner: Area, outer: Area): boolean =>
  inner.left >= outer.left &&
  inner.top >= outer.top &&
  inner.left + inner.width <= outer.left + outer.width &&
  inner.top + inner.height <= outer.top + outer.height;

describe('placePopup', () => {
  test.each([
    ['a window in the middle', { left: 220, top: 30, width: 1000, height: 800 }, laptop, [460, 80]],
    ['a window that fills its screen', laptop, laptop, [460, 80]],
    ['a window on the screen to the left', leftOf, leftOf, [-1220, -30]],
    ['a window on the screen to the right', { ...rightOf, width: 800 }, rightOf, [1580, 390]],
    ['a narrow window', { left: 600, top: 100, width: 300, height: 700 }, laptop, [490, 100]],
  ])('is centred over %s', (_, opener, screen, [left, top]) => {
    expect(placePopup(opener, screen)).toEqual({ left, top, width: 520, height: 700 });
  });

  test.each([
    ['a window that hangs over the left edge', { left: -700, top: 0, width: 900, height: 800 }, laptop],
    ['a window that hangs over the lower right', { left: 1300, top: 700, width: 900, height: 800 }, laptop],
    ['a window between two screens', { left: -500, top: -100, width: 1000, height: 800 }, leftOf],
    ['a minimized window', { left: -32000, top: -32000, width: 160, height: 28 }, laptop],
    ['a window without a size', { left: 0, top: 0, width: 0, height: 0 }, laptop],
  ])('is whole on the screen of %s', (_, opener, screen) => {
    const placed = placePopup(opener, screen);
    expect(placed).toMatchObject({ width: 520, height: 700 });
    expect(isWithin(placed, screen)).toBe(true);
  });

  test.each([
    ['a phone', { left: 0, top: 0, width: 360, height: 640 }],
    ['a low screen', { left: 0, top: 24, width: 1024, height: 576 }],
    ['a screen that is narrow and far off', { left: -480, top: 1080, width: 480, height: 800 }],
  ])('is no larger than %s', (_, screen) => {
    const placed = placePopup(screen, screen);
    expect(isWithin(placed, screen)).toBe(true);
    expect(placed.width).toBe(Math.min(520, screen.width));
    expect(placed.height).toBe(Math.min(700, screen.height));
  });

  test('gives whole pixels', () => {
    const placed = placePopup({ left: 0.5, top: 0.25, width: 1001, height: 801 }, laptop);
    expect(Object.values(placed).every(Number.isInteger)).toBe(true);
  });
});

/** Pictures for the documentation, taken by tests where they are at what is shown: `npm run docs:images`. */
import { writeFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export const arePicturesWanted = process.env['DOCS_IMAGES'] !== undefined;

const MAX_BYTES = 60_000;

/**
 * Writes `docs/images/<name>-light.webp` and `…-dark.webp`, where pictures are wanted. WebP, because a map has 300 kB as PNG.
 *
 * @param shown - What is on them. Default: the whole page.
 * @param settle - Waits until the page shows what it has to in the colours that it was just given.
 */
export async function takePictures(
  page: Page,
  name: string,
  { shown, settle }: { shown?: Locator; settle?: () => Promise<void> },
): Promise<void> {
  if (!arePicturesWanted) return;
  const cdp = await page.context().newCDPSession(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // The page is told of its colours with the next frame.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    await settle?.();
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
    const box = await shown?.boundingBox();
    const { data } = await cdp.send('Page.captureScreenshot', {
      format: 'webp',
      quality: 60,
      ...(box ? { clip: { ...box, scale: 1 } } : {}),
    });
    const picture = Buffer.from(data, 'base64');
    expect(picture.length, name).toBeLessThan(MAX_BYTES);
    writeFileSync(`docs/images/${name}-${colorScheme}.webp`, picture);
  }
}

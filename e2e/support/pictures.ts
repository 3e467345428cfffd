/** Pictures for the documentation, taken by tests where they are at what is shown: `npm run docs:images`. */
import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export const arePicturesWanted = process.env['DOCS_IMAGES'] !== undefined;

const MAX_BYTES = 60_000;

/** Writes `docs/images/<name>-light.png` and `…-dark.png`, where pictures are wanted. @param shown - What is on them. */
export async function takePictures(page: Page, name: string, shown: Page | Locator = page): Promise<void> {
  if (!arePicturesWanted) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
    const path = `docs/images/${name}-${colorScheme}.png`;
    await shown.screenshot({ path, animations: 'disabled' });
    expect(readFileSync(path).length, path).toBeLessThan(MAX_BYTES);
  }
}

/** What the tests of map libraries start from: the app with the page of one library, and what its user sees. */
import { PNG } from 'pngjs';
import { expect as baseExpect, serveApp, test as base, type TestApp } from '../support/fixtures.js';

// Maps are drawn in software here: a busy machine takes its time.
export const expect = baseExpect.configure({ timeout: 60_000 });

export const test = base.extend({
  appServer: async ({ portal }, use) => {
    const server = await serveApp(portal, {
      folders: [
        'dist/clients',
        'e2e/clients/node_modules/cesium/Build',
        'e2e/clients/node_modules/@arcgis/core',
      ],
      replacements: {
        'https://gis.example.org/portal': portal.url,
        'https://gis.example.org/server': portal.serverUrl,
      },
    });
    await use(server);
    await server.close();
  },
});

/** Opens the app, signs in, and opens the page of a library. */
export async function openSignedIn(app: TestApp, client: string, user: 'ana' | 'ben' = 'ana'): Promise<void> {
  await app.open('/');
  await app.signIn(user);
  app.portal.log.clear();
  await app.open(`/?client=${client}`);
}

/** Errors as the library told them. */
export const errorsOf = (app: TestApp): Promise<string[]> => app.run(() => window.client.errors);

/** What a library without a map has read. */
export const answersOf = (app: TestApp): Promise<string[]> => app.run(() => window.client.answers);

/** Waits until the page has all that it asks for at first. */
const untilLoaded = (app: TestApp): Promise<void> =>
  app.run(async () => {
    while (!window.client.showNextView) await new Promise(requestAnimationFrame);
  });

/** Has the library ask for what it has not asked for yet. */
export async function showNextView(app: TestApp): Promise<void> {
  await untilLoaded(app);
  await app.run(() => {
    window.client.errors.length = 0;
    window.client.answers.length = 0;
    window.client.showNextView?.();
  });
}

/**
 * Colours of the map that cover more than a few pixels. A map without data has its background, buttons and text. Not by Playwright's
 * screenshot: its look at the page counts as a user gesture.
 */
export async function coloursOf({ page }: TestApp): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  const clip = { x: 0, y: 0, width: 400, height: 300, scale: 1 };
  const { data } = await cdp.send('Page.captureScreenshot', { format: 'png', clip });
  await cdp.detach();
  const { data: bytes } = PNG.sync.read(Buffer.from(data, 'base64'));
  const pixels = new Map<number, number>();
  for (let at = 0; at < bytes.length; at += 4) {
    const colour = ((bytes[at]! >> 4) << 8) | ((bytes[at + 1]! >> 4) << 4) | (bytes[at + 2]! >> 4);
    pixels.set(colour, (pixels.get(colour) ?? 0) + 1);
  }
  return [...pixels.values()].filter((count) => count > 100).length;
}

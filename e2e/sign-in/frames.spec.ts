/** The app in a frame of another site: its storage is not that of its sign-in window. */
import { startAppServer } from '../../demo/app-server.js';
import { expect, registration, test, TestApp, type Page } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

/** Opens a page of another site that shows the app in a frame, and may open it in a window. */
async function embed(app: TestApp, use: () => Promise<void>): Promise<void> {
  const body = `<!doctype html><title>Elsewhere</title><button onclick="window.open('${app.url}/')">Open</button><iframe title="app" src="${app.url}/" width="400" height="300"></iframe>`;
  const host = await startAppServer({
    folders: [],
    intercept: (path) => (path === '/host' ? { headers: { 'content-type': 'text/html' }, body } : undefined),
  });
  // `localhost` and `127.0.0.1` are two sites.
  await app.page.goto(`${host.url.replace('localhost', '127.0.0.1')}/host`);
  try {
    await use();
  } finally {
    await host.close();
  }
}

async function signIn({ page }: TestApp): Promise<Page> {
  const button = page.frameLocator('iframe').getByRole('button', { name: 'Sign in' });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  return popup;
}

const status = ({ page }: TestApp) => page.frameLocator('iframe').getByRole('status');

test('a sign-in from a frame of another site ends signed in', { tag: ['@A12', '@H6'] }, async ({ app }) => {
  await embed(app, async () => {
    await app.fillIn(await signIn(app), 'ana');
    await expect(status(app)).toHaveText('signed in as ana');
    const frame = app.page.frames()[1];
    const answer = await frame?.evaluate(
      async (url) => (await fetch(url)).json() as Promise<unknown>,
      app.hosted(countQuery()),
    );
    expect(answer).toEqual(aCount);
    // The app outside of the frame is not signed in.
    const outside = await app.page.context().newPage();
    await outside.goto(app.url);
    await outside.waitForFunction(() => 'identity' in window);
    expect(
      await outside.evaluate(() => window.identity.ready.then(() => window.identity.credentials)),
    ).toEqual([]);
  });
});

test('an app that a page of another site has opened signs in as usual', { tag: ['@H6'] }, async ({ app }) => {
  await embed(app, async () => {
    const page = await app.waitForPopup(() => app.page.getByRole('button', { name: 'Open' }).click());
    const opened = new TestApp(page, app.portal, app.url);
    await opened.ready();
    await opened.signInByWindow('ana');
    expect(await opened.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  });
});

test.describe('where the worker takes the code', () => {
  test.use({
    identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), callback: 'worker' }] }) },
  });

  test(
    'a sign-in from a frame ends with an error that says why',
    { tag: ['@A12', '@H6'] },
    async ({ app }) => {
      // The window has its worker, as after any visit to the app itself.
      await app.open();
      await embed(app, async () => {
        await app.fillIn(await signIn(app), 'ana');
        await expect(status(app)).toHaveText('storage-partitioned');
      });
    },
  );
});

/** What the client of a page does in every engine. */
import { EngineApp, EnginePage, expect, test } from './fixtures.js';

test('clients: only pages, frames and workers are listed, and the own ones are controlled', async ({
  app,
}) => {
  await app.open();
  const tab = await app.newTab();
  await tab.page.run(() => {
    const frame = document.createElement('iframe');
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    frame.src = '/signed-in.html';
    document.body.append(frame);
    return loaded.then(() => true);
  });
  const listed = await app.page.run(async () =>
    (await window.identity.inspectClients())
      .map(({ kind, isControlled }) => `${kind} ${isControlled}`)
      .sort(),
  );
  expect(listed).toEqual(['frame true', 'page true', 'page true']);
});

test('a part of the client that failed to load once is loaded when it is needed again', async ({
  driver,
  portal,
  serve,
}) => {
  let isMissing = true;
  const url = await serve({
    intercept: (path) => (isMissing && /inspect-clients/.test(path) ? { status: 503, body: '' } : undefined),
  });
  const app = new EngineApp(new EnginePage(driver, await driver.openWindow()), portal, url);
  await app.open();
  const reason = (): Promise<string | undefined> =>
    app.page.run(async () => (await window.identity.inspectClients())[0]?.reason);
  expect(await reason()).toBe('client-chunk-missing');
  isMissing = false;
  expect(await reason()).toBe('controlled');
});

/** A database that the worker cannot use is made anew, and that is reported where developers look. */
import { expect, serveApp, test, TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test('a database without our stores is made anew, reported to page and worker’s console, and the user signs in', async ({
  page,
  portal,
}) => {
  const server = await serveApp(portal, {});
  const app = new TestApp(page, portal, server.url);
  const inPage: string[] = [];
  const inWorker: string[] = [];
  page.on('pageerror', ({ message }) => inPage.push(message));
  page.context().on('console', (message) => {
    if (message.worker()) inWorker.push(message.text());
  });
  // A page of the origin that starts no worker.
  await page.goto(`${server.url}/worker.js`);
  await app.run(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open('identity-worker:/', 99);
        request.addEventListener('success', () => {
          request.result.close();
          resolve();
        });
      }),
  );
  await app.open();
  await expect.poll(() => inPage.join('\n')).toContain('could not be used and is replaced');
  expect(inWorker.join('\n')).toContain('storage-rebuilt');
  await app.signInByWindow('ana');
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  expect(await app.isPrompting()).toBe(false);
  await server.close();
});

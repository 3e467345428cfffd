/** A database that the worker cannot read is reported where developers look. */
import { expect, serveApp, test, TestApp } from '../support/fixtures.js';

test('a database without our stores is reported to the page and to the worker’s console', async ({
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
  await expect
    .poll(() => inPage.join('\n'))
    .toContain('The worker cannot read its database (NotFoundError).');
  expect(inWorker.join('\n')).toContain('storage-unavailable');
  await server.close();
});

/** The Identity Worker inside a worker of the app, which answers the app's own requests. */
import { expect, serveApp, test, TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const own = (name: string): string => `self.addEventListener('fetch', (event) => {
  if (event.request.url.endsWith('/${name}')) event.respondWith(new Response('the app’s /${name}'));
});`;

/** The app's workers: their address, what the page is told of them, and their script where it is not a file. */
const workers: readonly [how: string, query: string, script?: string][] = [
  [
    'a classic script that imports ours',
    'worker=/app.js',
    `${own('before')} importScripts('/worker.js'); ${own('after')} ${own('listener')}`,
  ],
  [
    'a module that imports ours',
    'worker=/app.js&type=module',
    `import '/worker.js'; ${own('before')} ${own('after')} ${own('listener')}`,
  ],
  ['a bundle with routes in workbox’s own router', 'worker=/own-worker.js'],
];

for (const [how, query, script] of workers) {
  test(
    `inside ${how} the portal’s requests are signed, and all others are the app’s or the network’s`,
    { tag: ['@A7'] },
    async ({ page, portal }) => {
      const server = await serveApp(portal, {
        intercept: (path) =>
          path === '/app.js' && script !== undefined
            ? { headers: { 'content-type': 'text/javascript; charset=utf-8' }, body: script }
            : undefined,
      });
      const app = new TestApp(page, portal, server.url);
      await app.open(`/?${query}`);
      await app.signIn('ana');
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      for (const name of ['before', 'after', 'listener'])
        expect(await app.fetch(`${app.url}/${name}`)).toMatchObject({
          status: 200,
          text: `the app’s /${name}`,
        });
      const elsewhere = `${portal.foreign.origin}/data.json`;
      const answered = page.waitForResponse(elsewhere);
      await app.fetch(elsewhere);
      expect((await answered).fromServiceWorker()).toBe(false);
      app.expectNothingLeaked();
      await server.close();
    },
  );
}

/** The Vite plugin in the packed package, in development and with what Vite has built; the examples are in examples/vite.spec.ts. */
import { randomBytes } from 'node:crypto';
import { expect, test as base, TestApp } from '../support/fixtures.js';
import { createPackedProject, type PackedProject } from '../support/packed-project.js';
import { aCount, countQuery } from '../support/services.js';

const test = base.extend<object, { project: PackedProject }>({
  project: [
    async ({ sharedPortal }, use) => {
      const project = createPackedProject('e2e/servers/development', {
        replacements: { 'https://gis.example.org/portal': sharedPortal.url, 'my-client-id': 'idw-demo' },
      });
      await use(project);
      await project.remove();
    },
    { scope: 'worker' },
  ],
});

// In one process, so that the package is packed once.
test.describe.configure({ mode: 'default' });

interface Variant {
  readonly name: string;
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly base?: string;
  /** What pages read from the virtual module. */
  readonly worker: string;
  readonly builtWorker?: string;
  readonly type?: string;
  readonly callbackPage?: string;
}

const variants: readonly Variant[] = [
  {
    name: 'a worker of the app’s that shares a module with its pages, under a base path',
    config: 'vite.worker.config.ts',
    env: { VITE_CALLBACK_PAGE: 'account/back.html' },
    base: '/sub/',
    worker: '/sub/worker.js',
    callbackPage: '/sub/account/back.html',
  },
  {
    name: 'the development worker of vite-plugin-pwa, without a list of files, and a callback page of the app’s own',
    config: 'vite.pwa.config.ts',
    env: { VITE_CALLBACK_PAGE: 'own-callback.html' },
    callbackPage: '/own-callback.html',
    worker: '/dev-sw.js?dev-sw',
    builtWorker: '/worker.js',
    type: 'module',
  },
  {
    name: 'a worker that vite-plugin-pwa generates, whose fallback answers every navigation',
    config: 'vite.generated.config.ts',
    worker: '/sw.js',
  },
  {
    name: 'a sealed worker for portals as data',
    config: 'vite.sealed.config.ts',
    env: { SEAL_SECRETS: randomBytes(32).toString('base64') },
    worker: '/identity-worker.js',
  },
];

for (const { name, config, env, base: folder = '/', ...expected } of variants)
  for (const command of ['dev', 'preview'] as const)
    test(`vite ${command}, ${name}: the user signs in, requests are signed, and no log has a code or token`, async ({
      page,
      portal,
      project,
    }) => {
      if (command === 'preview') project.build(config, env);
      const server = await project.serve(command, config, env);
      const { callbackPage = '/signed-in.html', worker, builtWorker = worker, type = 'classic' } = expected;
      portal.addRedirectUri(server.url + callbackPage);
      const faults: string[] = [];
      page.context().on('console', (message) => {
        if (['error', 'warning', 'assert'].includes(message.type())) faults.push(message.text());
      });
      page.context().on('weberror', (error) => faults.push(String(error.error())));
      const app = new TestApp(page, portal, server.url);

      await app.open(folder);
      expect(await page.evaluate('setUp')).toMatchObject({
        worker: command === 'dev' ? worker : builtWorker,
        type: command === 'dev' ? type : 'classic',
        redirectUri: callbackPage,
      });
      // Playwright does not report the exceptions of a service worker.
      await page
        .context()
        .serviceWorkers()[0]
        ?.evaluate(() => {
          for (const fault of ['error', 'unhandledrejection'])
            addEventListener(fault, (event) => console.error(fault, (event as ErrorEvent).message));
          console.log('the console of the worker is read');
        });
      await app.signInByWindow('ana');
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      // A method that workbox has no route for.
      await app.fetch(app.hosted(countQuery()), { method: 'OPTIONS' });
      expect(portal.log.requests({ path: /Countries/ }).at(-1)).toMatchObject({
        user: 'ana',
        method: 'OPTIONS',
      });

      expect(faults).toEqual([]);
      expect(app.consoleLines).toContain('the console of the worker is read');
      app.expectNothingLeaked();
      await server.close();
    });

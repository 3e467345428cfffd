/** The packed package in Vite's development server, where `NODE_ENV` is not "production" and libraries check and log more. */
import { randomBytes } from 'node:crypto';
import { expect, test as base, TestApp } from '../support/fixtures.js';
import { createPackedProject, type PackedProject } from '../support/packed-project.js';
import { aCount, countQuery } from '../support/services.js';

const test = base.extend<object, { project: PackedProject }>({
  project: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
    async ({}, use) => {
      const project = createPackedProject('e2e/servers/development');
      await use(project);
      await project.remove();
    },
    { scope: 'worker' },
  ],
});

// In one process, so that the package is packed once.
test.describe.configure({ mode: 'default' });

const variants = [
  {
    name: 'Vite alone',
    config: 'vite.config.ts',
    env: { VITE_WORKER: '/worker.ts', VITE_WORKER_TYPE: 'module' },
  },
  {
    name: 'vite-plugin-pwa',
    config: 'vite.pwa.config.ts',
    env: { VITE_WORKER: '/dev-sw.js?dev-sw', VITE_WORKER_TYPE: 'module' },
  },
  {
    name: 'the sealed worker',
    config: 'vite.sealed.config.ts',
    env: {
      VITE_WORKER: '/worker.js',
      VITE_WORKER_TYPE: 'classic',
      VITE_PERSISTENCE: 'sealed',
      VITE_CALLBACK: 'worker',
      SEAL_SECRETS: randomBytes(32).toString('base64'),
    },
  },
];

for (const { name, config, env } of variants)
  test(`${name}: the user signs in, requests are signed, and no log has a code or token`, async ({
    page,
    portal,
    project,
  }) => {
    const server = await project.develop(config, { ...env, VITE_PORTAL: portal.url });
    portal.addRedirectUri(`${server.url}/signed-in.html`);
    const faults: string[] = [];
    page.context().on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) faults.push(message.text());
    });
    page.context().on('weberror', (error) => faults.push(String(error.error())));
    const app = new TestApp(page, portal, server.url);

    await app.open();
    // Playwright does not report the exceptions of a service worker.
    await page
      .context()
      .serviceWorkers()[0]
      ?.evaluate(() => {
        for (const type of ['error', 'unhandledrejection'])
          addEventListener(type, (event) => console.error(type, (event as ErrorEvent).message));
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

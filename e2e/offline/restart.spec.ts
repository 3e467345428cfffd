/** An app that was opened online opens offline after a restart of the browser, and its user is still signed in. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from '@playwright/test';
import { expect, registration, serveApp, test, TestApp } from '../support/fixtures.js';
import { aCount, countQuery, tile } from '../support/services.js';

const worker = '/viewer-worker.js';
const hourMs = 3600 * 1000;

/** The app's files, as a bundler lists them for workbox's precache. */
const files = (): string[] => [
  '/index.html',
  '/page.js',
  ...readdirSync('dist/e2e/assets').map((name) => `/assets/${name}`),
];

for (const persistence of ['persistent', 'sealed'] as const)
  test(`at the level ${persistence} it opens offline for its user, and renews once when it is back online`, async ({
    portal,
    launchOptions,
  }) => {
    const isSealed = persistence === 'sealed';
    const config = { arcgis: [{ ...registration(portal), persistence }], files: files() };
    const server = await serveApp(portal, { config: { make: () => config }, isSealed, worker });
    const profile = mkdtempSync(join(tmpdir(), 'identity-worker-profile-'));
    const start = (): Promise<BrowserContext> => chromium.launchPersistentContext(profile, launchOptions);
    const openIn = async (context: BrowserContext): Promise<TestApp> => {
      const app = new TestApp(await context.newPage(), portal, server.url);
      await app.open(`/?worker=${worker}`);
      return app;
    };

    let context = await start();
    const first = await openIn(context);
    await first.signIn('ana');
    expect(await first.fetchJson(first.hosted(countQuery()))).toEqual(aCount);
    await context.close();
    // Nothing of the app can come from its server any more.
    await server.close();

    context = await start();
    portal.control.expireAccessTokens();
    const app = await openIn(context);
    // Not before: the driver takes the network only from workers that run.
    await context.setOffline(true);
    portal.log.clear();
    await app.advanceWorkerClock(2 * hourMs);
    expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
    expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
    expect(await app.loadImage(app.hosted(tile(1)))).toBe(0);
    expect(await app.isPrompting()).toBe(false);
    expect(portal.log.entries).toEqual([]);

    await context.setOffline(false);
    const answers = await Promise.all([
      ...[2, 3, 4].map((index) => app.fetchJson(app.hosted(countQuery(index)))),
      app.loadImage(app.hosted(tile(2))),
    ]);
    expect(answers).toEqual([aCount, aCount, aCount, 256]);
    expect(app.tokenRequests()).toBe(1);

    // The next user of the browser is not shown to be the one before, offline neither.
    await app.run(() => window.identity.signOut());
    await context.setOffline(true);
    await app.page.reload();
    await app.ready();
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    expect(await app.fetch(app.hosted(countQuery(5)))).toEqual({ error: 'TypeError' });
    expect(await app.isPrompting()).toBe(false);
    app.expectNothingLeaked();
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });

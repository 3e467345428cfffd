/** What a test of an engine starts from: a browser, a reset portal, and the test app in a window of its own. */
import { test as base } from '@playwright/test';
import { makeCertificate, startPortal, type Certificate, type Portal } from '../../demo/portal/index.js';
import { engineFinders } from '../../scripts/engines.js';
import type { AppServer } from '../../demo/app-server.js';
import { queryOf, registerVulnerableWorker, serveVulnerableApp, type Weaknesses } from '../support/attack.js';
import { onePortal, serveApp, type IdentityConfig } from '../support/fixtures.js';
import { EngineApp } from './app.js';
import { EnginePage, type Ability, type Driver, type Engine, type LaunchOptions } from './driver.js';
import { launchChromium } from './drivers/chromium.js';
import { launchFirefox } from './drivers/firefox.js';
import { launchWebKit } from './drivers/webkit.js';
import { NOT_INSTALLED, NOT_SUPPORTED } from './reasons.js';
import { startSecureFront } from './https.js';

/** What the app is served with; all of it optional. */
type ServeOptions = Parameters<typeof serveApp>[1];

interface WorkerFixtures {
  engine: Engine;
  sharedDriver: Driver | undefined;
  certificate: Certificate;
  portals: (scheme: 'http' | 'https') => Promise<Portal>;
}

interface TestFixtures {
  /** What the worker is registered for. */
  identityConfig: IdentityConfig;
  /** Whether the app is sealed; by `https:` where the engine needs it. */
  isSealed: boolean;
  /** Headers of the app's own files. */
  appHeaders: Record<string, string>;
  /** Starts another browser of this engine, closed at the end of the test. */
  launch: (options: LaunchOptions) => Promise<Driver>;
  /** The browser of this engine: one for all tests, with an empty set of windows for each. */
  driver: Driver;
  portal: Portal;
  /** Serves the test app on an origin of its own. @returns Its URL. */
  serve: (options?: ServeOptions) => Promise<string>;
  /** Serves the test app again, in another variation, with a window of its own. Not opened yet. */
  variant: (options?: ServeOptions) => Promise<EngineApp>;
  app: EngineApp;
  /** Opens an app with a vulnerable worker, which has ana's token. */
  vulnerable: (weaknesses?: Weaknesses) => Promise<EngineApp>;
}

async function launchEngine(engine: Engine, options: LaunchOptions): Promise<Driver | undefined> {
  switch (engine) {
    case 'chromium':
      return engineFinders.chromium() === undefined ? undefined : launchChromium(options);
    case 'firefox': {
      const path = engineFinders.firefox();
      return path === undefined ? undefined : launchFirefox(path, options);
    }
    case 'webkit': {
      const paths = engineFinders.webkit();
      return paths && launchWebKit(paths);
    }
  }
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  engine: ['chromium', { option: true, scope: 'worker' }],

  sharedDriver: [
    async ({ engine }, use) => {
      const driver = await launchEngine(engine, {});
      await use(driver);
      await driver?.close();
    },
    { scope: 'worker', timeout: 90_000 },
  ],

  certificate: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
    async ({}, use) => use(await makeCertificate()),
    { scope: 'worker' },
  ],

  portals: [
    async ({ certificate }, use) => {
      const started = new Map<string, Promise<Portal>>();
      await use((scheme) => {
        const portal = started.get(scheme) ?? startPortal(scheme === 'https' ? { tls: certificate } : {});
        started.set(scheme, portal);
        return portal;
      });
      for (const portal of started.values()) await (await portal).close();
    },
    { scope: 'worker' },
  ],

  identityConfig: [onePortal, { option: true }],
  isSealed: [false, { option: true }],
  appHeaders: [{}, { option: true }],

  launch: async ({ engine }, use) => {
    const launched: Driver[] = [];
    await use(async (options) => {
      const driver = await launchEngine(engine, options);
      if (!driver) throw new Error(`${engine} is ${NOT_INSTALLED}.`);
      launched.push(driver);
      return driver;
    });
    for (const driver of launched) await driver.close();
  },

  driver: async ({ engine, sharedDriver }, use, info) => {
    if (!sharedDriver) {
      info.skip(true, `${NOT_INSTALLED}: ${engine}`);
      return;
    }
    info.annotations.push({ type: 'version', description: sharedDriver.version });
    await use(sharedDriver);
    for (const window of await sharedDriver.windows()) {
      // One that closes by itself at this moment is gone all the same.
      const closing = sharedDriver.closeWindow(window).catch((error: unknown) => ({ error }));
      const failure = await closing;
      if (failure && (await sharedDriver.windows()).includes(window)) throw failure.error;
    }
  },

  portal: async ({ driver, portals, isSealed }, use) => {
    const portal = await portals(isSealed && driver.needsHttps ? 'https' : 'http');
    portal.control.reset();
    portal.log.clear();
    await use(portal);
  },

  serve: async ({ driver, portal, isSealed, identityConfig, appHeaders, certificate }, use) => {
    const servers: { close: () => Promise<void> }[] = [];
    await use(async (options = {}) => {
      const all = { config: identityConfig, headers: appHeaders, isSealed, ...options };
      const server = await serveApp(portal, all);
      servers.push(server);
      if (!isSealed || !driver.needsHttps) return server.url;
      const { port, hostname } = new URL(server.url);
      const front = await startSecureFront(Number(port), certificate);
      servers.push(front);
      const url = front.url.replace('localhost', hostname);
      portal.addRedirectUri(`${url}/signed-in.html`);
      return url;
    });
    for (const server of servers) await server.close();
  },

  variant: ({ driver, portal, serve }, use) =>
    use(async (options) => {
      const page = new EnginePage(driver, await driver.openWindow());
      return new EngineApp(page, portal, await serve(options));
    }),

  app: async ({ variant }, use) => {
    const app = await variant();
    await use(app);
    app.expectNothingLeaked();
  },

  vulnerable: async ({ driver, portal }, use) => {
    const servers: AppServer[] = [];
    await use(async ({ headers = {}, files = {}, ...weaknesses } = {}) => {
      const server = await serveVulnerableApp(portal, { headers, files });
      servers.push(server);
      const page = new EnginePage(driver, await driver.openWindow());
      await page.goto(`${server.url}/vulnerable.html`);
      await page.run(registerVulnerableWorker, queryOf(weaknesses));
      return new EngineApp(page, portal, server.url);
    });
    for (const server of servers) await server.close();
  },
});

/** Skips the test where the driver of the engine cannot do something. */
export function needs<A extends Ability>(
  driver: Driver,
  ability: A,
): asserts driver is Driver & Required<Pick<Driver, A>> {
  test.skip(driver[ability] === undefined, `${NOT_SUPPORTED}: ${ability}`);
}

/** Expects the test to fail in an engine: for what no worker can do there. The test fails once the engine can. */
export function cannot(engine: Engine, where: Engine, reason: string): void {
  test.fail(engine === where, reason);
}

export { expect } from '@playwright/test';
export { EnginePage } from './driver.js';
export { EngineApp, fillInForm } from './app.js';
export type { Portal };

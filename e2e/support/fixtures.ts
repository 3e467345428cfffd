/** What every browser test starts from: a reset portal, an app registered at it, and a page of the app. */
import { randomBytes } from 'node:crypto';
import type {
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from '@playwright/test';
import { startAppServer, type AppServer, type AppServerOptions } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';
import { test as base, type TestFixtures, type TestWorkerFixtures } from '../../testing/playwright.js';
import { TestApp } from './test-app.js';

/** Registrations of the test app's worker, as its own source would hold them; made when the addresses are known. */
export interface IdentityConfig {
  make: (portal: Portal) => {
    arcgis?: Record<string, unknown>[];
    oauth?: Record<string, unknown>[];
    app?: Record<string, unknown>[];
    holdLimitMs?: number;
    /** Limits of what is kept; for the worker that keeps answers. */
    offline?: Record<string, unknown>;
  };
}

/** The portal with its hosted services; its federated server is found by itself. */
export const onePortal: IdentityConfig = { make: (portal) => ({ arcgis: [registration(portal)] }) };

/** The options of the portal's registration. */
export const registration = (portal: Portal): Record<string, unknown> => ({
  url: portal.url,
  clientId: 'idw-demo',
  redirectUri: '/signed-in.html',
  name: 'Demo Portal',
  resources: [portal.hostedUrl],
});

/** One portal, with changes of its registration's options. */
export const registeredWith = (
  changes: Record<string, unknown> | ((portal: Portal) => Record<string, unknown>),
): IdentityConfig => ({
  make: (portal) => ({
    arcgis: [{ ...registration(portal), ...(typeof changes === 'function' ? changes(portal) : changes) }],
  }),
});

/** For `beforeEach`: the app is open, ana is signed in, and the portal's log is empty. */
export async function openSignedIn({ app }: { app: TestApp }): Promise<void> {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
}

/** A server's secret, for tests only. */
export const SECRET = randomBytes(32).toString('base64url');

export interface Options {
  /** What the worker is registered for. */
  identityConfig: IdentityConfig;
  /** Headers of the app's own files. */
  appHeaders: Record<string, string>;
  /** Whether the app's server seals the worker's script and guards the callback page. */
  isSealed: boolean;
  /** Host name in the app's URL: `localhost` is another site than the portal, `127.0.0.1` is the same. */
  appHost: 'localhost' | '127.0.0.1';
}

export interface Fixtures {
  appServer: AppServer;
  app: TestApp;
}

/** What every test and every worker process of Playwright gets: named here, so that the types of tests that go on from these can be. */
export interface TestArgs
  extends PlaywrightTestArgs, PlaywrightTestOptions, TestFixtures, Options, Fixtures {}
export interface WorkerArgs extends PlaywrightWorkerArgs, PlaywrightWorkerOptions, TestWorkerFixtures {}

/** Serves the test app, registered at the portal. */
export async function serveApp(
  portal: Portal,
  {
    config = onePortal,
    headers = {},
    host = 'localhost',
    isSealed = false,
    worker = '/worker.js',
    otherWorkers = [],
    folders = [],
    replacements = {},
    intercept,
    handlers,
  }: {
    config?: IdentityConfig;
    headers?: Record<string, string>;
    host?: Options['appHost'];
    isSealed?: boolean;
    /** The worker that a sealed server seals. */
    worker?: string;
    /** Workers that a sealed server lets in beside the app's. */
    otherWorkers?: 'any' | readonly string[];
    /** Folders that are looked through before those of the test app. */
    folders?: readonly string[];
    /** Further placeholders in HTML and JavaScript. */
    replacements?: Readonly<Record<string, string>>;
    intercept?: AppServerOptions['intercept'];
    handlers?: AppServerOptions['handlers'];
  },
): Promise<AppServer> {
  // Escaped for the string literal that it replaces.
  const text = JSON.stringify(JSON.stringify(config.make(portal))).slice(1, -1);
  const server = await startAppServer({
    folders: [...folders, 'dist/e2e', 'e2e/pages', 'dist'],
    headers,
    ...(isSealed ? { seal: { secrets: SECRET, worker, callback: '/signed-in.html', otherWorkers } } : {}),
    ...(intercept ? { intercept } : {}),
    ...(handlers ? { handlers } : {}),
    replacements: { __IDENTITY_CONFIG__: text, __PORTAL_URL__: portal.url, ...replacements },
  });
  const url = server.url.replace('localhost', host);
  for (const page of ['signed-in.html', 'script-tag/']) portal.addRedirectUri(`${url}/${page}`);
  portal.addRedirectUri(`${url}/signed-in.html`, portal.oauth.clientId);
  return { ...server, url };
}

export const test: TestType<TestArgs, WorkerArgs> = base.extend<Options & Fixtures>({
  identityConfig: [onePortal, { option: true }],
  appHeaders: [{}, { option: true }],
  appHost: ['localhost', { option: true }],
  isSealed: [false, { option: true }],

  // An origin of its own for every test: nothing is left over from another one.
  appServer: async ({ portal, identityConfig, appHeaders, appHost, isSealed }, use) => {
    const server = await serveApp(portal, {
      config: identityConfig,
      headers: appHeaders,
      host: appHost,
      isSealed,
    });
    await use(server);
    await server.close();
  },

  app: async ({ page, portal, appServer }, use) => {
    const app = new TestApp(page, portal, appServer.url);
    await use(app);
    app.expectNothingLeaked();
  },
});

export { expect, type Page } from '@playwright/test';
export { TestApp } from './test-app.js';
export type { Portal };

/** What every browser test starts from: a reset portal, an app registered at it, and a page of the app. */
import { randomBytes } from 'node:crypto';
import { test as base } from '@playwright/test';
import { startAppServer, type AppServer, type AppServerOptions } from '../../demo/app-server.js';
import { startPortal, type Portal } from '../../demo/portal/index.js';
import { TestApp } from './test-app.js';

/** Registrations of the test app's worker, as its own source would hold them; made when the addresses are known. */
export interface IdentityConfig {
  make: (portal: Portal) => {
    arcgis?: Record<string, unknown>[];
    oauth?: Record<string, unknown>[];
    app?: Record<string, unknown>[];
    holdLimitMs?: number;
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
  portal: Portal;
  appServer: AppServer;
  app: TestApp;
}

/** Serves the test app, registered at the portal. */
export async function serveApp(
  portal: Portal,
  {
    config = onePortal,
    headers = {},
    host = 'localhost',
    isSealed = false,
    otherWorkers = [],
    intercept,
    handlers,
  }: {
    config?: IdentityConfig;
    headers?: Record<string, string>;
    host?: Options['appHost'];
    isSealed?: boolean;
    /** Workers that a sealed server lets in beside the app's. */
    otherWorkers?: 'any' | readonly string[];
    intercept?: AppServerOptions['intercept'];
    handlers?: AppServerOptions['handlers'];
  },
): Promise<AppServer> {
  // Escaped for the string literal that it replaces.
  const text = JSON.stringify(JSON.stringify(config.make(portal))).slice(1, -1);
  const server = await startAppServer({
    folders: ['dist/e2e', 'e2e/pages', 'dist'],
    headers,
    ...(isSealed
      ? { seal: { secrets: SECRET, worker: '/worker.js', callback: '/signed-in.html', otherWorkers } }
      : {}),
    ...(intercept ? { intercept } : {}),
    ...(handlers ? { handlers } : {}),
    replacements: { __IDENTITY_CONFIG__: text, __PORTAL_URL__: portal.url },
  });
  const url = server.url.replace('localhost', host);
  for (const page of ['signed-in.html', 'script-tag/']) portal.addRedirectUri(`${url}/${page}`);
  portal.addRedirectUri(`${url}/signed-in.html`, portal.oauth.clientId);
  return { ...server, url };
}

export const test = base.extend<Options & Fixtures, { sharedPortal: Portal }>({
  identityConfig: [onePortal, { option: true }],
  appHeaders: [{}, { option: true }],
  appHost: ['localhost', { option: true }],
  isSealed: [false, { option: true }],

  sharedPortal: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
    async ({}, use) => {
      const portal = await startPortal();
      await use(portal);
      await portal.close();
    },
    { scope: 'worker' },
  ],

  portal: async ({ sharedPortal }, use) => {
    sharedPortal.control.reset();
    sharedPortal.log.clear();
    await use(sharedPortal);
  },

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

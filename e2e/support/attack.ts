/**
 * What every attack starts from: our app, signed in, and a naive one without the defence that is attacked.
 * The same attack code runs against both; on the naive one it has to come to a secret, or it proves nothing.
 */
import { startAppServer, type AppServer, type AppServerOptions } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';
import { expect, registeredWith, serveApp, test as base, TestApp, type IdentityConfig } from './fixtures.js';
import { startLiar, type Liar, type Lies } from './malicious-server.js';

/** What the naive worker does wrong; see `naive/worker.js`. */
export interface Lacks {
  /** How it decides that a URL is the portal's. Default `startsWith`. */
  own?:
    | 'everything'
    | 'startsWith'
    | 'includes'
    | 'caseless'
    | 'decoded'
    | 'hostname'
    | 'beginning'
    | 'suffix'
    | 'parent';
  /** More prefixes that it signs, separated by blanks. */
  more?: string;
  /** Where it puts the token. Default `query`. */
  place?: 'query' | 'header' | 'esri' | 'form';
  /** Where it keeps the token; separated by blanks: `idb`, `cache`, `opfs`, `key`. */
  keep?: string;
  /** Other omissions, separated by blanks: `comlink`, `tells`, `configurable`, `believes`, `queues`, `reports`. */
  does?: string;
  /** Headers of its app's files. */
  headers?: Record<string, string>;
  /** More files of its app. */
  files?: Record<string, { type: string; body: string }>;
}

/** Another installation of our app: with another registration, another server, other headers. */
export interface Variation {
  /** Changes of the portal's registration. */
  options?: Record<string, unknown>;
  /** Instead of the one registration with changes. */
  config?: IdentityConfig;
  headers?: Record<string, string>;
  isSealed?: boolean;
  otherWorkers?: 'any' | readonly string[];
  host?: 'localhost' | '127.0.0.1';
  intercept?: AppServerOptions['intercept'];
}

interface AttackFixtures {
  /** Serves our app in another variation, to a browser profile of its own. Not opened yet. */
  variant: (variation: Variation) => Promise<TestApp>;
  /** Opens an app with a naive worker in a browser profile of its own; the worker has ana's token. */
  naive: (lacks?: Lacks) => Promise<TestApp>;
  /** Starts a server that passes everything on to the portal, and lies where the test says so. */
  liar: (lies?: Lies) => Promise<Liar>;
}

export const test = base.extend<AttackFixtures>({
  variant: async ({ browser, portal }, use) => {
    const servers: AppServer[] = [];
    const apps: TestApp[] = [];
    await use(async ({ options, config, ...rest }) => {
      const server = await serveApp(portal, { config: config ?? registeredWith(options ?? {}), ...rest });
      servers.push(server);
      const app = new TestApp(await (await browser.newContext()).newPage(), portal, server.url);
      apps.push(app);
      return app;
    });
    for (const app of apps) await app.page.context().close();
    for (const server of servers) await server.close();
  },

  naive: async ({ browser, portal }, use) => {
    const servers: AppServer[] = [];
    const apps: TestApp[] = [];
    await use(async ({ headers = {}, files = {}, ...lacks } = {}) => {
      const server = await startAppServer({
        folders: ['e2e/support/vulnerable-app', 'dist/e2e', 'node_modules/comlink/dist/umd'],
        replacements: { __PORTAL_URL__: portal.url, __HOSTED_URL__: portal.hostedUrl },
        headers,
        intercept: (path) => {
          const file = files[path];
          return file && { headers: { 'content-type': file.type }, body: file.body };
        },
      });
      servers.push(server);
      for (const page of ['signed-in.html', 'naive.html']) portal.addRedirectUri(`${server.url}/${page}`);
      const page = await (await browser.newContext()).newPage();
      const app = new TestApp(page, portal, server.url);
      apps.push(app);
      await page.goto(`${server.url}/naive.html`);
      await app.run(
        async (query) => {
          const controlled = new Promise((resolve) => {
            navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
          });
          await navigator.serviceWorker.register(`/worker.js?${query}`);
          await controlled;
        },
        new URLSearchParams(lacks as Record<string, string>).toString(),
      );
      return app;
    });
    for (const app of apps) await app.page.context().close();
    for (const server of servers) await server.close();
  },

  liar: async ({ portal }, use) => {
    const liars: Liar[] = [];
    await use(async (lies = {}) => {
      const liar = await startLiar(portal, lies);
      liars.push(liar);
      return liar;
    });
    for (const liar of liars) await liar.close();
  },
});

/** Our app, opened and signed in as ana, with an empty log. */
export async function signedIn(app: TestApp, how: 'signIn' | 'signInByWindow' = 'signIn'): Promise<TestApp> {
  await app.open();
  await app[how]('ana');
  app.portal.log.clear();
  return app;
}

/** Runs an attack on both. @param attack - Gives everything that the attacker has got hold of. */
export async function expectRepelled(
  ours: TestApp,
  naive: TestApp,
  attack: (target: TestApp) => Promise<unknown>,
): Promise<void> {
  const { log } = ours.portal;
  expect(log.leaks(textOf(await attack(naive))), 'control: the attack works on the naive app').not.toEqual(
    [],
  );
  expect(log.leaks(textOf(await attack(ours)))).toEqual([]);
}

/** The labels of all secrets that somebody else's server was sent since the log was cleared. */
export const stolen = ({ log }: Portal): string[] =>
  log.requests({ server: 'foreign' }).flatMap(({ secrets }) => secrets);

const textOf = (loot: unknown): string => (typeof loot === 'string' ? loot : (JSON.stringify(loot) ?? ''));

export { expect, registeredWith, registration, type IdentityConfig } from './fixtures.js';
export { TestApp } from './test-app.js';
export type { Portal };

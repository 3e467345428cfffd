/**
 * What every attack starts from: our app, signed in, and a vulnerable one without the defence that is attacked.
 * The same attack code runs against both; on the vulnerable one it has to obtain a secret, or it proves nothing.
 */
import { startAppServer, type AppServer, type AppServerOptions } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';
import { expect, registeredWith, serveApp, test as base, TestApp, type IdentityConfig } from './fixtures.js';
import { startMaliciousServer, type MaliciousServer, type MaliciousAnswers } from './malicious-server.js';

/** What the vulnerable worker does wrong; see `vulnerable-app/worker.js`. */
export interface Weaknesses {
  /** How it decides that a URL is the portal's. Default `startsWith`. */
  match?:
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
  placement?: 'query' | 'header' | 'esri' | 'form';
  /** Where it keeps the token; separated by blanks: `idb`, `cache`, `opfs`, `key`. */
  keep?: string;
  /** Other omissions, separated by blanks: `comlink`, `tells`, `configurable`, `believes`, `queues`, `reports`. */
  does?: string;
  /** Headers of its app's files. */
  headers?: Record<string, string>;
  /** More files of its app. */
  files?: Record<string, { type: string; body: string; headers?: Record<string, string> }>;
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
  handlers?: AppServerOptions['handlers'];
}

interface AttackFixtures {
  /** Serves our app in another variation, to a browser profile of its own. Not opened yet. */
  variant: (variation: Variation) => Promise<TestApp>;
  /** Opens an app with a vulnerable worker in a browser profile of its own; the worker has ana's token. */
  vulnerableApp: (weaknesses?: Weaknesses) => Promise<TestApp>;
  /** Starts a server that forwards everything to the portal, and changes answers where the test says so. */
  maliciousServer: (answers?: MaliciousAnswers) => Promise<MaliciousServer>;
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

  vulnerableApp: async ({ browser, portal }, use) => {
    const servers: AppServer[] = [];
    const apps: TestApp[] = [];
    await use(async ({ headers = {}, files = {}, ...weaknesses } = {}) => {
      const server = await serveVulnerableApp(portal, { headers, files });
      servers.push(server);
      const page = await (await browser.newContext()).newPage();
      const app = new TestApp(page, portal, server.url);
      apps.push(app);
      await page.goto(`${server.url}/vulnerable.html`);
      await app.run(registerVulnerableWorker, queryOf(weaknesses));
      return app;
    });
    for (const app of apps) await app.page.context().close();
    for (const server of servers) await server.close();
  },

  maliciousServer: async ({ portal }, use) => {
    const servers: MaliciousServer[] = [];
    await use(async (answers = {}) => {
      const maliciousServer = await startMaliciousServer(portal, answers);
      servers.push(maliciousServer);
      return maliciousServer;
    });
    for (const maliciousServer of servers) await maliciousServer.close();
  },
});

/** Serves an app with a vulnerable worker; its page is `vulnerable.html`. */
export async function serveVulnerableApp(
  portal: Portal,
  { headers = {}, files = {} }: Pick<Weaknesses, 'headers' | 'files'> = {},
): Promise<AppServer> {
  const server = await startAppServer({
    folders: ['e2e/support/vulnerable-app', 'dist/e2e', 'node_modules/comlink/dist/umd'],
    replacements: { __PORTAL_URL__: portal.url, __HOSTED_URL__: portal.hostedUrl },
    headers,
    intercept: (path) => {
      const file = files[path];
      return file && { headers: { 'content-type': file.type, ...file.headers }, body: file.body };
    },
  });
  for (const page of ['signed-in.html', 'vulnerable.html']) portal.addRedirectUri(`${server.url}/${page}`);
  return server;
}

/** The query of a vulnerable worker's address. */
export const queryOf = (weaknesses: Omit<Weaknesses, 'headers' | 'files'>): string =>
  new URLSearchParams({ ...weaknesses }).toString();

/** Page code: registers a vulnerable worker, and waits until it has the page. */
export const registerVulnerableWorker = async (query: string): Promise<void> => {
  const controlled = new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
  });
  await navigator.serviceWorker.register(`/worker.js?${query}`);
  await controlled;
};

/** Our app, opened and signed in as ana, with an empty log. */
export async function signedIn(app: TestApp, how: 'signIn' | 'signInByWindow' = 'signIn'): Promise<TestApp> {
  await app.open();
  await app[how]('ana');
  app.portal.log.clear();
  return app;
}

/** Runs an attack on both. @param attack - Returns everything that the attacker has obtained. */
export async function expectRepelled(
  ours: TestApp,
  vulnerableApp: TestApp,
  attack: (target: TestApp) => Promise<unknown>,
): Promise<void> {
  const { log } = ours.portal;
  expect(
    log.leaks(textOf(await attack(vulnerableApp))),
    'control: the attack works on the vulnerable app',
  ).not.toEqual([]);
  expect(log.leaks(textOf(await attack(ours)))).toEqual([]);
}

/** The labels of all secrets that the foreign server was sent since the log was cleared. */
export const stolen = ({ log }: Portal): string[] =>
  log.requests({ server: 'foreign' }).flatMap(({ secrets }) => secrets);

const textOf = (leaked: unknown): string =>
  typeof leaked === 'string' ? leaked : (JSON.stringify(leaked) ?? '');

export { expect, registeredWith, registration, type IdentityConfig } from './fixtures.js';
export { TestApp } from './test-app.js';
export type { Portal };

/** Deployments of the test app whose pages and worker speak one version of the protocol or another. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { serveApp, test as base } from './fixtures.js';

/** The version that is being made, as its source says. */
const PROTOCOL_VERSION = Number(
  /PROTOCOL_VERSION = (\d+);/.exec(readFileSync('protocol/messages.ts', 'utf8'))?.[1],
);

/** What the server has: the versions of the protocol that its pages and its worker speak. */
export interface Deployment {
  page: number;
  worker: number;
}

/**
 * Every version of the protocol that was released, and the one that is being made. A page of the latest one has to come to terms with
 * the worker of each.
 */
export const released = Array.from({ length: PROTOCOL_VERSION }, (_, index) => index + 1);

/** Each released version and the one that follows, and back: a deployment may be taken back. */
export const changes = released.flatMap((version) => [
  { from: version, to: PROTOCOL_VERSION + 1 },
  { from: PROTOCOL_VERSION + 1, to: version },
]);

/** The app in a version that a test may change: as the next deployment does. */
export const test = base.extend<{ deployment: Deployment }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  deployment: async ({}, use) => use({ page: PROTOCOL_VERSION, worker: PROTOCOL_VERSION }),

  appServer: async ({ portal, deployment, identityConfig }, use) => {
    const server = await serveApp(portal, {
      config: identityConfig,
      intercept: async (path) => {
        if (!path.endsWith('.js')) return undefined;
        const text = await readFile(`dist/e2e/any-version${path}`, 'utf8');
        const version = path === '/worker.js' ? deployment.worker : deployment.page;
        return {
          headers: { 'content-type': 'text/javascript' },
          body: text.replaceAll('__PROTOCOL_VERSION__', String(version)),
        };
      },
    });
    await use(server);
    await server.close();
  },
});

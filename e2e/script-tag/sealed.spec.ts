/** A script tag whose worker the server seals, with the worker taking the codes: as docs/server.md sets it up. */
import { randomBytes } from 'node:crypto';
import { startAppServer, type AppServer } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';
import { expect, test as base, TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const registrationOf = (portal: Portal): Record<string, string> => ({
  portal: portal.url,
  'client-id': 'idw-demo',
  'redirect-uri': '/signed-in.html',
  name: 'Demo Portal',
  resources: portal.hostedUrl,
  persistence: 'sealed',
  callback: 'worker',
});

const pageOf = (portal: Portal): string => {
  const attributes = Object.entries(registrationOf(portal))
    .map(([name, value]) => `data-${name}="${value}"`)
    .join(' ');
  return `<!doctype html><html lang="en"><head><title>Sealed</title><link rel="icon" href="data:,"><script src="/identity-client.js" ${attributes}></script></head><body></body></html>`;
};

const test = base.extend<{ serve: (isSealed: boolean) => Promise<TestApp> }>({
  serve: async ({ portal, page }, use) => {
    const servers: AppServer[] = [];
    await use(async (isSealed) => {
      const sealing = {
        secrets: randomBytes(32).toString('base64'),
        worker: '/worker.js',
        callback: '/none.html',
        scriptTag: {
          worker: '/identity-worker.js',
          callback: '/signed-in.html',
          query: registrationOf(portal),
        },
      };
      const server = await startAppServer({
        folders: ['dist'],
        ...(isSealed ? { seal: sealing } : {}),
        intercept: (path) =>
          path === '/' || path === '/signed-in.html'
            ? { headers: { 'content-type': 'text/html' }, body: pageOf(portal) }
            : undefined,
      });
      servers.push(server);
      portal.addRedirectUri(`${server.url}/signed-in.html`);
      return new TestApp(page, portal, server.url);
    });
    for (const server of servers) await server.close();
  },
});

/** Reads all that the origin's databases hold, as text, and opens what it can with the keys that lie there. */
const stored = async (): Promise<string> => {
  const found: unknown[] = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name ?? '');
      request.addEventListener('success', () => resolve(request.result));
    });
    for (const store of database.objectStoreNames) {
      const records = await new Promise<unknown[]>((resolve) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.addEventListener('success', () => resolve(request.result as unknown[]));
      });
      if (store === 'keys') found.push(`keys: ${records.length}`);
      else found.push(...records);
    }
    database.close();
  }
  return JSON.stringify(found);
};

test('the attributes reach the worker: it takes the code, and keeps no key beside the tokens', async ({
  serve,
  portal,
}) => {
  const app = await serve(true);
  await app.open();
  const addresses: string[] = [];
  const popup = await app.openInClick(() => window.identity.signIn());
  popup.on('framenavigated', (frame) => addresses.push(frame.url()));
  await app.fillIn(popup, 'ana');
  await expect.poll(() => app.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  expect(addresses.join(' ')).not.toMatch(/code=/);
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  const kept = await app.run(stored);
  expect(kept).not.toMatch(/keys: [1-9]/);
  expect(kept).toContain('"iv"');
  expect(portal.log.leaks(kept)).toEqual([]);
  // The session is opened with the key of the script after a restart.
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
});

const changes: Readonly<Record<string, Record<string, string>>> = {
  'another level': { persistence: 'memory' },
  'a page that takes the code': { callback: 'page' },
  'more resources': { resources: 'https://evil.example/' },
  'another callback page': { 'redirect-uri': '/' },
  'another client': { 'client-id': 'idw-app' },
};

for (const [name, changed] of Object.entries(changes)) {
  test(
    `page script cannot register the sealed ready worker with ${name}`,
    { tag: ['@S6'] },
    async ({ serve, portal }) => {
      const register = (app: TestApp): Promise<string> =>
        app.run(
          async (query) => {
            const registration = await navigator.serviceWorker
              .register(`/identity-worker.js?${query}`)
              .catch(() => undefined);
            return registration ? 'registered' : 'refused';
          },
          new URLSearchParams({ ...registrationOf(portal), ...changed }).toString(),
        );
      const unsealed = await serve(false);
      await unsealed.page.goto(unsealed.url);
      expect(await register(unsealed), 'control').toBe('registered');
      const app = await serve(true);
      await app.open();
      expect(await register(app)).toBe('refused');
    },
  );
}

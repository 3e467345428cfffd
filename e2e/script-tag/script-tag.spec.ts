/** The script tag: one line of HTML, the ready worker file beside it, no build. */
import { readFileSync } from 'node:fs';
import { startAppServer, type AppServer } from '../../demo/app-server.js';
import type { Portal } from '../../demo/portal/index.js';
import { expect, test as base, TestApp, type Page } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

const html = (tag: string, body = ''): string =>
  `<!doctype html><html lang="en"><head><title>No build</title><link rel="icon" href="data:,">${tag}</head><body>${body}</body></html>`;

const readyWorker = (): string => readFileSync('dist/identity-worker.js', 'utf8');

/** A site of static files with one page; `more` may change while it is open. */
const test = base.extend<{ serve: (page: string, more?: Record<string, string>) => Promise<AppServer> }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  serve: async ({}, use) => {
    const servers: AppServer[] = [];
    await use(async (page, more = {}) => {
      const server = await startAppServer({
        folders: ['dist'],
        intercept: (path) => {
          const body = path === '/' ? page : more[path];
          // The ready worker may be put beside any page.
          if (path === '/inner/identity-worker.js')
            return { headers: { 'content-type': 'text/javascript' }, body: readyWorker() };
          return body === undefined ? undefined : { headers: { 'content-type': 'text/html' }, body };
        },
      });
      servers.push(server);
      return server;
    });
    for (const server of servers) await server.close();
  },
});

test(
  'requests that no portal can own do not wake the worker, and the portal’s are signed',
  { tag: ['@A8'] },
  async ({ page, portal, serve }) => {
    const tag = `<script src="/identity-client.js" data-portal="${portal.url}" data-client-id="idw-demo"></script>`;
    const server = await serve(html(tag));
    portal.addRedirectUri(`${server.url}/`);
    const app = new TestApp(page, portal, server.url);
    await page.goto(server.url);
    await app.run(() => navigator.serviceWorker.ready);
    await page.reload();
    const foreign = `${portal.foreign.origin}/anything`;
    const ours = `${portal.serverUrl}/rest/services/Places/FeatureServer/0?f=json`;
    const sources = await app.run(
      async (urls) => {
        const sourceOf = async (url: string): Promise<string> => {
          await fetch(url, { mode: 'no-cors' });
          for (;;) {
            const [entry] = performance.getEntriesByName(url) as PerformanceResourceTiming[];
            if (entry) return (entry as unknown as Record<string, string>)['workerMatchedSourceType'] ?? '';
            await new Promise(requestAnimationFrame);
          }
        };
        return Promise.all(urls.map(sourceOf));
      },
      [foreign, ours],
    );
    expect(sources).toEqual(['network', '']);
  },
);

test(
  'an image of the page’s own HTML appears after the sign-in, and the page’s script fetches data',
  { tag: ['@user-interface'] },
  async ({ page, portal, serve }) => {
    const image = `${portal.serverUrl}/rest/services/Terrain/MapServer/tile/1/0/1`;
    const tag = `<script src="/identity-client.js" data-portal="${portal.url}" data-client-id="idw-demo"></script>`;
    const server = await serve(html(tag, `<img id="tile" alt="Tile" src="${image}">`));
    portal.addRedirectUri(`${server.url}/`);
    const app = new TestApp(page, portal, server.url);
    await page.goto(server.url);
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    await expect
      .poll(() => app.run(() => document.querySelector<HTMLImageElement>('#tile')?.naturalWidth))
      .toBe(256);
    expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
    // A later visit is controlled from the start: the image is signed as it loads.
    await page.reload();
    await expect
      .poll(() => app.run(() => document.querySelector<HTMLImageElement>('#tile')?.naturalWidth))
      .toBe(256);
    expect(await app.run(() => document.querySelector('identity-worker-dialog'))).toBeNull();
    app.expectNothingLeaked();
  },
);

for (const [name, language, attributes, more, title] of [
  ['in the page’s language', 'de', '', {}, 'Bei 127.0.0.1 anmelden'],
  ['in the language of the tag', 'de', 'data-language="fr-CH"', {}, 'Se connecter à 127.0.0.1'],
  [
    'in English where the file of the language is not there',
    'de',
    '',
    { '/identity-client/languages/de.js': '' },
    'Sign in to 127.0.0.1',
  ],
] as const) {
  test(`the dialog is ${name}`, { tag: ['@user-interface'] }, async ({ page, portal, serve }) => {
    const tag = `<script src="/identity-client.js" data-portal="${portal.url}" data-client-id="idw-demo" ${attributes}></script>`;
    const server = await serve(html(tag).replace('lang="en"', `lang="${language}"`), more);
    portal.addRedirectUri(`${server.url}/`);
    const app = new TestApp(page, portal, server.url);
    await app.open();
    await app.run(() => void window.identity.signIn().catch(() => undefined));
    await app.waitForDialog();
    await expect(page.getByRole('dialog').getByRole('heading')).toHaveText(title);
  });
}

test.describe('where the folder beside the script is missing', () => {
  /** What a server answers for a file that is not there. */
  const missing = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [`/identity-client/${name}.js`, 'Not found']));
  const tagOf = (portal: Portal): string =>
    `<script src="/identity-client.js" data-portal="${portal.url}" data-client-id="idw-demo"></script>`;

  test(
    'every call says what is missing and nothing waits; once it is there, signing in works',
    { tag: ['@user-interface'] },
    async ({ page, portal, serve }) => {
      const gaps = missing('sign-in', 'inspect-clients', 'error-messages');
      const server = await serve(html(tagOf(portal)), gaps);
      portal.addRedirectUri(`${server.url}/`);
      const app = new TestApp(page, portal, server.url);
      await page.addInitScript(() => {
        window.addEventListener('error', ({ error }) =>
          Object.assign(window, { reported: error as unknown }),
        );
      });
      await app.open();
      expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 499 } });
      const reported = await app.run(() => {
        const { code, message } = Reflect.get(window, 'reported') as { code: string; message: string };
        return { code, message };
      });
      expect(reported).toEqual({
        code: 'client-chunk-missing',
        message: expect.stringContaining('put the folder identity-client beside'),
      });
      expect(await app.run(() => window.identity.signIn().catch(({ message }: Error) => message))).toContain(
        'put the folder identity-client beside',
      );
      expect(await app.run(() => window.identity.inspectClients())).toEqual([
        {
          kind: 'page',
          url: `${server.url}/`,
          isControlled: true,
          reason: 'client-chunk-missing',
          message: expect.stringContaining('put the folder identity-client beside'),
        },
      ]);
      for (const path of Object.keys(gaps)) delete gaps[path];
      await app.run(() => void window.identity.signIn().catch(() => undefined));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(1);
    },
  );

  test('the window of a click does not stay open', async ({ page, portal, serve }) => {
    const server = await serve(html(tagOf(portal), '<button>Sign in</button>'), missing('sign-in'));
    portal.addRedirectUri(`${server.url}/`);
    const app = new TestApp(page, portal, server.url);
    await app.open();
    await app.run(() => {
      document.querySelector('button')?.addEventListener('click', () => {
        window.outcome = window.identity.signIn().then(
          () => 'signed in',
          (error: { code?: string }) => error.code ?? '',
        );
      });
    });
    const popup = await app.waitForPopup(() => page.getByRole('button').click());
    if (!popup.isClosed()) await popup.waitForEvent('close');
    expect(await app.run(() => window.outcome)).toBe('client-chunk-missing');
  });

  test(
    'a page that was open before signs in all the same',
    { tag: ['@user-interface'] },
    async ({ page, portal, serve }) => {
      const gaps: Record<string, string> = {};
      const server = await serve(html(tagOf(portal)), gaps);
      portal.addRedirectUri(`${server.url}/`);
      const app = new TestApp(page, portal, server.url);
      await app.open();
      // Loaded when the browser had nothing else to do.
      await app.run(async () => {
        const isLoaded = (): boolean =>
          performance
            .getEntriesByType('resource')
            .some(({ name }) => name.includes('/identity-client/sign-in.js'));
        while (!isLoaded()) await new Promise(requestAnimationFrame);
      });
      Object.assign(gaps, missing('sign-in', 'inspect-clients', 'error-messages'));
      await app.run(() => void window.identity.signIn().catch(() => undefined));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(1);
    },
  );
});

test('a worker of a wider scope on the same site has sign-ins of its own', async ({
  page,
  portal,
  serve,
}) => {
  const tag = (scope: string): string =>
    `<script src="/identity-client.js" data-worker="${scope}identity-worker.js" data-scope="${scope}" data-portal="${portal.url}" data-client-id="idw-demo"></script>`;
  const server = await serve(html(tag('/')), { '/inner/': html(tag('/inner/')) });
  for (const scope of ['/', '/inner/']) portal.addRedirectUri(server.url + scope);
  const outer = new TestApp(page, portal, server.url);
  await page.goto(server.url);
  await outer.ready();
  const inner = new TestApp(await page.context().newPage(), portal, server.url);
  await inner.page.goto(`${server.url}/inner/`);
  await inner.ready();
  expect(await inner.run(() => navigator.serviceWorker.controller?.scriptURL)).toContain(
    '/inner/identity-worker.js',
  );

  const signIn = (app: TestApp): Promise<Page> =>
    app.waitForPopup(() => app.page.evaluate(() => void window.identity.signIn()));
  await inner.fillIn(await signIn(inner), 'ben');
  await expect.poll(() => inner.run(() => window.identity.credentials[0]?.username)).toBe('ben');
  expect(await outer.run(() => window.identity.credentials)).toEqual([]);
  portal.control.endSessions();
  await outer.fillIn(await signIn(outer), 'ana');
  await expect.poll(() => outer.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  await inner.page.reload();
  await inner.ready();
  expect(await inner.run(() => window.identity.credentials)).toMatchObject([{ username: 'ben' }]);
});

for (const [name, attributes, code] of [
  ['no portal', 'data-client-id="a"', 'portal-url-invalid'],
  ['a relative portal URL', 'data-portal="/portal" data-client-id="a"', 'portal-url-invalid'],
  ['a malformed portal URL', 'data-portal="https//portal" data-client-id="a"', 'portal-url-invalid'],
  [
    'an http portal that is not loopback',
    'data-portal="http://gis.example.org/portal" data-client-id="a"',
    'portal-insecure',
  ],
  ['no client id', 'data-portal="https://gis.example.org/portal"', 'client-id-missing'],
  [
    'a redirect URI outside the scope',
    'data-portal="https://gis.example.org/portal" data-client-id="a" data-redirect-uri="https://other.example/"',
    'redirect-uri-outside-scope',
  ],
  [
    'no worker beside it',
    'data-portal="https://gis.example.org/portal" data-client-id="a" data-worker="nowhere.js"',
    'worker-script-missing',
  ],
] as const) {
  test(`${name}: ${code}`, async ({ page, serve }) => {
    const server = await serve(html(`<script src="/identity-client.js" ${attributes}></script>`));
    await page.addInitScript(() => {
      document.addEventListener('identity-error', (event) =>
        Object.assign(window, { failure: (event as CustomEvent).detail }),
      );
    });
    await page.goto(server.url);
    await expect
      .poll(() =>
        page.evaluate(() => (Reflect.get(window, 'failure') as { code?: string } | undefined)?.code),
      )
      .toBe(code);
    // What to do is said where a site without a build has its only place for it: the console.
    expect(
      await page.evaluate(() => (Reflect.get(window, 'failure') as Error).message.length),
    ).toBeGreaterThan(20);
  });
}

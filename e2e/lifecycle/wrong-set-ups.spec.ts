/** Mistakes in the set-up of an app: each is healed, or told with a code of its own. */
import { readFileSync } from 'node:fs';
import type { AppServer, AppServerOptions } from '../../demo/app-server.js';
import {
  expect,
  registeredWith,
  serveApp,
  test as base,
  TestApp,
  type IdentityConfig,
} from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';

type Intercept = NonNullable<AppServerOptions['intercept']>;
type Serve = (options: {
  intercept?: Intercept;
  headers?: Record<string, string>;
  config?: IdentityConfig;
  host?: '127.0.0.1';
}) => Promise<TestApp>;

const test = base.extend<{ serve: Serve }>({
  serve: async ({ page, portal }, use) => {
    const servers: AppServer[] = [];
    await page.addInitScript(() => {
      window.reportedCodes = [];
      addEventListener('error', ({ error }) => window.reportedCodes.push(error?.code ?? String(error)));
    });
    await use(async (options) => {
      const server = await serveApp(portal, options);
      servers.push(server);
      return new TestApp(page, portal, server.url);
    });
    await Promise.all(servers.map((server) => server.close()));
  },
});

const html = (body: string) => ({ headers: { 'content-type': 'text/html' }, body });
const script = (body: string) => ({ headers: { 'content-type': 'text/javascript' }, body });
const app = readFileSync('e2e/pages/index.html', 'utf8');
/** Built by the time that a test runs; tests are listed before. */
const worker = (): string => readFileSync('dist/e2e/worker.js', 'utf8');
const redirect = (location: string) => ({ status: 302, headers: { location }, body: '' });

test.describe('the app in place of the callback page takes the response', () => {
  const isCallback = (path: string): boolean => path === '/signed-in.html';
  const fallback: Intercept = (path) => (isCallback(path) ? html(app) : undefined);

  test('the server answers every address with it', { tag: ['@H11'] }, async ({ serve }) => {
    const site = await serve({ intercept: fallback });
    await site.open();
    await site.signInByWindow('ana');
    expect(await site.fetchJson(site.hosted(countQuery()))).toEqual(aCount);
  });

  test('the navigation fallback of the app’s own worker does', async ({ serve }) => {
    const site = await serve({
      intercept: (path) =>
        path === '/worker.js'
          ? script(
              `${worker()}\naddEventListener('fetch', (event) => event.request.mode === 'navigate' && event.respondWith(fetch('/')));`,
            )
          : undefined,
    });
    await site.open();
    await site.signInByWindow('ana');
  });

  test('the server has moved the page, and keeps the query', async ({ serve }) => {
    const site = await serve({
      intercept: (path) =>
        isCallback(path) ? html('<script>location.replace("/" + location.search)</script>') : undefined,
    });
    await site.open();
    await site.signInByWindow('ana');
  });

  test('where the worker takes the response', async ({ serve }) => {
    const site = await serve({ intercept: fallback, config: registeredWith({ callback: 'worker' }) });
    await site.open();
    await site.signInByWindow('ana');
  });

  test('in a sign-in that takes the place of the page', async ({ serve }) => {
    const site = await serve({ intercept: fallback });
    await site.open('/?login=redirect');
    await site.page.getByRole('button', { name: 'Sign in' }).click();
    await site.page.getByLabel('Username').fill('ana');
    await site.page.getByLabel('Password').fill('ana-demo-1');
    await site.page.getByRole('button', { name: /sign in/i }).click();
    await site.page.waitForURL(`${site.url}/?login=redirect`);
    await site.ready();
    expect(await site.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  });

  test('in a silent sign-in', async ({ serve }) => {
    const site = await serve({ intercept: fallback, host: '127.0.0.1' });
    await site.open();
    await site.signInByWindow('ana');
    const username = site.run(() =>
      window.identity.signIn({ silent: true }).then((info) => info.username, String),
    );
    expect(await username).toBe('ana');
  });

  test('but leaves the response of another library alone', async ({ serve }) => {
    const site = await serve({});
    await site.open('/?code=theirs&state=theirs');
    await site.fetchJson(site.hosted(publicCountQuery()));
    expect(new URL(site.page.url()).search).toBe('?code=theirs&state=theirs');
  });
});

test.describe('no page takes the response: callback-page-missing', () => {
  const pages: Readonly<Record<string, ReturnType<Intercept>>> = {
    'nothing is there': { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found' },
    'a page without the library is there': html('<h1>Welcome</h1>'),
    'the server fails': { status: 500, headers: { 'content-type': 'text/html' }, body: 'Oops' },
    'the page asks for a sign-in to the site': html(
      '<script>location.replace("/login?next=" + encodeURIComponent(location.href))</script>',
    ),
    'the response is lost on the way to the app': redirect('/'),
  };
  for (const [name, page] of Object.entries(pages))
    test(name, { tag: ['@H11'] }, async ({ serve }) => {
      const site = await serve({ intercept: (path) => (path === '/signed-in.html' ? page : undefined) });
      await site.open();
      await site.fillIn(await site.openSignInWindow(), 'ana');
      await expect(site.page.getByRole('status')).toHaveText('callback-page-missing');
    });

  test('a request that waits gets the portal’s answer, and the developer the reason', async ({ serve }) => {
    const site = await serve({ intercept: (path) => (path === '/signed-in.html' ? html('') : undefined) });
    await site.open();
    const popup = await site.waitForPopup(() =>
      site.page.evaluate((url) => {
        window.outcome = fetch(url).then((response) => response.text());
      }, site.hosted(countQuery())),
    );
    await site.fillIn(popup, 'ana');
    expect(JSON.parse(await site.run(() => window.outcome ?? ''))).toMatchObject({ error: { code: 499 } });
    await expect.poll(() => site.run(() => window.reportedCodes)).toEqual(['callback-page-missing']);
  });
});

test.describe('something else in place of the worker’s script', () => {
  const readyCode = (site: TestApp): Promise<string> =>
    site.run(async () => {
      while (!('identity' in window)) await new Promise(requestAnimationFrame);
      return window.identity.ready.then(() => 'ready').catch(({ code }) => code);
    });
  const refusals: readonly (readonly [name: string, code: string, answer: ReturnType<Intercept>])[] = [
    ['a redirect to a sign-in page of the site', 'worker-script-redirected', redirect('/login')],
    ['a redirect to another site', 'worker-script-redirected', redirect('http://127.0.0.1:9/login')],
    ['a redirect to its new address', 'worker-script-redirected', redirect('/worker.js')],
    ['a redirect to another spelling', 'worker-script-redirected', redirect('/there/')],
    ['a redirect that never ends', 'worker-script-redirected', redirect('/there.js')],
    ...[401, 403, 407, 511, 451].map(
      (status) =>
        [
          `status ${status}`,
          status === 407 ? 'worker-script-unavailable' : 'worker-script-forbidden',
          { status, ...html('sign in') },
        ] as const,
    ),
    ...[404, 410].map(
      (status) => [`status ${status}`, 'worker-script-missing', { status, ...html('') }] as const,
    ),
    ...[500, 503, 429].map(
      (status) => [`status ${status}`, 'worker-script-unavailable', { status, ...html('') }] as const,
    ),
    ['the app’s page', 'worker-script-wrong-type', html(app)],
  ];
  for (const [name, code, answer] of refusals)
    test(`${name}: ${code}`, { tag: ['@A3'] }, async ({ serve }) => {
      const site = await serve({ intercept: (path) => (path === '/there.js' ? answer : undefined) });
      await site.page.goto(`${site.url}/?worker=/there.js`);
      expect(await readyCode(site)).toBe(code);
    });
});

test.describe('an embedder policy that the worker lacks', () => {
  const policy = (value: string) => ({ 'cross-origin-embedder-policy': value });
  const isolated = { ...policy('credentialless'), 'cross-origin-opener-policy': 'same-origin' };
  /** @returns What is reported of a page that shows a picture of a server. */
  async function reported(
    serve: Serve,
    page: Record<string, string>,
    scriptHeaders: Record<string, string> = {},
  ): Promise<string[]> {
    const site = await serve({
      intercept: (path) => {
        if (path === '/') return { headers: { 'content-type': 'text/html', ...page }, body: app };
        if (path !== '/worker.js') return undefined;
        return { headers: { 'content-type': 'text/javascript', ...scriptHeaders }, body: worker() };
      },
    });
    await site.open();
    const width = await site.run((url) => {
      const picture = new Image();
      document.body.append(picture);
      return new Promise<number>((resolve) => {
        picture.addEventListener('load', () => resolve(picture.naturalWidth));
        picture.addEventListener('error', () => resolve(0));
        picture.src = url;
      });
    }, site.hosted('Basemap/MapServer/tile/0/0/0'));
    const codes = (): Promise<string[]> => site.run(() => window.reportedCodes);
    if (width === 0) await expect.poll(codes).not.toEqual([]);
    return codes();
  }

  test('an isolated page is told', async ({ serve }) => {
    expect(await reported(serve, isolated)).toEqual(['embedder-policy-missing']);
  });
  test('a page that is not isolated is told when a picture fails', async ({ serve }) => {
    expect(await reported(serve, policy('credentialless'))).toEqual(['embedder-policy-missing']);
  });
  test('a page whose policy reports to an endpoint is told', async ({ serve }) => {
    expect(await reported(serve, policy('credentialless; report-to="coep"'))).toEqual([
      'embedder-policy-missing',
    ]);
  });
  test('with the header all is well', async ({ serve }) => {
    expect(await reported(serve, isolated, policy('credentialless'))).toEqual([]);
  });
  test('a page without a policy is left alone', async ({ serve }) => {
    expect(await reported(serve, {})).toEqual([]);
  });
});

test.describe('two apps of one origin', () => {
  test('one script under two scopes: neither shows the user of the other', async ({ serve, portal }) => {
    const site = await serve({
      config: registeredWith({ redirectUri: 'signed-in.html' }),
      intercept: (path) => (/^\/[ab]\/$/.test(path) ? html(app) : undefined),
    });
    portal.addRedirectUri(`${site.url}/a/signed-in.html`);
    await site.open('/a/?scope=/a/');
    const other = new TestApp(await site.page.context().newPage(), portal, site.url);
    await other.open('/b/?scope=/b/');
    await site.signIn('ana');
    await other.run(() => window.identity.inspectClients());
    expect(await other.run(() => window.identity.credentials)).toEqual([]);
    expect(await site.run(() => window.identity.credentials.length)).toBe(1);
  });

  const others: readonly string[] = [
    '/other.js',
    '/worker.js?app=2',
    '/app/../other.js',
    '/deep/other.js',
    '/worker.js?app=b',
  ];
  for (const other of others)
    test(`/worker.js and ${other} under one scope: worker-scope-shared`, async ({ serve }) => {
      const site = await serve({
        headers: { 'service-worker-allowed': '/' },
        intercept: (path) => (path.endsWith('other.js') ? script(`${worker()}\n// ${path}`) : undefined),
      });
      const open = (url: string): Promise<void> => site.open(`/?scope=/&worker=${encodeURIComponent(url)}`);
      const codes = (): Promise<string[]> => site.run(() => window.reportedCodes);
      await open('/worker.js');
      await open(other);
      expect(await codes()).toEqual([]);
      await open('/worker.js');
      await open(other);
      await expect.poll(codes).toEqual(['worker-scope-shared']);
    });

  test('a page learns that another script has taken the place of its own', async ({ serve }) => {
    const site = await serve({
      intercept: (path) =>
        path === '/other.js'
          ? script(
              "addEventListener('install', () => skipWaiting()); addEventListener('activate', (e) => e.waitUntil(clients.claim()));",
            )
          : undefined,
    });
    await site.open();
    await site.run(() => navigator.serviceWorker.register('/other.js').then(() => undefined));
    // Chromium lets the other worker in once this one has nothing to do.
    await expect
      .poll(() => site.run(() => window.reportedCodes), { timeout: 40_000 })
      .toEqual(['worker-scope-shared']);
  });

  test('the next version of an app may have another script, also while the former one is open', async ({
    serve,
    portal,
  }) => {
    const site = await serve({
      intercept: (path) => (path === '/other.js' ? script(`${worker()}\n`) : undefined),
    });
    await site.open();
    const next = new TestApp(await site.page.context().newPage(), portal, site.url);
    for (let time = 0; time < 3; time += 1) await next.open('/?worker=/other.js');
    expect(await site.run(() => window.reportedCodes)).toEqual([]);
  });
});

/** What keeps the worker from the page, and wrong registrations of portals: each a typed error with a code of its own. */
import { startAppServer } from '../../demo/app-server.js';
import { expect, registration, serveApp, test } from '../support/fixtures.js';

/** The error that `identity.ready` of the page rejects with. */
const readyCode = (): Promise<string> =>
  window.identity.ready.then(() => 'ready').catch((error) => `${error.name}/${error.code}`);

test.describe('the worker’s script', () => {
  test('a missing script is worker-script-missing', { tag: ['@A3'] }, async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/nowhere.js`);
    expect(await app.run(readyCode)).toBe('ConfigurationError/worker-script-missing');
  });

  test('a script that is a page is worker-script-wrong-type', { tag: ['@A3'] }, async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/signed-in.html`);
    expect(await app.run(readyCode)).toBe('ConfigurationError/worker-script-wrong-type');
  });

  test('a worker for another part of the site is page-uncontrolled', { tag: ['@A1'] }, async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/worker.js&scope=/signed-in.html`);
    expect(await app.run(readyCode)).toBe('ConnectionError/page-uncontrolled');
  });

  test(
    'a worker that may not control the wished scope is worker-scope-refused',
    { tag: ['@A3'] },
    async ({ portal, page }) => {
      const server = await startAppServer({
        folders: ['e2e/pages', 'dist/e2e'],
        intercept: (path) => (path === '/deep/worker.js' ? script('') : undefined),
      });
      await page.goto(`${server.url}/?worker=/deep/worker.js&scope=/`);
      expect(await page.evaluate(readyCode)).toBe('ConfigurationError/worker-scope-refused');
      await server.close();
      expect(portal.log.entries).toEqual([]);
    },
  );

  test('a script that throws is worker-script-failed', { tag: ['@A3'] }, async ({ page }) => {
    const server = await startAppServer({
      folders: ['e2e/pages', 'dist/e2e'],
      intercept: (path) => (path === '/throws.js' ? script('throw 1') : undefined),
    });
    await page.goto(`${server.url}/?worker=/throws.js`);
    expect(await page.evaluate(readyCode)).toBe('ConfigurationError/worker-script-failed');
    await server.close();
  });

  for (const [cause, body] of [
    ['throws', 'throw 1'],
    ['is registered as a module', ''],
  ] as const)
    test(
      `a sealed worker that ${cause}: the message names both causes`,
      { tag: ['@A3'] },
      async ({ page, portal }) => {
        const server = await serveApp(portal, {
          isSealed: true,
          intercept: (path) => (path === '/worker.js' ? script(body) : undefined),
        });
        await page.goto(body ? server.url : `${server.url}/?type=module`);
        const text = await page.evaluate(() => window.identity.ready.catch(({ message }) => message));
        expect(text).toMatch(/shows an error, correct it.* register a classic worker/);
        await server.close();
      },
    );

  test.describe('blocked', () => {
    test.use({ appHeaders: { 'content-security-policy': "worker-src 'none'" } });
    test('a worker blocked by the page’s policy is worker-blocked', { tag: ['@A3'] }, async ({ app }) => {
      await app.page.goto(app.url);
      expect(await app.run(readyCode)).toBe('ConfigurationError/worker-blocked');
    });
  });

  test('a worker of other software is worker-unreachable after a time limit', async ({ page }) => {
    const server = await startAppServer({
      folders: ['e2e/pages', 'dist/e2e'],
      intercept: (path) =>
        path === '/other.js'
          ? script("self.addEventListener('activate', (e) => e.waitUntil(clients.claim()))")
          : undefined,
    });
    await page.clock.install();
    await page.goto(`${server.url}/?worker=/other.js`);
    let code: string | undefined;
    void page.evaluate(readyCode).then((found) => (code = found));
    await expect
      .poll(async () => {
        await page.clock.fastForward(10_000);
        return code;
      })
      .toBe('ConnectionError/worker-unreachable');
    await server.close();
  });
});

test.describe('the worker’s registration of a portal', () => {
  const wrong: readonly [name: string, code: string, changes: Record<string, unknown>][] = [
    ['an http portal that is not loopback', 'portal-insecure', { url: 'http://gis.example.org/portal' }],
    ['a relative portal URL', 'portal-url-invalid', { url: '/portal' }],
    ['a malformed portal URL', 'portal-url-invalid', { url: 'https//gis.example.org' }],
    ['no client id', 'client-id-missing', { clientId: '' }],
    [
      'a redirect URI of another site',
      'redirect-uri-outside-scope',
      { redirectUri: 'https://app.example.org/signed-in.html' },
    ],
    ['an unknown placement', 'option-invalid', { tokenPlacement: 'cookie' }],
  ];
  for (const [name, code, changes] of wrong) {
    test.describe(name, () => {
      test.use({
        identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), ...changes }] }) },
      });
      test(
        `the page gets ${code}, and its requests go on as without the worker`,
        { tag: ['@S3'] },
        async ({ app }) => {
          await app.page.goto(app.url);
          expect(await app.run(readyCode)).toBe(`ConfigurationError/${code}`);
          expect(await app.fetch(app.hosted('Countries/FeatureServer/0/query?f=json'))).toMatchObject({
            status: 200,
          });
        },
      );
    });
  }

  test.describe('two portals with the same resource', () => {
    test.use({
      identityConfig: {
        make: (portal) => ({
          arcgis: [registration(portal), { ...registration(portal), url: 'https://gis.example.org/portal' }],
        }),
      },
    });
    test('the page gets registrations-overlap', async ({ app }) => {
      await app.page.goto(app.url);
      expect(await app.run(readyCode)).toBe('ConfigurationError/registrations-overlap');
    });
  });
});

test.describe('no service worker', () => {
  test(
    'a browser without service workers is service-worker-unsupported',
    { tag: ['@A4'] },
    async ({ app }) => {
      await app.page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
      await app.page.goto(app.url);
      expect(await app.run(readyCode)).toBe('ConfigurationError/service-worker-unsupported');
    },
  );

  test('an insecure context is context-insecure', { tag: ['@A3'] }, async ({ app }) => {
    await app.page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
    await app.page.goto(app.url);
    expect(await app.run(readyCode)).toBe('ConfigurationError/context-insecure');
  });
});

const script = (body: string): { headers: Record<string, string>; body: string } => ({
  headers: { 'content-type': 'text/javascript' },
  body,
});

for (const [what, worker, code] of [
  ['is not there', '/nowhere.js', 'worker-script-missing'],
  ['is a page', '/signed-in.html', 'worker-script-wrong-type'],
] as const) {
  test(
    `with a worker script that ${what} signing in fails at once, and the portal is not opened`,
    { tag: ['@A3'] },
    async ({ app }) => {
      await app.page.goto(`${app.url}/?worker=${worker}`);
      await app.page.getByRole('button', { name: 'Sign in' }).click();
      await expect(app.page.getByRole('status')).toHaveText(code);
      await expect.poll(() => app.page.context().pages().length).toBe(1);
      expect(app.portal.log.entries).toEqual([]);
    },
  );
}

/** Wrong configurations and wrong answers: each a typed error with a stable code and a sentence that says what to do. */
import { startAppServer } from '../../demo/app-server.js';
import { expect, registration, serveApp, test, type TestApp } from '../support/fixtures.js';

/** The code with which `identity.ready` of a page fails. */
const readyCode = (): Promise<string> =>
  window.identity.ready.then(() => 'ready').catch((error) => `${error.name}/${error.code}`);

test.describe('the worker’s script', () => {
  test('is missing', async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/nowhere.js`);
    expect(await app.run(readyCode)).toBe('ConfigurationError/worker-script-missing');
  });

  test('is something else than a script', async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/signed-in.html`);
    expect(await app.run(readyCode)).toBe('ConfigurationError/worker-script-wrong-type');
  });

  test('controls another part of the site', async ({ app }) => {
    await app.page.goto(`${app.url}/?worker=/worker.js&scope=/signed-in.html`);
    expect(await app.run(readyCode)).toBe('ConnectionError/page-uncontrolled');
  });

  test('may not control the wished scope', async ({ portal, page }) => {
    const server = await startAppServer({
      folders: ['e2e/pages', 'dist/e2e'],
      intercept: (path) => (path === '/deep/worker.js' ? script('') : undefined),
    });
    await page.goto(`${server.url}/?worker=/deep/worker.js&scope=/`);
    expect(await page.evaluate(readyCode)).toBe('ConfigurationError/worker-scope-refused');
    await server.close();
    expect(portal.log.entries).toEqual([]);
  });

  test('throws', async ({ page }) => {
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
    test(`is sealed and ${cause}: the message names both causes`, async ({ page, portal }) => {
      const server = await serveApp(portal, {
        isSealed: true,
        intercept: (path) => (path === '/worker.js' ? script(body) : undefined),
      });
      await page.goto(body ? server.url : `${server.url}/?type=module`);
      const message = await page.evaluate(() => window.identity.ready.catch(({ message }) => message));
      expect(message).toMatch(/shows an error, correct it.* register a classic worker/);
      await server.close();
    });

  test.describe('is blocked by the page’s policy', () => {
    test.use({ appHeaders: { 'content-security-policy': "worker-src 'none'" } });
    test('says so', async ({ app }) => {
      await app.page.goto(app.url);
      expect(await app.run(readyCode)).toBe('ConfigurationError/worker-blocked');
    });
  });

  test('is of somebody else: the page does not wait for ever', async ({ page }) => {
    test.slow();
    const server = await startAppServer({
      folders: ['e2e/pages', 'dist/e2e'],
      intercept: (path) =>
        path === '/other.js'
          ? script("self.addEventListener('activate', (e) => e.waitUntil(clients.claim()))")
          : undefined,
    });
    await page.goto(`${server.url}/?worker=/other.js`);
    expect(await page.evaluate(readyCode)).toBe('ConnectionError/worker-unreachable');
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
      test(`is answered to the page as ${code}, and the page’s requests go on as without us`, async ({
        app,
      }) => {
        await app.page.goto(app.url);
        expect(await app.run(readyCode)).toBe(`ConfigurationError/${code}`);
        expect(await app.fetch(app.hosted('Countries/FeatureServer/0/query?f=json'))).toMatchObject({
          status: 200,
        });
      });
    });
  }

  test.describe('two that own the same URL', () => {
    test.use({
      identityConfig: {
        make: (portal) => ({
          arcgis: [registration(portal), { ...registration(portal), url: 'https://gis.example.org/portal' }],
        }),
      },
    });
    test('registrations-overlap', async ({ app }) => {
      await app.page.goto(app.url);
      expect(await app.run(readyCode)).toBe('ConfigurationError/registrations-overlap');
    });
  });
});

test.describe('no service worker', () => {
  test('in this browser', async ({ app }) => {
    await app.page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
    await app.page.goto(app.url);
    expect(await app.run(readyCode)).toBe('ConfigurationError/service-worker-unsupported');
  });

  test('in an insecure context', async ({ app }) => {
    await app.page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
    await app.page.goto(app.url);
    expect(await app.run(readyCode)).toBe('ConfigurationError/context-insecure');
  });
});

test.describe('answers', () => {
  test.beforeEach(({ app }) => app.open());

  /** Makes a call in the page. @returns `fine`, or class and code of its error. */
  const run = (app: TestApp, call: () => Promise<unknown>): Promise<string> =>
    app.page.evaluate(`(${call.toString()})().then(() => 'fine', (error) => error.name + '/' + error.code)`);

  test('for an unknown authorization URL', async ({ app }) => {
    expect(
      await run(app, () => window.identity.setOAuthCodeForUrl('https://a.example/authorize?state=1', 'code')),
    ).toBe('ChallengeError/authorization-url-unknown');
  });

  test('for a portal that is not registered', async ({ app }) => {
    expect(await run(app, () => window.identity.signIn('https://a.example/portal'))).toBe(
      'ConfigurationError/portal-not-registered',
    );
    expect(await run(app, () => window.identity.signOut('nonsense'))).toBe(
      'ConfigurationError/portal-not-registered',
    );
  });

  test('with an empty code, a wrong code, a used code', async ({ app, portal }) => {
    await app.run(() => {
      window.identity.addEventListener('oauth-code-required', (event) => {
        event.preventDefault();
        window.challenge = event;
      });
      void window.identity.signIn().catch(() => undefined);
    });
    await expect.poll(() => app.run(() => window.challenge !== undefined)).toBe(true);
    expect(
      await run(app, () => window.identity.setOAuthCodeForUrl(window.challenge!.authorizationUrl, '  ')),
    ).toBe('ChallengeError/code-missing');
    expect(
      await run(app, () => window.identity.setOAuthCodeForUrl(window.challenge!.authorizationUrl, 'wrong')),
    ).toBe('ChallengeError/code-refused');
    expect(
      await run(app, () => window.identity.setOAuthCodeForUrl(window.challenge!.authorizationUrl, 'wrong')),
    ).toMatch(/ChallengeError\/(code-reused|authorization-url-unknown)/);
    expect(app.tokenRequests()).toBe(1);
    expect(portal.control.tokens().filter(({ kind }) => kind === 'access')).toEqual([]);
  });

  test('access denied', async ({ app }) => {
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await expect(app.page.getByRole('status')).toHaveText('access-denied');
  });

  test('messages that are not ours change nothing and break nothing', async ({ app }) => {
    await app.run(async () => {
      const worker = navigator.serviceWorker.controller!;
      for (const message of [
        null,
        1,
        'x',
        [],
        {},
        { type: 'identity:connect' },
        { type: 'identity:nonsense', version: 1 },
        { type: 'CACHE_URLS', payload: { urlsToCache: ['/x'] } },
      ]) {
        worker.postMessage(message);
      }
      const { port2 } = new MessageChannel();
      worker.postMessage({ type: 'identity:connect', version: 1, payload: 1 }, [port2]);
    });
    await app.signIn('ana');
  });

  test('a page of another protocol version is told so', async ({ app }) => {
    const answer = await app.run(async () => {
      const { port1, port2 } = new MessageChannel();
      navigator.serviceWorker.controller!.postMessage({ type: 'identity:connect', version: 99 }, [port2]);
      const answered = new Promise<string>((resolve) => {
        port1.addEventListener('message', ({ data }) => {
          if (data.id === 'x') resolve(JSON.stringify(data.value));
        });
      });
      port1.start();
      port1.postMessage({ id: 'x', type: 'APPLY', path: ['state'], argumentList: [] });
      return answered;
    });
    expect(JSON.parse(answer)).toEqual({
      ok: false,
      error: { code: 'protocol-mismatch', facts: { pageVersion: 99, workerVersion: 1 } },
    });
  });
});

const script = (body: string): { headers: Record<string, string>; body: string } => ({
  headers: { 'content-type': 'text/javascript' },
  body,
});

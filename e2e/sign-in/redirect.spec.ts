/** The sign-in that takes the place of the page: asked for, gone to, come back from, and what survives meanwhile. */
import { expect, registration, test, type IdentityConfig, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const aCount = { count: expect.any(Number) as unknown };
const address = '/?login=redirect&long&layer=a%20b#at=1/2';

const withOptions = (options: Record<string, unknown>): IdentityConfig => ({
  make: (portal) => ({ arcgis: [{ ...registration(portal), ...options }] }),
});

/** A request meets the wall; the person goes to the portal by the dialog. */
async function leave(app: TestApp): Promise<void> {
  await app.run((url) => void fetch(url).catch(() => undefined), app.hosted(count));
  await app.dialogShown();
  const dialog = app.page.getByRole('dialog', { name: 'Sign in to Demo Portal' });
  await expect(dialog.getByRole('paragraph').first()).toHaveText(
    'This page shows content that Demo Portal protects. Signing in takes you to Demo Portal, and then back here.',
  );
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await app.page.getByLabel('Username').waitFor();
}

/** The page that has been come back to. */
async function backAt(app: TestApp, path = address): Promise<void> {
  await app.page.waitForURL(app.url + path);
  await app.ready();
}

const outcome = (app: TestApp): Promise<{ portal?: string; error?: string }> =>
  app.run(() => {
    const { portal, error } = window.identity.redirectOutcome ?? {};
    return { ...(portal === undefined ? {} : { portal }), ...(error ? { error: error.code } : {}) };
  });

const scrollOf = (app: TestApp): Promise<number> => app.run(() => scrollY);

for (const callback of ['page', 'worker'] as const) {
  test.describe(`answers taken by the ${callback}`, () => {
    test.use({ identityConfig: withOptions({ callback }) });

    test('a request asks, the page goes to the portal and comes back as it was', async ({ app }) => {
      const seen: string[] = [];
      app.page.on('framenavigated', (frame) => seen.push(frame.url()));
      await app.open(address);
      await app.run(() => scrollTo(0, 1234));
      await leave(app);
      await fillInForm(app.page, 'ana');
      await backAt(app);
      expect(await outcome(app)).toEqual({ portal: app.portal.url });
      await expect.poll(() => scrollOf(app)).toBe(1234);
      expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
      expect(app.tokenRequests()).toBe(1);
      expect(app.page.context().pages()).toHaveLength(1);
      // No code in any address of ours that a page was shown at, where the worker takes it.
      const codes = seen.filter((url) => url.startsWith(app.url) && url.includes('code='));
      expect(codes).toHaveLength(callback === 'page' ? 1 : 0);
      await app.page.reload();
      await app.ready();
      expect(await outcome(app)).toEqual({});
    });

    test('who declines comes back unsigned, and is not asked again', async ({ app }) => {
      await app.open(address);
      await leave(app);
      await app.page.getByRole('button', { name: 'Cancel' }).click();
      await backAt(app);
      expect(await outcome(app)).toEqual({ portal: app.portal.url, error: 'access-denied' });
      expect(await app.fetchJson(app.hosted(count))).toMatchObject({ error: { code: 499 } });
      expect(await app.isAsking()).toBe(false);
      // Until they act.
      await app.page.getByRole('button', { name: 'Sign in' }).click();
      await fillInForm(app.page, 'ana');
      await backAt(app);
      expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
    });
  });
}

test('signIn goes at once', async ({ app }) => {
  await app.open(address);
  await app.run(() => void window.identity.signIn());
  await fillInForm(app.page, 'ben');
  await backAt(app);
  expect(await app.run(() => window.identity.credentials[0]?.username)).toBe('ben');
});

test('an app on the home screen of an iPhone opens no window', async ({ app }) => {
  await app.page.addInitScript(() => Object.defineProperty(navigator, 'standalone', { value: true }));
  await app.open();
  await app.page.getByRole('button', { name: 'Sign in' }).click();
  await fillInForm(app.page, 'ana');
  await backAt(app, '/');
  expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
  expect(app.page.context().pages()).toHaveLength(1);
});

test('going back instead of signing in asks again, and works', async ({ app }) => {
  await app.open(address);
  await leave(app);
  await app.page.goBack();
  await backAt(app);
  expect(await outcome(app)).toEqual({});
  await leave(app);
  await fillInForm(app.page, 'ana');
  await backAt(app);
  expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
});

test('a portal that is out of reach when the code comes: back, and told why', async ({ app }) => {
  await app.open(address);
  await leave(app);
  app.portal.control.fault('/oauth2/token', { status: 503 });
  await fillInForm(app.page, 'ana');
  await backAt(app);
  expect(await outcome(app)).toEqual({ portal: app.portal.url, error: 'portal-unreachable' });
});

for (const persistence of ['persistent', 'memory'] as const) {
  test.describe(persistence, () => {
    test.use({ identityConfig: withOptions({ persistence }) });

    test('an app that is killed while the person signs in goes on where it was', async ({ app }) => {
      await app.open(address);
      await leave(app);
      await app.stopWorker();
      const { page } = app;
      const tab = await page.context().newPage();
      await tab.goto(page.url());
      await page.close();
      await fillInForm(tab, 'ana');
      await tab.waitForURL(app.url + address);
      await tab.waitForFunction(() => 'identity' in window);
      expect(
        await tab.evaluate(async (url) => {
          await window.identity.ready;
          return (await fetch(url)).json() as Promise<unknown>;
        }, app.hosted(count)),
      ).toEqual(aCount);
    });
  });
}

test('an address of another site is never come back to', async ({ app, portal }) => {
  await app.open(address);
  await app.run(() => {
    const send = Reflect.get(MessagePort.prototype, 'postMessage') as (...all: unknown[]) => void;
    // Page script that has turned hostile rewrites the call.
    MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, ...rest: unknown[]) {
      const text = JSON.stringify(message);
      const forged = text.includes('depart') ? text.replace(location.href, 'https://evil.example/') : text;
      Reflect.apply(send, this, [JSON.parse(forged), ...rest]);
    };
  });
  await app.run((url) => void fetch(url).catch(() => undefined), app.hosted(count));
  await app.dialogShown();
  await app.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await expect(app.page.getByRole('alert')).toContainText('interrupted');
  expect(app.page.url()).toBe(app.url + address);
  expect(portal.log.count({ path: /authorize$/ })).toBe(0);
});

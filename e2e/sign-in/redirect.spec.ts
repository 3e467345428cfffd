/** The sign-in in place of the page: there and back, and what survives meanwhile. */
import { expect, registeredWith, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { fillInForm } from '../support/oauth-client.js';

const address = '/?login=redirect&long&layer=a%20b#at=1/2';

/** A request needs a sign-in, and the user goes to the portal through the dialog. */
async function leave(app: TestApp): Promise<void> {
  await app.run((url) => void fetch(url).catch(() => undefined), app.hosted(countQuery()));
  await app.waitForDialog();
  const dialog = app.page.getByRole('dialog', { name: 'Sign in to Demo Portal' });
  await expect(dialog.getByRole('paragraph').first()).toHaveText(
    'This page shows content that Demo Portal protects. Signing in takes you to Demo Portal, and then back here.',
  );
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await app.page.getByLabel('Username').waitFor();
}

/** Waits until the page is back. */
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
  test.describe(`callback by the ${callback}`, () => {
    test.use({ identityConfig: registeredWith({ callback }) });

    test(
      'a request prompts, the page goes to the portal and returns as it was',
      { tag: ['@H11'] },
      async ({ app }) => {
        const seen: string[] = [];
        app.page.on('framenavigated', (frame) => seen.push(frame.url()));
        await app.open(address);
        await app.run(() => scrollTo(0, 1234));
        await leave(app);
        await fillInForm(app.page, 'ana');
        await backAt(app);
        expect(await outcome(app)).toEqual({ portal: app.portal.url });
        await expect.poll(() => scrollOf(app)).toBe(1234);
        expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
        expect(app.tokenRequests()).toBe(1);
        expect(app.page.context().pages()).toHaveLength(1);
        // No code in any address of ours that a page was shown at, where the worker takes it.
        const codes = seen.filter((url) => url.startsWith(app.url) && url.includes('code='));
        expect(codes).toHaveLength(callback === 'page' ? 1 : 0);
        await app.page.reload();
        await app.ready();
        expect(await outcome(app)).toEqual({});
      },
    );

    test('a user who declines returns unsigned, and is not prompted again', async ({ app }) => {
      await app.open(address);
      await leave(app);
      await app.page.getByRole('button', { name: 'Cancel' }).click();
      await backAt(app);
      expect(await outcome(app)).toEqual({ portal: app.portal.url, error: 'access-denied' });
      expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 499 } });
      expect(await app.isPrompting()).toBe(false);
      // Until they act.
      await app.page.getByRole('button', { name: 'Sign in' }).click();
      await fillInForm(app.page, 'ana');
      await backAt(app);
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    });
  });
}

test('signIn navigates at once', async ({ app }) => {
  await app.open(address);
  await app.run(() => void window.identity.signIn());
  await fillInForm(app.page, 'ben');
  await backAt(app);
  expect(await app.run(() => window.identity.credentials[0]?.username)).toBe('ben');
});

test('an app on the home screen of an iPhone opens no window', { tag: ['@H9'] }, async ({ app }) => {
  await app.page.addInitScript(() => Object.defineProperty(navigator, 'standalone', { value: true }));
  await app.open();
  await app.page.getByRole('button', { name: 'Sign in' }).click();
  await fillInForm(app.page, 'ana');
  await backAt(app, '/');
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  expect(app.page.context().pages()).toHaveLength(1);
});

test('going back instead of signing in prompts again, and works', async ({ app }) => {
  await app.open(address);
  await leave(app);
  await app.page.goBack();
  await backAt(app);
  expect(await outcome(app)).toEqual({});
  await leave(app);
  await fillInForm(app.page, 'ana');
  await backAt(app);
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
});

test('with a portal out of reach when the code arrives, the page returns and is told why', async ({
  app,
}) => {
  await app.open(address);
  await leave(app);
  app.portal.control.fault('/oauth2/token', { status: 503 });
  await fillInForm(app.page, 'ana');
  await backAt(app);
  expect(await outcome(app)).toEqual({ portal: app.portal.url, error: 'portal-unreachable' });
});

for (const callback of ['page', 'worker'] as const) {
  test.describe(`callback by the ${callback}`, () => {
    test.use({ identityConfig: registeredWith({ callback }) });

    test(
      'a stop while the code is redeemed: the page that the user opens again is told, and the next sign-in works',
      { tag: ['@B3'] },
      async ({ app }) => {
        const other = await app.newTab();
        await app.open(address);
        await leave(app);
        const hold = app.portal.control.hold('/oauth2/token');
        // Where the worker takes the code, the browser does not send the navigation again: it never ends.
        void fillInForm(app.page, 'ana').catch(() => undefined);
        await hold.reached(1);
        // From a page of the app: this one is at the portal.
        await other.stopWorker();
        await other.page.close();
        hold.release();
        // The callback page goes back by itself.
        if (callback === 'worker') await app.page.goto(app.url + address);
        await backAt(app);
        expect(await outcome(app)).toEqual({ portal: app.portal.url, error: 'sign-in-interrupted' });
        expect(app.tokenRequests('authorization_code')).toBe(1);
        await app.run(() => void window.identity.signIn());
        await app.page.waitForURL(app.url + address);
        await expect.poll(() => outcome(app).catch(() => undefined)).toEqual({ portal: app.portal.url });
        expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      },
    );
  });
}

for (const persistence of ['persistent', 'memory'] as const) {
  test.describe(persistence, () => {
    test.use({ identityConfig: registeredWith({ persistence }) });

    test(
      'an app that is killed during the sign-in goes on where it was',
      { tag: ['@H9'] },
      async ({ app }) => {
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
          }, app.hosted(countQuery())),
        ).toEqual(aCount);
      },
    );
  });
}

test(
  'an address of another site is never returned to',
  { tag: ['@user-interface'] },
  async ({ app, portal }) => {
    await app.open(address);
    await app.run(() => {
      const send = Reflect.get(MessagePort.prototype, 'postMessage') as (...all: unknown[]) => void;
      // Page script that has turned hostile rewrites the call.
      MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, ...rest: unknown[]) {
        const text = JSON.stringify(message);
        const forged = text.includes('saveReturnTo')
          ? text.replace(location.href, 'https://evil.example/')
          : text;
        Reflect.apply(send, this, [JSON.parse(forged), ...rest]);
      };
    });
    await app.run((url) => void fetch(url).catch(() => undefined), app.hosted(countQuery()));
    await app.waitForDialog();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('alert')).toContainText('interrupted');
    expect(app.page.url()).toBe(app.url + address);
    expect(portal.log.count({ path: /authorize$/ })).toBe(0);
  },
);

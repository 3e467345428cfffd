/** A session over time, in every engine. */
import { registeredWith } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { cannot, EngineApp, EnginePage, expect, fillInForm, needs, test } from './fixtures.js';

test('refresh: ten requests with an expired token cost one', { tag: '@smoke' }, async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.expireAccessTokens();
  const counts = await app.page.run(
    (urls) =>
      Promise.all(
        urls.map(async (url) => ((await (await fetch(url)).json()) as { count?: number }).count ?? 0),
      ),
    Array.from({ length: 10 }, (_, index) => app.hosted(countQuery(index))),
  );
  expect(counts.filter((count) => count > 0)).toHaveLength(10);
  expect(app.tokenRequests('refresh_token')).toBe(1);
  expect(await app.isDialogOpen()).toBe(false);
});

for (const style of ['html200', 'status401'] as const)
  test(`refused token (${style}): refreshed, and the page gets the data`, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.control.setErrorStyle(style);
    app.portal.control.revokeAccessTokens();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(1);
  });

test(
  '498 in a response with status 200: refreshed, and the page gets the data',
  { tag: '@smoke' },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.control.revokeAccessTokens();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    const answers = app.portal.log.requests({ path: /query$/, method: 'GET' });
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(app.tokenRequests('refresh_token')).toBe(1);
  },
);

test(
  'worker stop: the next request is signed, without a new token',
  { tag: '@smoke' },
  async ({ app, driver }) => {
    needs(driver, 'stopWorkers');
    await app.open();
    await app.signIn('ana');
    await driver.stopWorkers(app.page.window);
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(await app.usernames()).toEqual(['ana']);
    expect(app.tokenRequests()).toBe(1);
  },
);

test('worker stop during the sign-in: it ends signed in', async ({ app, driver }) => {
  needs(driver, 'stopWorkers');
  await app.open();
  const popup = await app.openSignInWindow();
  await popup.waitForElement('#username');
  await driver.stopWorkers(app.page.window);
  await app.fillIn(popup, 'ana');
  await app.page.waitForText('#status', 'signed in as ana');
  expect(app.tokenRequests()).toBe(1);
});

test('worker stop while a request waits: it is answered after the sign-in', async ({
  app,
  driver,
  engine,
}) => {
  cannot(engine, 'firefox', 'Firefox does not send a request again whose worker stopped in the middle.');
  needs(driver, 'stopWorkers');
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  const popup = await app.openWindowFromDialog();
  await popup.waitForElement('#username');
  await driver.stopWorkers(app.page.window);
  await app.fillIn(popup, 'ana');
  expect(await answer).toEqual(aCount);
});

for (const persistence of ['persistent', 'sealed'])
  test.describe(persistence, () => {
    test.use({
      isSealed: persistence === 'sealed',
      identityConfig: registeredWith({ persistence, callback: 'worker' }),
    });

    test(`browser restart: still signed in, persistence ${persistence}`, async ({
      launch,
      driver,
      portal,
      serve,
    }) => {
      needs(driver, 'restart');
      const browser = await launch({});
      needs(browser, 'restart');
      const url = await serve();
      const open = async (): Promise<EngineApp> => {
        const app = new EngineApp(new EnginePage(browser, await browser.openWindow()), portal, url);
        await app.open();
        return app;
      };
      await (await open()).signIn('ana');
      await browser.restart();
      const app = await open();
      expect(await app.usernames()).toEqual(['ana']);
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      expect(app.tokenRequests('authorization_code')).toBe(1);
      app.expectNothingLeaked();
    });
  });

test('sign-out reaches the other tab, and the portal', { tag: '@smoke' }, async ({ app, portal }) => {
  await app.open();
  await app.signIn('ana');
  const other = await app.newTab();
  expect(await other.usernames()).toEqual(['ana']);
  await app.page.run(() => window.identity.signOut());
  await expect.poll(() => other.usernames()).toEqual([]);
  await portal.log.waitFor({ path: /revokeToken/, status: 200 });
  portal.log.clear();
  void other.fetch(other.hosted(countQuery())).catch(() => undefined);
  await other.page.waitForElement('dialog');
  expect(portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
});

test(
  'offline, then online: still signed in',
  { tag: '@smoke' },
  async ({ driver, launch, portal, serve }) => {
    needs(driver, 'setOffline');
    // Of its own: Chromium waits for stopped workers of earlier tests when its network is taken away.
    const browser = await launch({});
    needs(browser, 'setOffline');
    const app = new EngineApp(new EnginePage(browser, await browser.openWindow()), portal, await serve());
    await app.open();
    await app.signIn('ana');
    portal.control.expireAccessTokens();
    await browser.setOffline(true);
    expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
    expect(await app.usernames()).toEqual(['ana']);
    await browser.setOffline(false);
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    expect(app.tokenRequests('authorization_code')).toBe(1);
    expect(await app.isDialogOpen()).toBe(false);
    app.expectNothingLeaked();
  },
);

test('portal that cannot be reached, then can: still signed in', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.expireAccessTokens();
  const repairs = [/query$/, /oauth2\/token/].map((path) => app.portal.control.fault(path, { drop: true }));
  expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
  for (const repair of repairs) repair();
  expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
  expect(app.tokenRequests('authorization_code')).toBe(1);
  expect(await app.isDialogOpen()).toBe(false);
});

/** Chromium ends a fetch event after 300 s, Firefox an idle worker's after 60 s. */
const PAST_THE_LIMITS_MS = 320_000;

test('a user who takes more than five minutes: the requests are answered', async ({ app }) => {
  test.setTimeout(PAST_THE_LIMITS_MS + 60_000);
  await app.open();
  const answers = Promise.all([
    app.fetchJson(app.hosted(countQuery())),
    app.fetchJson(app.hosted('Echo?f=json'), { method: 'POST', body: 'kept through every hand-over' }),
  ]);
  await app.page.waitForElement('.main');
  await app.page.run((ms) => new Promise((resolve) => setTimeout(resolve, ms)), PAST_THE_LIMITS_MS);
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect(await answers).toMatchObject([aCount, { user: 'ana', bodyLength: 28 }]);
});

test.describe('callback by the worker', () => {
  test.use({ isSealed: true, identityConfig: registeredWith({ persistence: 'sealed', callback: 'worker' }) });

  test('worker stop while it redeems the code: the sign-in ends, and the next one works', async ({
    app,
    driver,
    portal,
  }) => {
    needs(driver, 'stopWorkers');
    await app.open();
    const hold = portal.control.hold('/oauth2/token');
    const popup = await app.openSignInWindow();
    await fillInForm(popup, 'ana');
    await hold.reached(1);
    await driver.stopWorkers(app.page.window);
    hold.release();
    // As the messages of a page in a sign-in do, every 10 s.
    await app.page.run(() => window.identity.inspectClients());
    await app.page.waitForText('#status', 'sign-in-interrupted');
    await popup.waitForClose();
    // The portal knows the user still.
    await app.openSignInWindow();
    await app.page.waitForText('#status', 'signed in as ana');
    expect(app.tokenRequests('authorization_code')).toBe(2);
  });
});

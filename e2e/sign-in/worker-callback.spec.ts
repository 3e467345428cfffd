/** The callback page where the worker takes the code out of its address. */
import { expect, registeredWith, serveApp, test, TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const workerCallback = registeredWith({ persistence: 'sealed', callback: 'worker' });

/** What the callback page could read of its own addresses before any other script. */
const addressesOfCallback = (app: TestApp): Promise<string> =>
  app.run(() => localStorage.getItem('addresses of the callback page') ?? '');

const keepAddressesOfCallback = (app: TestApp): Promise<void> =>
  app.run(() => localStorage.setItem('addresses of the callback page', ''));

test('control: by default the callback page reads the code', async ({ app }) => {
  await app.open();
  await keepAddressesOfCallback(app);
  await app.signInByWindow('ana');
  await expect.poll(() => addressesOfCallback(app)).toMatch(/code=/);
});

test.describe('callback by the worker', () => {
  test.use({ identityConfig: workerCallback, isSealed: true });

  test('the callback page learns the outcome, and never sees a code', async ({ app }) => {
    await app.open();
    await keepAddressesOfCallback(app);
    await app.handleChallengesInApp();
    const outcome = await app.startSignIn();
    await app.fillInTab((await app.challengeUrl()).href, 'ana');
    await expect.poll(outcome).toBe('signed in as ana');
    await expect.poll(() => addressesOfCallback(app)).toMatch(/signed-in\.html\?identity-worker=signed-in/);
    expect(await addressesOfCallback(app)).not.toMatch(/code=|state=/);
  });

  test(
    'a user who declines ends the sign-in with access-denied',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      const outcome = await app.startSignIn();
      const popup = await app.openWindowFromDialog();
      await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Cancel' }).click()]);
      await expect.poll(outcome).toBe('access-denied');
    },
  );

  test(
    'the window loads the callback page before it closes, however early the worker reports the outcome',
    { tag: ['@user-interface'] },
    async ({ page, portal }) => {
      let arrive = (): void => undefined;
      let release = (): void => undefined;
      const arrived = new Promise<void>((resolve) => (arrive = resolve));
      const released = new Promise<void>((resolve) => (release = resolve));
      const server = await serveApp(portal, {
        config: workerCallback,
        isSealed: true,
        intercept: async (path) => {
          if (path !== '/signed-in.html') return undefined;
          arrive();
          await released;
          return undefined;
        },
      });
      const app = new TestApp(page, portal, server.url);
      await app.open();
      await keepAddressesOfCallback(app);
      const outcome = await app.startSignIn();
      const popup = await app.openWindowFromDialog();
      // Playwright waits for the navigation after the click.
      const filledIn = fillInForm(popup, 'ana');
      await arrived;
      expect(await outcome()).toBe('signed in as ana');
      expect(popup.isClosed()).toBe(false);
      const closed = popup.waitForEvent('close');
      release();
      await Promise.all([filledIn, closed]);
      await expect.poll(() => addressesOfCallback(app)).toMatch(/identity-worker=signed-in/);
      await server.close();
    },
  );

  test('a code without a sign-in is taken out of the address, and opens nothing', async ({ app, page }) => {
    await app.open();
    const tab = await page.context().newPage();
    await tab.goto(`${app.url}/signed-in.html?code=stolen&state=unknown`);
    await expect(tab.locator('body')).toContainText('authorization-url-unknown');
    expect(tab.url()).toBe(`${app.url}/signed-in.html`);
    expect(app.tokenRequests()).toBe(0);
  });

  test('a token response that does not come in time ends the sign-in, and the code is sent once', async ({
    app,
    portal,
  }) => {
    await app.open();
    const hold = portal.control.hold('/oauth2/token');
    const popup = await app.openSignInWindow();
    await app.shortenWorkerTimeLimits(30);
    // Playwright waits for the navigation after the click, which ends with the time limit.
    await fillInForm(popup, 'ana');
    await hold.reached(1);
    await app.stopWorker();
    hold.release();
    await expect(app.page.getByRole('status')).toContainText(/sign-in-interrupted|portal-unreachable/);
    expect(app.tokenRequests('authorization_code')).toBe(1);
  });
});

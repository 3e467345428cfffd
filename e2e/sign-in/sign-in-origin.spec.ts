/** The redirect URI at an origin of its own, which posts the response on to the app. */
import { expect, registration, test as base, type Portal, type TestApp } from '../support/fixtures.js';
import { authorize } from '../support/oauth-client.js';
import { aCount, countQuery } from '../support/services.js';
import { startSignInOrigin, type SignInOrigin } from '../support/sign-in-origin.js';

const test = base.extend<{ signInOrigin: SignInOrigin }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from this pattern
  signInOrigin: async ({}, use) => {
    const origin = await startSignInOrigin();
    await use(origin);
    await origin.close();
  },
  // Its address is part of the registration.
  identityConfig: async ({ signInOrigin: { redirectUri } }, use) => {
    const elsewhere = {
      redirectUri,
      callbackPage: '/signed-in.html',
      callback: 'worker',
      persistence: 'sealed',
    };
    await use({
      make: (portal: Portal) => {
        for (const client of ['idw-demo', portal.oauth.clientId]) portal.addRedirectUri(redirectUri, client);
        const { issuer, apiUrl, clientId } = portal.oauth;
        return {
          arcgis: [{ ...registration(portal), ...elsewhere }],
          oauth: [{ issuer, resources: [apiUrl], clientId, scope: 'openid tiles', ...elsewhere }],
        };
      },
    });
  },
  isSealed: true,
  // Of one site with the portal, as in an intranet: its cookie comes along even in frames.
  appHost: '127.0.0.1',
  app: async ({ app, signInOrigin }, use) => {
    signInOrigin.leadTo(`${app.url}/signed-in.html`);
    await use(app);
  },
});

const signIn = (app: TestApp, options: object): Promise<string> =>
  app.run(
    (given) =>
      window.identity.signIn(given).then(
        ({ username }) => `signed in as ${username}`,
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      ),
    options,
  );

/** Opens the window as the app's button does, with the portal named. */
const openWindow = (app: TestApp, portal: string) =>
  app.waitForPopup(() =>
    app.page.evaluate((url) => void window.identity.signIn({ portal: url }).catch(String), portal),
  );

const user = (app: TestApp, portal: string): Promise<string | undefined> =>
  app.run((url) => window.identity.credentials.find((info) => info.portal === url)?.username, portal);

for (const kind of ['ArcGIS', 'an OAuth server'] as const)
  test.describe(`of ${kind}`, () => {
    const portalOf = ({ portal }: TestApp): string => (kind === 'ArcGIS' ? portal.url : portal.oauth.issuer);

    test('a sign-in by a window ends signed in, and no address of the app has held the code', async ({
      app,
    }) => {
      const addresses: string[] = [];
      app.page.context().on('request', (request) => addresses.push(request.url()));
      await app.open();
      await app.fillIn(await openWindow(app, portalOf(app)), 'ana');
      await expect.poll(() => user(app, portalOf(app))).toBe('ana');
      expect(addresses.filter((address) => address.startsWith(app.url)).join(' ')).not.toMatch(
        /code=|state=/,
      );
      if (kind === 'ArcGIS') expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    });

    test('a silent sign-in ends in a frame', async ({ app }) => {
      await app.open();
      await app.fillIn(await openWindow(app, portalOf(app)), 'ana');
      await expect.poll(() => user(app, portalOf(app))).toBe('ana');
      await app.run((portal) => window.identity.signOut({ portal }), portalOf(app));
      expect(await signIn(app, { portal: portalOf(app), silent: true })).toBe('signed in as ana');
    });

    test('a user who declines ends the sign-in with access-denied', async ({ app }) => {
      await app.open();
      const popup = await openWindow(app, portalOf(app));
      await app.run((portal) => {
        window.outcome = window.identity
          .signIn({ portal })
          .catch((error: unknown) =>
            window.isIdentityError(error) ? error.code : String(error),
          ) as Promise<string>;
      }, portalOf(app));
      await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Cancel' }).click()]);
      expect(await app.run(() => window.outcome)).toBe('access-denied');
    });
  });

test('a sign-in that takes the place of the page comes back to it', async ({ app }) => {
  await app.open('/?login=redirect&here');
  const { page, portal } = app;
  await page.evaluate((url) => void window.identity.signIn({ portal: url }).catch(String), portal.url);
  await page.getByLabel('Username').fill('ana');
  await page.getByLabel('Password').fill('ana-demo-1');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/here/);
  await app.ready();
  expect(await user(app, portal.url)).toBe('ana');
});

test('a sign-out at the portal comes back by that origin', async ({ app }) => {
  await app.open();
  await app.fillIn(await openWindow(app, app.portal.url), 'ana');
  await expect.poll(() => user(app, app.portal.url)).toBe('ana');
  const popup = await app.waitForPopup(() =>
    app.page.evaluate(
      (portal) => void window.identity.signOut({ portal, portalSession: true }).catch(String),
      app.portal.url,
    ),
  );
  if (!popup.isClosed()) await popup.waitForEvent('close');
  expect(await user(app, app.portal.url)).toBeUndefined();
});

test('a response in the address of the callback page is not taken', async ({ app, page }) => {
  await app.open();
  await app.handleChallengesInApp();
  await app.run((portal) => {
    window.identity.signIn({ portal }).catch(String);
  }, app.portal.url);
  const { search } = await authorize((await app.challengeUrl()).href, 'ana');
  const tab = await page.context().newPage();
  await tab.goto(`${app.url}/signed-in.html${search}`);
  expect(tab.url()).not.toMatch(/code=/);
  expect(app.tokenRequests()).toBe(0);
  // Control: the same response is good at the redirect URI.
  await tab.goto(`${(await app.challengeUrl()).searchParams.get('redirect_uri')}${search}`);
  await expect.poll(() => user(app, app.portal.url)).toBe('ana');
});

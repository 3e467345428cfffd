/** Signing out: in this tab, in the others, and at the portal. */
import {
  expect,
  openSignedIn,
  registeredWith,
  test,
  type IdentityConfig,
  type TestApp,
} from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { oauthServer } from '../support/oauth-server.js';
import { fillInForm } from '../support/oauth-client.js';

test(
  'signing out removes the credential and revokes the refresh token, and the next request is anonymous',
  { tag: ['@G22', '@I2', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    await app.run(() => window.identity.signOut());
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    const revocations = await app.portal.log.waitFor({ path: /revokeToken/, status: 200 }, 1);
    expect(revocations).toHaveLength(1);
    expect(
      app.portal.control.tokens().filter(({ kind, state }) => kind !== 'session' && state === 'valid'),
    ).toEqual([]);
    await app.consumeUserActivation();
    app.portal.log.clear();
    void app.fetch(app.hosted(countQuery())).catch(() => undefined);
    await app.waitForDialog();
    expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
  },
);

test('signOut resolves with the credential gone, however late the worker’s message comes', async ({
  app,
  page,
}) => {
  await page.addInitScript(() => {
    navigator.serviceWorker.addEventListener('message', (event: MessageEvent<{ credential?: unknown }>) => {
      if (event.data.credential === null) event.stopImmediatePropagation();
    });
  });
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
});

test(
  'signing out reaches the other tab at once',
  { tag: ['@I1', '@K6', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const other = await app.newTab();
    await app.signIn('ana');
    await expect.poll(() => other.run(() => window.identity.credentials.length)).toBe(1);
    expect(await other.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    await app.run(() => window.identity.signOut());
    await expect.poll(() => other.run(() => window.identity.credentials.length)).toBe(0);
    app.portal.log.clear();
    void other.fetch(app.hosted(countQuery())).catch(() => undefined);
    await other.waitForDialog();
    expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
  },
);

test(
  'signing out beats a refresh under way: nothing comes back, and the new token is revoked',
  { tag: ['@E4'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    app.portal.control.expireAccessTokens();
    const hold = app.portal.control.hold('/oauth2/token');
    // The request that caused the refresh ends as an anonymous one; its page will be gone.
    app.fetch(app.hosted(countQuery())).catch(() => undefined);
    await hold.reached(1);
    await app.run(() => window.identity.signOut());
    hold.release();
    await app.portal.log.waitFor({ path: /revokeToken/, status: 200 }, 2);
    expect(
      app.portal.control.tokens().filter(({ kind, state }) => kind !== 'session' && state === 'valid'),
    ).toEqual([]);
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    await app.stopWorker();
    await app.page.reload();
    await app.ready();
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
  },
);

test('signing out works while the portal is out of reach', { tag: ['@I2'] }, async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.fault(/revokeToken/, { drop: 'request' });
  await app.run(() => window.identity.signOut());
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
});

test('signing out succeeds after the portal has forgotten the tokens', async ({ app }) => {
  await openSignedIn({ app });
  app.portal.control.revokeAccessTokens();
  app.portal.control.revokeRefreshTokens();
  await app.run(() => window.identity.signOut());
  await app.portal.log.waitFor({ path: /revokeToken/, status: 200 });
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
});

test('after signing out at the portal the next sign-in shows the form', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  await app.run(() => window.identity.signOut());
  const signOutUrl = new URL(`${app.portal.url}/sharing/rest/oauth2/signout`);
  signOutUrl.search = String(
    new URLSearchParams({ client_id: 'idw-demo', redirect_uri: `${app.url}/signed-in.html` }),
  );
  await app.page.goto(signOutUrl.href);
  expect(app.page.url()).toBe(`${app.url}/signed-in.html`);
  await app.open();
  await app.signIn('ben');
});

for (const [kind, identityConfig] of [
  ['ArcGIS', undefined],
  ['ArcGIS, callback by the worker', registeredWith({ callback: 'worker' })],
  ['OAuth', oauthServer()],
] as [string, IdentityConfig | undefined][]) {
  test.describe(`signing out at the portal: ${kind}`, () => {
    if (identityConfig) test.use({ identityConfig });

    const signInByButton = async (app: TestApp): Promise<void> => {
      const popup = await app.openSignInWindow();
      await app.fillIn(popup, 'ana');
    };

    test('in a window that closes by itself', async ({ app }) => {
      await app.open();
      await signInByButton(app);
      const popup = await app.openInClick(() => window.identity.signOut({ portalSession: true }));
      if (!popup.isClosed()) await popup.waitForEvent('close');
      await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(0);
      // The form is there again.
      await signInByButton(app);
    });

    test('in place of the page, which is returned to', async ({ app }) => {
      await app.open('/?login=redirect&view=1');
      await app.run(() => void window.identity.signIn());
      await fillInForm(app.page, 'ana');
      await app.page.waitForURL(`${app.url}/?login=redirect&view=1`);
      await app.ready();
      await app.run(() => void window.identity.signOut({ portalSession: true }));
      await app.page.waitForURL(/signed-in/);
      await app.page.waitForURL(`${app.url}/?login=redirect&view=1`);
      await app.ready();
      expect(await app.run(() => window.identity.credentials.length)).toBe(0);
      await app.run(() => void window.identity.signIn());
      await app.page.getByLabel('Username').waitFor();
    });
  });
}

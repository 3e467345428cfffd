/** The options of signIn: silent, forceLogin, loginHint. */
import { expect, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { oauthServer } from '../support/oauth-server.js';

/** Calls `signIn` without a click. @returns The user's name, or the error's code. */
const signIn = (app: TestApp, options: Record<string, unknown>): Promise<string> =>
  app.run(
    (given) =>
      window.identity.signIn(given).then(
        ({ username }) => username ?? '',
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      ),
    options,
  );

const framesOf = (app: TestApp): Promise<number> => app.run(() => document.querySelectorAll('iframe').length);

// Of one site with the portal: its cookie comes along in frames.
test.describe('silently', () => {
  test.use({ appHost: '127.0.0.1' });

  for (const [kind, identityConfig, where, name] of [
    ['ArcGIS', undefined, 'portal', 'ana'],
    // This server tells no user name.
    ['OAuth', oauthServer(), 'oauth', ''],
  ] as const) {
    test.describe(kind, () => {
      if (identityConfig) test.use({ identityConfig });

      test('a silent sign-in succeeds where the portal has a session, without a prompt', async ({
        app,
        portal,
      }) => {
        await app.open();
        await app.fillIn(await app.openSignInWindow(), 'ana');
        await app.run(() => window.identity.signOut());
        portal.log.clear();
        expect(await signIn(app, { silent: true })).toBe(name);
        expect(await app.run(() => window.identity.credentials.length)).toBe(1);
        expect(await framesOf(app)).toBe(0);
        expect(portal.log.count({ server: where, path: /signin/i })).toBe(0);
      });

      test(
        'a silent sign-in fails where the portal would have to prompt, and waiting requests go on waiting',
        { tag: ['@user-interface'] },
        async ({ app }) => {
          await app.open();
          const url = kind === 'ArcGIS' ? app.hosted(countQuery()) : `${app.portal.oauth.apiUrl}tiles/1`;
          const answer = app.fetchJson(url);
          await app.waitForDialog();
          expect(await signIn(app, { silent: true })).toBe('login-required');
          expect(await framesOf(app)).toBe(0);
          expect(await app.isPrompting()).toBe(true);
          await app.fillIn(await app.openWindowFromDialog(), 'ana');
          expect(await answer).toMatchObject(kind === 'ArcGIS' ? aCount : { user: 'ana' });
        },
      );
    });
  }

  test(
    'a silent sign-in closes an open dialog, and waiting requests succeed',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      // In another tab, so that this one has seen no click.
      const other = await app.newTab();
      await other.signInByWindow('ana');
      await other.run(() => window.identity.signOut());
      await other.page.close();
      const answer = app.fetchJson(app.hosted(countQuery()));
      await app.waitForDialog();
      expect(await signIn(app, { silent: true })).toBe('ana');
      expect(await answer).toEqual(aCount);
      await expect.poll(() => app.isPrompting()).toBe(false);
    },
  );
});

test(
  'forceLogin signs in another user, and the first user’s tokens are revoked',
  { tag: ['@I7'] },
  async ({ app, portal }) => {
    await app.open();
    await app.signInByWindow('ana');
    portal.log.clear();
    const popup = await app.openInClick(() => window.identity.signIn({ forceLogin: true }));
    await app.fillIn(popup, 'ben');
    await expect
      .poll(() => app.run(() => window.identity.credentials.map(({ username }) => username)))
      .toEqual(['ben']);
    await portal.log.waitFor({ path: /revokeToken$/, status: 200 });
    await app.fetchJson(app.hosted(countQuery()));
    expect(portal.log.requests({ path: /query$/ }).map(({ user }) => user)).toEqual(['ben']);
    expect(
      portal.control
        .tokens()
        .filter(({ user, kind, state }) => user === 'ana' && kind === 'refresh' && state === 'valid'),
    ).toEqual([]);
  },
);

test.describe('OAuth', () => {
  test.use({ identityConfig: oauthServer() });

  test('loginHint is shown by the portal', async ({ app }) => {
    await app.open();
    const popup = await app.openInClick(() => window.identity.signIn({ loginHint: 'ben', forceLogin: true }));
    await expect(popup.getByLabel('Username')).toHaveValue('ben');
    await app.fillIn(popup, 'ben');
    await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(1);
  });
});

/** Who is signed in: without being asked, as somebody else, and not even at the portal any more. */
import { expect, registration, test, type IdentityConfig, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const aCount = { count: expect.any(Number) as unknown };

const oauth: IdentityConfig = {
  make: ({ oauth: { issuer, apiUrl, clientId } }) => ({
    oauth: [{ issuer, resources: [apiUrl], clientId, redirectUri: '/signed-in.html', scope: 'tiles' }],
  }),
};

/** Calls `signIn` without a click. @returns The user's name, or the error's code. */
const signIn = (app: TestApp, options: Record<string, unknown>): Promise<string> =>
  app.run(
    (wish) =>
      window.identity.signIn(undefined, wish).then(
        ({ username }) => username ?? '',
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      ),
    options,
  );

/** Calls in a click what opens a window: Playwright's own `evaluate` counts as one. */
const inClick = (app: TestApp, code: () => Promise<unknown>): ReturnType<TestApp['popupOf']> =>
  app.popupOf(() => app.page.evaluate(`void (${code.toString()})().catch(String)`));

const framesOf = (app: TestApp): Promise<number> => app.run(() => document.querySelectorAll('iframe').length);

// Of one site with the portal: its cookie comes along in frames.
test.describe('silently', () => {
  test.use({ appHost: '127.0.0.1' });

  for (const [kind, identityConfig, where, name] of [
    ['ArcGIS', undefined, 'portal', 'ana'],
    // This server names nobody.
    ['OAuth', oauth, 'oauth', ''],
  ] as const) {
    test.describe(kind, () => {
      if (identityConfig) test.use({ identityConfig });

      test('signs in whom the portal knows, and asks nobody', async ({ app, portal }) => {
        await app.open();
        await app.fillIn(
          await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click()),
          'ana',
        );
        await app.run(() => window.identity.signOut());
        portal.log.clear();
        expect(await signIn(app, { silent: true })).toBe(name);
        expect(await app.run(() => window.identity.credentials.length)).toBe(1);
        expect(await framesOf(app)).toBe(0);
        expect(portal.log.count({ server: where, path: /signin/i })).toBe(0);
      });

      test('fails where the portal would have to ask, and what waits goes on waiting', async ({ app }) => {
        await app.open();
        const url = kind === 'ArcGIS' ? app.hosted(count) : `${app.portal.oauth.apiUrl}tiles/1`;
        const answer = app.fetchJson(url);
        await app.dialogShown();
        expect(await signIn(app, { silent: true })).toBe('login-required');
        expect(await framesOf(app)).toBe(0);
        expect(await app.isAsking()).toBe(true);
        await app.fillIn(await app.answerDialog(), 'ana');
        expect(await answer).toMatchObject(kind === 'ArcGIS' ? aCount : { user: 'ana' });
      });
    });
  }

  test('ends a dialog that is open, and lets through what waits', async ({ app }) => {
    await app.open();
    // In another tab, so that this one has seen no click.
    const other = await app.newTab();
    await other.signInByWindow('ana');
    await other.run(() => window.identity.signOut());
    await other.page.close();
    const answer = app.fetchJson(app.hosted(count));
    await app.dialogShown();
    expect(await signIn(app, { silent: true })).toBe('ana');
    expect(await answer).toEqual(aCount);
    expect(await app.isAsking()).toBe(false);
  });
});

test('as another user, whatever session the portal has: the first one’s tokens end', async ({
  app,
  portal,
}) => {
  await app.open();
  await app.signInByWindow('ana');
  portal.log.clear();
  const popup = await inClick(app, () => window.identity.signIn(undefined, { forceLogin: true }));
  await app.fillIn(popup, 'ben');
  await expect
    .poll(() => app.run(() => window.identity.credentials.map(({ username }) => username)))
    .toEqual(['ben']);
  await portal.log.waitFor({ path: /revokeToken$/, status: 200 });
  await app.fetchJson(app.hosted(count));
  expect(portal.log.requests({ path: /query$/ }).map(({ user }) => user)).toEqual(['ben']);
  expect(
    portal.control
      .tokens()
      .filter(({ user, kind, state }) => user === 'ana' && kind === 'refresh' && state === 'valid'),
  ).toEqual([]);
});

test.describe('OAuth', () => {
  test.use({ identityConfig: oauth });

  test('a name is offered to the portal', async ({ app }) => {
    await app.open();
    const popup = await inClick(app, () =>
      window.identity.signIn(undefined, { loginHint: 'ben', forceLogin: true }),
    );
    await expect(popup.getByLabel('Username')).toHaveValue('ben');
    await app.fillIn(popup, 'ben');
    expect(await app.run(() => window.identity.credentials.length)).toBe(1);
  });
});

for (const [kind, identityConfig] of [
  ['ArcGIS', undefined],
  [
    'ArcGIS, answers taken by the worker',
    { make: (portal) => ({ arcgis: [{ ...registration(portal), callback: 'worker' }] }) },
  ],
  ['OAuth', oauth],
] as [string, IdentityConfig | undefined][]) {
  test.describe(`signing out at the portal too: ${kind}`, () => {
    if (identityConfig) test.use({ identityConfig });

    const signInByButton = async (app: TestApp): Promise<void> => {
      const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
      await app.fillIn(popup, 'ana');
    };

    test('in a window that closes by itself', async ({ app }) => {
      await app.open();
      await signInByButton(app);
      const popup = await inClick(app, () => window.identity.signOut(undefined, { portalSession: true }));
      if (!popup.isClosed()) await popup.waitForEvent('close');
      expect(await app.run(() => window.identity.credentials.length)).toBe(0);
      // The form is there again.
      await signInByButton(app);
    });

    test('in place of the page, which is come back to', async ({ app }) => {
      await app.open('/?login=redirect&view=1');
      await app.run(() => void window.identity.signIn());
      await fillInForm(app.page, 'ana');
      await app.page.waitForURL(`${app.url}/?login=redirect&view=1`);
      await app.ready();
      await app.run(() => void window.identity.signOut(undefined, { portalSession: true }));
      await app.page.waitForURL(/signed-in/);
      await app.page.waitForURL(`${app.url}/?login=redirect&view=1`);
      await app.ready();
      expect(await app.run(() => window.identity.credentials.length)).toBe(0);
      await app.run(() => void window.identity.signIn());
      await app.page.getByLabel('Username').waitFor();
    });
  });
}

/** Users who cancel, decline or close the window, and sign-ins that end at the portal. */
import { expect, registeredWith, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test(
  'cancelling the dialog gives the request the portal’s own answer, and no prompt follows',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    await app.waitForDialog();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await answer).toMatchObject({ error: { code: 499 } });
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toMatchObject({ error: { code: 499 } });
    expect(await app.isPrompting()).toBe(false);
    // A user who clicks the button gets the window at once.
    await app.signInByWindow('ana');
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
  },
);

test(
  'declining at the portal gives the request the portal’s own answer',
  { tag: ['@H5', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    const popup = await app.openWindowFromDialog();
    await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Cancel' }).click()]);
    expect(await answer).toMatchObject({ error: { code: 499 } });
    await expect(app.page.getByRole('dialog')).toHaveCount(0);
  },
);

test(
  'closing the window gives the request the portal’s own answer',
  { tag: ['@H3', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    const popup = await app.openWindowFromDialog();
    await app.closeSignInWindow(popup);
    expect(await answer).toMatchObject({ error: { code: 499 } });
  },
);

test('signIn tells why it failed, and works at once when tried again', { tag: ['@H5'] }, async ({ app }) => {
  await app.open();
  const popup = await app.openSignInWindow();
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.page.getByRole('status')).toHaveText('access-denied');
  await app.signInByWindow('ben');
});

test('a reloaded page prompts again', { tag: ['@user-interface'] }, async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.waitForDialog();
  await app.page.getByRole('dialog').press('Escape');
  await answer;
  await app.page.reload();
  await app.ready();
  const second = app.fetchJson(app.hosted(countQuery()));
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect(await second).toEqual(aCount);
});

test('declining leaves a typed error and no token', async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const outcome = await app.startSignIn();
  const tab = await app.page.context().newPage();
  await tab.goto((await app.challengeUrl()).href);
  await tab.getByRole('button', { name: 'Cancel' }).click();
  expect(await outcome()).toBe('access-denied');
  expect(await app.run(() => window.identity.credentials)).toEqual([]);
  expect(app.tokenRequests()).toBe(0);
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 499 } });
  expect(app.portal.control.tokens()).toEqual([]);
});

for (const [name, options, heading] of [
  ['a longer redirect URI', { redirectUri: '/signed-in.html/more' }, 'Error 400: Invalid redirect_uri'],
  [
    'a redirect URI with a trailing slash',
    { redirectUri: '/signed-in.html/' },
    'Error 400: Invalid redirect_uri',
  ],
  ['another redirect URI', { redirectUri: '/signed-in.htm' }, 'Error 400: Invalid redirect_uri'],
  ['an unknown client id', { clientId: 'nobody' }, 'Error 400: Invalid client_id'],
] as const) {
  test.describe(() => {
    test.use({ identityConfig: registeredWith(options) });

    test(`${name} ends at the portal, and closing its page with a typed error`, async ({ app }) => {
      await app.open();
      const popup = await app.openSignInWindow();
      await expect(popup.getByRole('heading')).toHaveText(heading);
      await app.closeSignInWindow(popup);
      await expect(app.page.getByRole('status')).toHaveText('challenge-cancelled');
      expect(await app.fetchJson(app.hosted(countQuery()))).toMatchObject({ error: { code: 499 } });
      expect(app.tokenRequests()).toBe(0);
    });
  });
}

test('declining at the portal is access-denied', async ({ app }) => {
  await app.open();
  const popup = await app.openSignInWindow();
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.page.getByRole('status')).toHaveText('access-denied');
});

test('an app that cancels at once, while it is told: the requests get the portal’s own answer', async ({
  app,
}) => {
  await app.open();
  const status = await app.run((url) => {
    window.identity.addEventListener('oauth-code-required', (event) => {
      event.preventDefault();
      void event.cancel();
    });
    return fetch(url).then((response) => response.json() as Promise<{ error: { code: number } }>);
  }, app.hosted(countQuery()));
  expect(status.error.code).toBe(499);
});

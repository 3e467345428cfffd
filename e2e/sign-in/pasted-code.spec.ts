/** The code that the user pastes by hand, where the redirect URI is out of band. */
import { expect, registeredWith, test, type Page, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { fillInForm } from '../support/oauth-client.js';
import { alertOf, dialogOf, requestPrompt } from '../support/dialog.js';

test.use({ identityConfig: registeredWith({ redirectUri: 'urn:ietf:wg:oauth:2.0:oob' }) });

/** Opens the sign-in window by the dialog, and signs in there up to the page that shows the code. */
async function fetchCode(app: TestApp, popup: Page): Promise<string> {
  await fillInForm(popup, 'ana');
  return popup.getByLabel('Authorization code').inputValue();
}

/** Resolves with the next challenge that is shown to the app. */
const nextChallenge = (app: TestApp): Promise<void> =>
  app.run(
    () =>
      new Promise<void>((resolve) =>
        window.identity.addEventListener('oauth-code-required', () => resolve(), { once: true }),
      ),
  );

test('a pasted code is accepted', { tag: ['@user-interface'] }, async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  const popup = await app.openWindowFromDialog();
  await fillInForm(popup, 'ana');
  await expect(popup).toHaveTitle(/^SUCCESS code=/);
  const code = await popup.getByLabel('Authorization code').inputValue();
  const dialog = app.page.getByRole('dialog');
  // As users paste it, with a blank too many.
  await dialog.getByLabel('Code').fill(` ${code} `);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  expect(await answer).toEqual(aCount);
  await expect(dialog).toHaveCount(0);
  expect(app.tokenRequests()).toBe(1);
});

test(
  'after a mistyped code the request waits for another one',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    await app.waitForDialog();
    const dialog = app.page.getByRole('dialog');
    await dialog.getByLabel('Code').fill('mistyped');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await app.portal.log.waitFor({ path: /oauth2\/token$/, where: ({ status }) => status !== 0 });
    await expect(dialog.getByLabel('Code')).toHaveValue('');
    const popup = await app.waitForPopup(() => dialog.getByRole('button', { name: 'Sign in' }).click());
    await fillInForm(popup, 'ana');
    await dialog.getByLabel('Code').fill(await popup.getByLabel('Authorization code').inputValue());
    await dialog.getByRole('button', { name: 'Continue' }).click();
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests()).toBe(2);
  },
);

test(
  'a user who declines at the portal cancels in the dialog',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    const popup = await app.openWindowFromDialog();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await expect(popup).toHaveTitle('Denied error=access_denied');
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await answer).toMatchObject({ error: { code: 499 } });
    expect(app.tokenRequests()).toBe(0);
  },
);

for (const [what, wrap] of [
  ['the title of the page', (code: string) => `SUCCESS code=${code}`],
  ['an address', (code: string) => ` https://gis.example.org/done?code=${code}&state=x `],
] as const) {
  test(`the code is found in ${what}`, { tag: ['@user-interface'] }, async ({ app }) => {
    await app.open();
    const answer = await requestPrompt(app);
    const code = await fetchCode(app, await app.openWindowFromDialog());
    const field = dialogOf(app).getByLabel('Code');
    await expect(field).toBeFocused();
    await field.fill(wrap(code));
    await field.press('Enter');
    expect(await answer()).toEqual(aCount);
  });
}

test(
  'text without a code is not sent, and the right code still works',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = await requestPrompt(app);
    const code = await fetchCode(app, await app.openWindowFromDialog());
    const field = dialogOf(app).getByLabel('Code');
    for (const text of ['', 'the code', app.portal.url]) {
      await field.fill(text);
      await field.press('Enter');
      await expect(alertOf(app)).toContainText('There is no code');
    }
    expect(app.tokenRequests()).toBe(0);
    await field.fill(code);
    await field.press('Enter');
    expect(await answer()).toEqual(aCount);
  },
);

test(
  'after a wrong code with no request waiting the dialog stays, and signIn waits for the right one',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const outcome = await app.startSignIn();
    await app.waitForDialog();
    const field = dialogOf(app).getByLabel('Code');
    for (const wrong of ['mistyped', 'mistyped-again']) {
      const next = nextChallenge(app);
      await field.fill(wrong);
      await field.press('Enter');
      await expect(alertOf(app)).toContainText('did not accept this code');
      await expect(field).toHaveValue('');
      // Until then a code belongs to the challenge that has failed: it is not sent.
      await next;
    }
    const again = dialogOf(app).getByRole('button', { name: 'Sign in again' });
    const code = await fetchCode(app, await app.waitForPopup(() => again.click()));
    await field.fill(code);
    await field.press('Enter');
    expect(await outcome()).toBe('signed in as ana');
    await expect(dialogOf(app)).toHaveCount(0);
    expect(app.tokenRequests()).toBe(3);
  },
);

test(
  'after a wrong code the window that was open shows the form again',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = await requestPrompt(app);
    const popup = await app.openWindowFromDialog();
    const code = await fetchCode(app, popup);
    const field = dialogOf(app).getByLabel('Code');
    await field.fill(code.slice(0, -1));
    await field.press('Enter');
    await expect(alertOf(app)).toContainText('did not accept this code');
    app.portal.control.endSessions();
    await dialogOf(app).getByRole('button', { name: 'Sign in again' }).click();
    await field.fill(await fetchCode(app, popup));
    await field.press('Enter');
    expect(await answer()).toEqual(aCount);
    await expect.poll(() => app.page.context().pages().length).toBe(1);
  },
);

test(
  'cancelling at the moment in which a code is refused leaves no dialog',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const outcome = await app.startSignIn();
    await app.waitForDialog();
    await app.run(() => {
      const root = document.querySelector('identity-worker-dialog')?.shadowRoot;
      const told = root?.querySelector('[role=alert]');
      new MutationObserver(() => root?.querySelector('button')?.click()).observe(told ?? document, {
        childList: true,
      });
    });
    await dialogOf(app).getByLabel('Code').fill('mistyped');
    await dialogOf(app).getByLabel('Code').press('Enter');
    expect(await outcome()).toBe('challenge-cancelled');
    await expect.poll(() => app.isPrompting()).toBe(false);
  },
);

test('Escape after a wrong code rejects signIn', { tag: ['@user-interface'] }, async ({ app }) => {
  await app.open();
  const outcome = await app.startSignIn();
  await app.waitForDialog();
  await dialogOf(app).getByLabel('Code').fill('mistyped');
  await dialogOf(app).getByLabel('Code').press('Enter');
  await expect(alertOf(app)).toContainText('did not accept this code');
  await app.page.keyboard.press('Escape');
  await expect(dialogOf(app)).toHaveCount(0);
  expect(await outcome()).toBe('challenge-cancelled');
});

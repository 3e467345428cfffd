/** `<identity-account>`: who is signed in, and the buttons that change it, by mouse, keyboard and screen reader. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { test } from '../support/attack.js';
import { expect, registration, type Page, type TestApp } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';
import { oauthRegistration } from '../support/oauth-server.js';
import { aCount, countQuery } from '../support/services.js';

const element = (page: Page) => page.locator('identity-account');

/** Signs in in the window that a click opens. */
async function signIn(app: TestApp, button = element(app.page).getByRole('button', { name: 'Sign in' })) {
  await app.fillIn(await app.waitForPopup(() => button.click()), 'ana');
}

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).include('identity-account').analyze()).violations).toEqual([]);
  }
}

/** Wherever the page has the element. */
async function expectPanelInWindow(page: Page): Promise<void> {
  const { x, width } = (await element(page).getByRole('group').boundingBox())!;
  expect(x).toBeGreaterThanOrEqual(0);
  expect(x + width).toBeLessThanOrEqual(page.viewportSize()!.width);
}

test('one portal: signed in and out by keyboard, and the focus is never lost', async ({ app }) => {
  const { page } = app;
  await app.open('/account.html');
  await expectAccessible(page);
  await page.keyboard.press('Tab');
  await app.fillIn(await app.waitForPopup(() => page.keyboard.press('Enter')), 'ana');
  const account = element(page).getByRole('button', { name: 'ana' });
  await expect(account).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(element(page)).toMatchAriaSnapshot(`
    - button "ana" [expanded]
    - group "Account":
      - list:
        - listitem:
          - text: Demo Portal ana
          - button "Sign out"
          - button "Use another account"
  `);
  await expectAccessible(page);
  await expectPanelInWindow(page);
  await page.keyboard.press('Escape');
  await app.run(() =>
    Object.assign(document.querySelector('identity-account')!.style, { position: 'absolute', right: '0' }),
  );
  await page.keyboard.press('Enter');
  await expectPanelInWindow(page);
  await page.keyboard.press('Escape');
  await expect(account).toBeFocused();
  await expect(account).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(element(page).getByRole('button', { name: 'Sign in' })).toBeFocused();
  await expect(element(page).getByRole('button')).toHaveCount(1);
  expect(await app.run(() => window.identity.credentials.length)).toBe(0);
});

test('the panel closes when the user goes elsewhere, by click and by keyboard', async ({ app }) => {
  const { page } = app;
  await app.open('/account.html');
  await signIn(app);
  const account = element(page).getByRole('button', { name: 'ana' });
  for (const leave of [
    () => page.getByRole('heading').click(),
    () => page.getByRole('button', { name: 'Elsewhere' }).focus(),
  ]) {
    await account.click();
    await expect(account).toHaveAttribute('aria-expanded', 'true');
    await leave();
    await expect(account).toHaveAttribute('aria-expanded', 'false');
  }
});

test('another account takes the place of the one that is signed in', async ({ app }) => {
  await app.open('/account.html');
  await signIn(app);
  await element(app.page).getByRole('button', { name: 'ana' }).click();
  const other = element(app.page).getByRole('button', { name: 'Use another account' });
  await app.fillIn(await app.waitForPopup(() => other.click()), 'ben');
  await expect(element(app.page).getByRole('button', { name: 'ben' })).toBeVisible();
});

test('a sign-in that ends in nothing says so, and may be tried again', async ({ app }) => {
  await app.open('/account.html');
  const button = element(app.page).getByRole('button', { name: 'Sign in' });
  const popup = await app.waitForPopup(() => button.click());
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await app.closeSignInWindow(popup);
  await expect(element(app.page).getByRole('alert')).toHaveText('The sign-in to Demo Portal was cancelled.');
  await signIn(app);
  await expect(element(app.page).getByRole('alert')).toBeEmpty();
});

test.describe('with several portals', () => {
  test.use({
    identityConfig: {
      make: (portal) => ({
        arcgis: [registration(portal)],
        oauth: [{ ...oauthRegistration(portal), name: 'Tiles' }],
      }),
    },
  });

  test('each has its user and its buttons; one element may be for one portal', async ({ app, portal }) => {
    const { page } = app;
    await app.open('/account.html');
    await element(page).getByRole('button', { name: 'Sign in' }).click();
    const row = (name: string) => element(page).getByRole('listitem').filter({ hasText: name });
    const popup = await app.waitForPopup(() => row('Tiles').getByRole('button', { name: 'Sign in' }).click());
    await Promise.all([popup.waitForEvent('close'), fillInForm(popup, 'ben')]);
    await expect(row('Tiles').getByRole('button', { name: 'Sign out' })).toBeFocused();
    await expect(row('Demo Portal').getByRole('button')).toHaveText(['Sign in']);
    await expectAccessible(page);
    await app.run(
      (url) => document.querySelector('identity-account')?.setAttribute('portal', url),
      portal.url,
    );
    await expect(element(page).getByRole('button')).toHaveText(['Sign in']);
  });
});

test(
  'requests that wait, another tab’s sign-in, and no network are told, and can be styled',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    const { page } = app;
    await app.open('/account.html');
    const other = await page.context().newPage();
    await other.goto(`${app.url}/account.html`);
    await expect(element(other).getByRole('button')).toBeVisible();
    const status = element(page).getByRole('status');
    await app.consumeUserActivation();
    const answer = app.fetchJson(app.federated(countQuery()));
    // Before a locator looks: that counts as a click, and would open the window.
    await app.waitForDialog();
    await expect(status).toHaveText('Waiting for the sign-in (1)');
    await expect(element(other).getByRole('status')).toHaveText('The sign-in is open in another tab');
    await expect(page.locator('identity-account:state(waiting)')).toHaveCount(1);
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    for (const tab of [page, other]) {
      await expect(element(tab).getByRole('status')).toBeEmpty();
      await expect(element(tab).getByRole('button', { name: 'ana' })).toBeVisible();
    }
    await page.context().setOffline(true);
    await expect(status).toHaveText('Offline');
    await expect(page.locator('identity-account:state(offline):state(signed-in)')).toHaveCount(1);
  },
);

test('it speaks the page’s language, its own, or words of the page’s', async ({ app }) => {
  await app.open('/account.html');
  const buttons = element(app.page).getByRole('button');
  await expect(buttons).toHaveText(['Sign in']);
  await app.run(() => document.querySelector('identity-account')?.setAttribute('lang', 'ar'));
  await expect(buttons).toHaveText(['تسجيل الدخول']);
  expect(await buttons.evaluate((button) => getComputedStyle(button).direction)).toBe('rtl');
  await app.run(() => {
    const account = document.querySelector('identity-account');
    account?.setAttribute('lang', 'it');
    account?.replaceWith(Object.assign(account, { texts: { signIn: 'Accedi' } }));
  });
  await expect(buttons).toHaveText(['Accedi']);
});

test('a page under a strict policy, with the look of the guide', async ({ variant }) => {
  const app = await variant({
    headers: { 'content-security-policy': "default-src 'self'; style-src 'self'; connect-src *; img-src *" },
    intercept: (path) =>
      path === '/account-element.html'
        ? {
            headers: { 'content-type': 'text/html' },
            body: `<!doctype html><html lang="en"><title>Guide</title><link rel="stylesheet" href="/guide/account-element.css">
              <script type="module" src="/guide/account-element.js"></script>${readFileSync('e2e/pages/guide/account-element.html', 'utf8')}`,
          }
        : undefined,
  });
  const { page } = app;
  await page.goto(`${app.url}/account-element.html`);
  const button = element(page).getByRole('button', { name: 'Sign in' });
  await expect(button).toHaveCSS('background-color', 'rgb(0, 105, 92)');
  await expect(button).toHaveCSS('border-radius', '0px');
});

test('with the script tag the element is loaded where a page has one', async ({ variant, portal }) => {
  const tag = `<script src="/identity-client.js" data-portal="${portal.url}" data-client-id="idw-demo" data-name="Maps"></script>`;
  const html = (body: string): string =>
    `<!doctype html><html lang="de"><head><title>No build</title>${tag}</head><body>${body}</body></html>`;
  const app = await variant({
    intercept: (path) =>
      path === '/' || path === '/none.html'
        ? {
            headers: { 'content-type': 'text/html' },
            body: html(path === '/' ? '<identity-account></identity-account>' : ''),
          }
        : undefined,
  });
  portal.addRedirectUri(`${app.url}/`);
  const { page } = app;
  await page.goto(`${app.url}/none.html`);
  await app.ready();
  expect(await app.run(() => customElements.get('identity-account') === undefined)).toBe(true);
  await page.goto(app.url);
  await signIn(app, element(page).getByRole('button', { name: 'Anmelden' }));
  await expect(element(page).getByRole('button', { name: 'ana' })).toBeVisible();
});

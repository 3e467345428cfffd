/** The challenge: a request meets a wall, a person signs in, and the request succeeds as if they had been signed in all along. */
import { expect, onePortal, test } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const count = (index = 0): string =>
  `Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json&index=${index}`;

test('a secured request on the first visit asks for a sign-in and then succeeds', async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(count()));
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answer).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests('authorization_code')).toBe(1);
});

test('the sign-in button opens the window in its click', async ({ app }) => {
  await app.open();
  await app.signInByWindow('ana');
  const credentials = await app.run(() => window.identity.credentials);
  expect(credentials).toMatchObject([{ portal: app.portal.url, username: 'ana', renewable: true }]);
  expect(await app.fetchJson(app.hosted(count()))).toEqual({ count: expect.any(Number) });
});

test('fifty requests at once make one prompt and one token request', async ({ app }) => {
  await app.open();
  const urls = Array.from({ length: 50 }, (_, index) => app.hosted(count(index)));
  const answers = Promise.all(urls.map((url) => app.fetchJson(url)));
  // Every request has met the wall before anybody signs in.
  await app.portal.log.waitFor({ path: /query$/ }, 50);
  const popup = await app.answerDialog();
  await app.fillIn(popup, 'ana');
  for (const answer of await answers) expect(answer).toEqual({ count: expect.any(Number) });
  expect(app.page.context().pages()).toHaveLength(1);
  expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
  expect(app.tokenRequests()).toBe(1);
});

test('an image without CORS waits for the sign-in too', async ({ app }) => {
  await app.open();
  const width = app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await width).toBe(256);
});

test('a public layer asks nobody', async ({ app }) => {
  await app.open();
  const answer = await app.fetchJson(
    app.hosted('Places/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json'),
  );
  expect(answer).toEqual({ count: expect.any(Number) });
  expect(await app.loadImage(app.hosted('Basemap/MapServer/tile/0/0/0'))).toBe(256);
  expect(await app.page.locator('identity-worker-dialog').count()).toBe(0);
  expect(app.portal.log.count({ path: /oauth2/ })).toBe(0);
});

test.describe('giving up', () => {
  test('cancelling the dialog gives the request the portal’s own answer, and nobody is asked again', async ({
    app,
  }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    await app.dialogShown();
    await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await answer).toMatchObject({ error: { code: 499 } });
    expect(await app.fetchJson(app.hosted(count(1)))).toMatchObject({ error: { code: 499 } });
    expect(await app.page.getByRole('dialog').count()).toBe(0);
    // A person who acts is asked at once.
    await app.signInByWindow('ana');
    expect(await app.fetchJson(app.hosted(count(2)))).toEqual({ count: expect.any(Number) });
  });

  test('declining at the portal is the same', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    const popup = await app.answerDialog();
    await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Cancel' }).click()]);
    expect(await answer).toMatchObject({ error: { code: 499 } });
    await expect(app.page.getByRole('dialog')).toHaveCount(0);
  });

  test('closing the window is the same', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    const popup = await app.answerDialog();
    await popup.getByLabel('Username').waitFor();
    // The page looks at the window four times a second: it has to have seen the portal's page in it.
    await app.run(() => new Promise((resolve) => setTimeout(resolve, 600)));
    await popup.close();
    expect(await answer).toMatchObject({ error: { code: 499 } });
  });

  test('signIn tells why it failed, and works at once when tried again', async ({ app }) => {
    await app.open();
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await expect(app.page.getByRole('status')).toHaveText('access-denied');
    await app.signInByWindow('ben');
  });

  test('a reloaded page is asked anew', async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(count()));
    await app.dialogShown();
    await app.page.getByRole('dialog').press('Escape');
    await answer;
    await app.page.reload();
    await app.ready();
    const second = app.fetchJson(app.hosted(count()));
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await second).toEqual({ count: expect.any(Number) });
  });
});

test('an app may run the sign-in by itself', async ({ app }) => {
  await app.open();
  await app.run(() => {
    window.identity.addEventListener('oauth-code-required', (event) => {
      event.preventDefault();
      window.challenge = event;
    });
  });
  const answer = app.fetchJson(app.hosted(count()));
  await expect
    .poll(() => app.run(() => window.challenge?.authorizationUrl ?? ''))
    .toContain('/oauth2/authorize');
  // The app opens the sign-in page in a tab of its own making; the callback page does the rest.
  const url = await app.run(() => window.challenge?.authorizationUrl ?? '');
  expect(await app.page.locator('identity-worker-dialog').count()).toBe(0);
  const tab = await app.page.context().newPage();
  await tab.goto(url);
  await fillInForm(tab, 'ana');
  expect(await answer).toEqual({ count: expect.any(Number) });
  expect(await app.run(() => window.challenge?.signal.aborted)).toBe(true);
});

test('a portal that cuts the tie to its window is waited for, and the code comes home all the same', async ({
  app,
}) => {
  app.portal.control.setCoop('same-origin');
  await app.open();
  const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
  // The window reads as closed while the person signs in: the page says where to go on, and cancels nothing.
  await expect(app.page.getByRole('dialog')).toContainText('other window');
  await app.fillIn(popup, 'ana');
  await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
  await expect(app.page.getByRole('dialog')).toHaveCount(0);
  expect(app.tokenRequests()).toBe(1);
});

test.describe('an app that isolates itself', () => {
  test.use({
    appHeaders: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  });

  test('has its window cut off, and the code comes home all the same', async ({ app }) => {
    await app.open();
    expect(await app.run(() => crossOriginIsolated)).toBe(true);
    const answer = app.fetchJson(app.hosted(count()));
    const popup = await app.answerDialog();
    await expect(app.page.getByRole('dialog')).toContainText('other window');
    await app.fillIn(popup, 'ana');
    expect(await answer).toEqual({ count: expect.any(Number) });
    await expect(app.page.getByRole('dialog')).toHaveCount(0);
  });
});

test.describe('a person who takes long', () => {
  test.use({ identityConfig: { make: (portal) => ({ ...onePortal.make(portal), holdLimitMs: 700 }) } });

  test('keeps requests waiting past the browser’s limit on an event, bodies included', async ({ app }) => {
    await app.open();
    const answers = [
      app.fetchJson(app.hosted(count())),
      app.fetchJson(app.hosted('Echo/FeatureServer/echo?f=json'), {
        method: 'POST',
        body: '{"a":1}',
        headers: { 'content-type': 'application/json' },
      }),
    ];
    const width = app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
    const popup = await app.answerDialog();
    // Each request has come back three times: the limit passed twice at least.
    await app.portal.log.waitFor({ path: /query$/ }, 3);
    await app.portal.log.waitFor({ path: /Echo/ }, 3);
    await app.fillIn(popup, 'ana');
    const [counted, echoed] = await Promise.all(answers);
    expect(counted).toEqual({ count: expect.any(Number) });
    expect(echoed).toMatchObject({ bodyLength: 7 });
    expect(await width).toBe(256);
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
  });
});

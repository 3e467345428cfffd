/** Signing in through the window: a request needs a sign-in, the user signs in, and the request succeeds. */
import { expect, onePortal, test } from '../support/fixtures.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';
import { alertOf, dialogOf, forbidWindows, mainButtonOf, requestPrompt } from '../support/dialog.js';
import { startTracing, stepsOf, tracesOf } from '../support/tracing.js';

test(
  'a secured request on the first visit prompts for a sign-in and then succeeds',
  { tag: ['@H10', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(app.hosted(countQuery()));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests('authorization_code')).toBe(1);
  },
);

test('the sign-in button opens the window in its click', { tag: ['@H1'] }, async ({ app }) => {
  await app.open();
  await app.signInByWindow('ana');
  const credentials = await app.run(() => window.identity.credentials);
  expect(credentials).toMatchObject([{ portal: app.portal.url, username: 'ana', renewable: true }]);
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
});

test(
  'fifty requests at once make one prompt and one token request',
  { tag: ['@H12', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const urls = Array.from({ length: 50 }, (_, index) => app.hosted(countQuery(index)));
    const answers = Promise.all(urls.map((url) => app.fetchJson(url)));
    // Every request has been refused before the user signs in.
    await app.portal.log.waitFor({ path: /query$/ }, 50);
    const popup = await app.openWindowFromDialog();
    await app.fillIn(popup, 'ana');
    for (const answer of await answers) expect(answer).toEqual(aCount);
    await expect.poll(() => app.page.context().pages().length).toBe(1);
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'an image without CORS waits for the sign-in too',
  { tag: ['@C1', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const width = app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await width).toBe(256);
  },
);

test('a public layer causes no prompt', { tag: ['@user-interface'] }, async ({ app }) => {
  await app.open();
  const answer = await app.fetchJson(app.hosted(publicCountQuery()));
  expect(answer).toEqual(aCount);
  expect(await app.loadImage(app.hosted('Basemap/MapServer/tile/0/0/0'))).toBe(256);
  expect(await app.isDialogOpen()).toBe(false);
  expect(app.portal.log.count({ path: /oauth2/ })).toBe(0);
});

test(
  'the code arrives although the portal severs its window from the page',
  { tag: ['@H2'] },
  async ({ app }) => {
    app.portal.control.setCoop('same-origin');
    await app.open();
    const popup = await app.openSignInWindow();
    // The window reads as closed while the user signs in: the page says where to go on, and cancels nothing.
    await expect(app.page.getByRole('dialog')).toContainText('other window');
    await app.fillIn(popup, 'ana');
    await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
    await expect(app.page.getByRole('dialog')).toHaveCount(0);
    expect(app.tokenRequests()).toBe(1);
  },
);

test.describe('a cross-origin isolated app', () => {
  test.use({
    appHeaders: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  });

  test(
    'the code arrives although the isolated app is severed from its window',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      expect(await app.run(() => crossOriginIsolated)).toBe(true);
      const answer = app.fetchJson(app.hosted(countQuery()));
      const popup = await app.openWindowFromDialog();
      await expect(app.page.getByRole('dialog')).toContainText('other window');
      await app.fillIn(popup, 'ana');
      expect(await answer).toEqual(aCount);
      await expect(app.page.getByRole('dialog')).toHaveCount(0);
    },
  );
});

test.describe('a user who takes long', () => {
  test.use({ identityConfig: { make: (portal) => ({ ...onePortal.make(portal), holdLimitMs: 700 }) } });

  test(
    'requests wait past the browser’s limit on an event, bodies included',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      await startTracing(app);
      const answers = [
        app.fetchJson(app.hosted(countQuery())),
        app.fetchJson(app.hosted('Echo/FeatureServer/echo?f=json'), {
          method: 'POST',
          body: '{"a":1}',
          headers: { 'content-type': 'application/json' },
        }),
      ];
      const width = app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
      const popup = await app.openWindowFromDialog();
      // Each request has come back three times: the limit passed twice at least.
      await app.portal.log.waitFor({ path: /query$/ }, 3);
      await app.portal.log.waitFor({ path: /Echo/ }, 3);
      await app.fillIn(popup, 'ana');
      const [counted, echoed] = await Promise.all(answers);
      expect(counted).toEqual(aCount);
      expect(echoed).toMatchObject({ bodyLength: 7 });
      expect(await width).toBe(256);
      expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
      const handedBack = (await tracesOf(app)).filter(({ url }) => url.endsWith('/echo')).map(stepsOf);
      expect(handedBack[0]?.slice(-2)).toEqual(['sign-in held-too-long', 'handed-back held-too-long']);
    },
  );
});

test('a wrong password keeps the request waiting', { tag: ['@user-interface'] }, async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  const popup = await app.openWindowFromDialog();
  await popup.getByLabel('Username').fill('ana');
  await popup.getByLabel('Password').fill('wrong');
  await popup.getByRole('button', { name: 'Sign in' }).click();
  await expect(popup.getByRole('alert')).toHaveText('Invalid username or password.');
  expect(await Promise.race([answer, app.run(() => 'still waiting')])).toBe('still waiting');
  await app.fillIn(popup, 'ana');
  expect(await answer).toEqual(aCount);
  expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
});

test('a user with a session at the portal is signed in without a form', async ({ app }) => {
  await app.open();
  await app.signInByWindow('ana');
  await app.run(() => window.identity.signOut());
  app.portal.log.clear();
  const popup = await app.openSignInWindow();
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
  expect(app.portal.log.requests({ path: /oauth2\/authorize$/ })).toMatchObject([{ status: 302 }]);
  expect(app.portal.log.count({ path: /oauth2\/signin$/ })).toBe(0);
});

test.describe('the window', () => {
  test(
    'where windows are blocked even in a click the sign-in page opens in a tab, and closes',
    { tag: ['@H1', '@user-interface'] },
    async ({ app }) => {
      await app.open();
      await forbidWindows(app);
      const answer = await requestPrompt(app);
      await mainButtonOf(app).click();
      const link = dialogOf(app).getByRole('link', { name: 'Open in a new tab' });
      await expect(link).toBeFocused();
      const [tab] = await Promise.all([app.page.context().waitForEvent('page'), link.press('Enter')]);
      await expect(dialogOf(app)).toContainText('other window');
      await app.fillIn(tab, 'ana');
      expect(await answer()).toEqual(aCount);
      await expect(dialogOf(app)).toHaveCount(0);
    },
  );

  test(
    'a blocked window opens once windows are allowed',
    { tag: ['@H1', '@user-interface'] },
    async ({ app }) => {
      await app.open();
      await forbidWindows(app);
      const answer = await requestPrompt(app);
      await mainButtonOf(app).click();
      await expect(dialogOf(app).getByRole('link')).toBeVisible();
      await app.run(() => {
        window.open = Reflect.get(window, 'openAllowed') as typeof window.open;
      });
      const again = dialogOf(app).getByRole('button', { name: 'Sign in again' });
      await app.fillIn(await app.waitForPopup(() => again.click()), 'ana');
      expect(await answer()).toEqual(aCount);
    },
  );

  test(
    'a window that is open already comes to the front and keeps what was typed',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      await app.open();
      const answer = await requestPrompt(app);
      const popup = await app.waitForPopup(() => mainButtonOf(app).click());
      await popup.getByLabel('Username').fill('ana');
      await dialogOf(app).getByRole('button', { name: 'Open the window again' }).click();
      expect(app.page.context().pages()).toHaveLength(2);
      await expect(popup.getByLabel('Username')).toHaveValue('ana');
      await app.fillIn(popup, 'ana');
      expect(await answer()).toEqual(aCount);
      expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
    },
  );

  test('the window is centred over the page', async ({ app }) => {
    await app.open();
    await app.run(() => {
      const open = window.open.bind(window);
      window.open = (...args) => {
        document.body.dataset['features'] = args[2] ?? '';
        return open(...args);
      };
      Object.defineProperties(window, {
        screenX: { value: -1900 },
        screenY: { value: 100 },
        outerWidth: { value: 1800 },
        outerHeight: { value: 900 },
      });
      Object.defineProperties(screen, {
        availLeft: { value: -1920 },
        availTop: { value: 0 },
        availWidth: { value: 1920 },
        availHeight: { value: 1040 },
      });
    });
    await app.openSignInWindow();
    const features = await app.run(() => document.body.dataset['features']);
    expect(features).toBe('popup,width=520,height=700,left=-1260,top=200');
  });

  test(
    'after a portal out of reach trying again lets the request succeed',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      const repair = app.portal.control.fault('/oauth2/token', { status: 503 });
      await app.open();
      const answer = await requestPrompt(app);
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      await expect(alertOf(app)).toContainText('cannot be reached');
      repair();
      // The portal knows who it is: the window closes by itself.
      await app.waitForPopup(() => dialogOf(app).getByRole('button', { name: 'Sign in again' }).click());
      expect(await answer()).toEqual(aCount);
      await expect(dialogOf(app)).toHaveCount(0);
      expect(app.tokenRequests()).toBe(2);
    },
  );

  test(
    'after a portal out of reach Escape gives the request the portal’s own answer',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      app.portal.control.fault('/oauth2/token', { status: 503 });
      await app.open();
      const answer = await requestPrompt(app);
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      await expect(alertOf(app)).toContainText('cannot be reached');
      await app.page.keyboard.press('Escape');
      expect(await answer()).toMatchObject({ error: { code: 499 } });
      await expect(dialogOf(app)).toHaveCount(0);
    },
  );

  test(
    'a failure in the app’s own click rejects signIn, with no dialog in between',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      app.portal.control.fault('/oauth2/token', { status: 503 });
      await app.open();
      const popup = await app.openSignInWindow();
      await app.fillIn(popup, 'ana');
      await expect(app.page.getByRole('status')).toHaveText('portal-unreachable');
      await expect(dialogOf(app)).toHaveCount(0);
    },
  );
});

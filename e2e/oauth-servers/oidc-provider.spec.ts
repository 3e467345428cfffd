/** A certified OpenID provider: its refresh tokens rotate, and whatever looks like a stolen one ends the whole grant. */
import { expect, type TestApp } from '../support/fixtures.js';
import {
  allow,
  changed,
  enter,
  passPages,
  registrationOf,
  signIn,
  signInByWindow,
  test,
  tokenRequests,
} from '../support/oauth-servers/fixtures.js';
import type { Api } from '../support/oauth-servers/api.js';

const names = (app: TestApp) =>
  app.run(() => window.identity.credentials.map(({ username }) => username ?? ''));

/** The user whose token the API gets. */
const userOf = async (app: TestApp, { url }: Api, path = 'maps/1'): Promise<unknown> =>
  (await app.fetchJson(url + path))['user'];

test(
  'a user signs in in the server’s pages, and the API gets the token',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    await app.open();
    const answer = app.fetchJson(`${api.url}maps/1`);
    await passPages(await app.openWindowFromDialog());
    expect(await answer).toMatchObject({ user: 'ana', scope: 'openid profile maps', path: '/maps/1' });
    expect(tokenRequests(server)).toBe(1);
    // Its ID tokens have no name: that is for the userinfo endpoint to say.
    expect(await names(app)).toEqual(['ana']);
  },
);

test.describe('with a strict opener policy', () => {
  test.use({ choice: { kind: 'oidc-provider', isolated: true } });

  test('the window that the browser has cut off ends the sign-in all the same', async ({ app, api }) => {
    await app.open();
    await signInByWindow(app);
    expect(await userOf(app, api)).toBe('ana');
  });
});

test('tabs that find the token expired at once cost one refresh, and the server sees no reuse', async ({
  app,
  server,
  api,
}) => {
  await app.open();
  await signIn(app);
  const other = await app.newTab();
  for (const round of [1, 2, 3]) {
    server.expireAccessTokens();
    const users = await Promise.all(
      [1, 2, 3].flatMap((index) => [app, other].map((tab) => userOf(tab, api, `maps/${round}/${index}`))),
    );
    expect(users).toEqual(Array(6).fill('ana'));
    expect(tokenRequests(server, 'refresh_token')).toBe(round);
  }
});

test('a second sign-in while signed in does not end its own session', async ({ app, server, api }) => {
  await app.open();
  await signInByWindow(app);
  const popup = await app.openSignInWindow();
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await expect.poll(() => tokenRequests(server, 'authorization_code')).toBe(2);
  await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
  expect(await userOf(app, api)).toBe('ana');
  server.expireAccessTokens();
  expect(await userOf(app, api)).toBe('ana');
  expect(server.front.requests(/^\/token\/revocation$/)).toEqual([]);
});

test.describe('of one site with the server', () => {
  test.use({ appHost: '127.0.0.1' });

  test('a silent sign-in on every load keeps the session', async ({ app, server, api }) => {
    await app.open();
    await signInByWindow(app);
    for (const load of [1, 2]) {
      await app.page.reload();
      await app.ready();
      expect(
        await app.run(() => window.identity.signIn({ silent: true }).then(({ username }) => username)),
      ).toBe('ana');
      server.expireAccessTokens();
      expect(await userOf(app, api)).toBe('ana');
      expect(tokenRequests(server, 'refresh_token')).toBe(load);
    }
  });
});

test('signing in as another user ends the first one’s session here', async ({ app, server, api }) => {
  await app.open();
  await signInByWindow(app);
  const popup = await app.openInClick(() => window.identity.signIn({ forceLogin: true }));
  await passPages(popup, 'ben');
  await expect.poll(() => names(app)).toEqual(['ben']);
  expect(await userOf(app, api)).toBe('ben');
  server.expireAccessTokens();
  expect(await userOf(app, api)).toBe('ben');
});

test(
  'signing out revokes the grant, and signs the next request with nothing',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    await app.open();
    await signIn(app);
    await app.run(() => window.identity.signOut());
    await expect
      .poll(() => server.front.requests(/revocation/, ({ status }) => status === 200).length)
      .toBe(1);
    void app.fetch(api.url).catch(() => undefined);
    await app.waitForDialog();
    expect(api.front.requests(/./).at(-1)?.headers['authorization']).toBeUndefined();
  },
);

test.describe('without an end of the session', () => {
  test.use({ choice: { kind: 'oidc-provider', endSession: false } });

  test('signing out at the server says so, and the user is signed out here', async ({ app }) => {
    await app.open();
    await signIn(app);
    const outcome = await app.run(() =>
      window.identity
        .signOut({ portalSession: true })
        .catch((error: unknown) => (window.isIdentityError(error) ? error.code : String(error))),
    );
    expect(outcome).toBe('sign-out-unsupported');
    await expect.poll(() => names(app)).toEqual([]);
  });
});

test(
  'an update of the app that asks for another scope signs the user in again, with it',
  { tag: ['@user-interface'] },
  async ({ app, server, api, deployment }) => {
    await app.open();
    await signIn(app);
    expect(await app.fetchJson(api.url)).toMatchObject({ scope: 'openid profile maps' });
    deployment.registrations = {
      arcgis: [],
      oauth: [{ ...registrationOf(server, api), scope: 'openid profile maps edits' }],
    };
    await updateWorker(app);
    const answer = app.fetchJson(api.url);
    await passPages(await app.openWindowFromDialog());
    expect(await answer).toMatchObject({ user: 'ana', scope: 'openid profile maps edits' });
  },
);

/** Loads the new worker, and has it take over. */
async function updateWorker(app: TestApp): Promise<void> {
  await app.run(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const next = registration.installing ?? registration.waiting;
    if (next?.state === 'installing')
      await new Promise((resolve) => next.addEventListener('statechange', resolve, { once: true }));
  });
  // The waiting worker takes over when no page is left.
  await app.page.goto('about:blank');
  await app.open();
}

for (const minutes of [10, -10])
  test.describe(`a clock wrong by ${minutes} minutes, and ID tokens of one minute`, () => {
    test.use({ choice: { kind: 'oidc-provider', lifetimesS: { idToken: 60 } } });

    test('costs no sign-in and no refresh token', async ({ app, server, api }) => {
      await app.open();
      await app.advanceWorkerClock(minutes * 60_000);
      await signIn(app);
      expect(await names(app)).toEqual(['ana']);
      for (const round of [1, 2]) {
        server.expireAccessTokens();
        expect(await userOf(app, api, String(round))).toBe('ana');
        expect(tokenRequests(server, 'refresh_token')).toBe(round);
      }
    });
  });

test.describe('a refresh token for those who consent alone', () => {
  test.use({
    choice: { kind: 'oidc-provider', refreshTokens: 'offline_access' },
    changes: changed({
      scope: 'openid profile offline_access',
      authorizationParameters: { prompt: 'consent' },
    }),
  });

  test('is there with prompt=consent, and renews', async ({ app, server, api }) => {
    await app.open();
    await signInByWindow(app);
    expect(server.front.requests(/^\/auth$/)[0]?.query.get('prompt')).toBe('consent');
    server.expireAccessTokens();
    expect(await userOf(app, api)).toBe('ana');
    expect(tokenRequests(server, 'refresh_token')).toBe(1);
  });
});

test('a user who declines in the server’s page ends the sign-in', async ({ app }) => {
  await app.open();
  const popup = await app.openSignInWindow();
  await enter(popup);
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.page.getByRole('status')).toHaveText('access-denied');
  // Nothing sticks.
  const second = await app.openSignInWindow();
  await allow(second);
  await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
});

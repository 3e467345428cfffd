/** A refresh whose answer never came, at a server that replaces refresh tokens: the user is asked only where the server would have to. */
import { expect, type TestApp } from '../support/fixtures.js';
import { answerRefreshes, enter, signIn, test, tokenRequests } from '../support/oauth-servers/fixtures.js';
import type { Api } from '../support/oauth-servers/api.js';
import { CLIENT_ID, redirectUrisOf, type OAuthServer } from '../support/oauth-servers/server.js';

test.use({ choice: { kind: 'oidc-provider', isFirstParty: true } });

const silent = ({ front }: OAuthServer): number =>
  front.requests(/^\/auth$/, ({ query }) => query.get('prompt') === 'none').length;

/** Holds the answer to the next refresh back for good, when the server has replaced the token. */
function loseAnswer({ front }: OAuthServer): Promise<void> {
  return new Promise((resolve) =>
    front.change(
      /^\/token$/,
      () => {
        resolve();
        return new Promise(() => undefined);
      },
      1,
    ),
  );
}

/** The server has replaced the refresh token, and the worker is stopped before the answer comes. */
async function lose(app: TestApp, server: OAuthServer, api: Api): Promise<void> {
  server.expireAccessTokens();
  const lost = loseAnswer(server);
  void app.fetch(`${api.url}first`).catch(() => undefined);
  await lost;
  await app.stopWorker();
}

/** Signs in by the app's button: the browser has a session at the server from then on. */
async function signInInWindow(app: TestApp): Promise<void> {
  await enter(await app.openSignInWindow());
  await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
}

/** The user signs in at the server for something else. */
async function signInAtServer(app: TestApp, { issuer }: OAuthServer, user: string): Promise<void> {
  const tab = await app.page.context().newPage();
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: redirectUrisOf(app.url)[0] ?? '',
    response_type: 'code',
    scope: 'openid profile maps',
    state: 'of-another-app',
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  await tab.goto(`${issuer}/auth?${query}`);
  await enter(tab, user);
  await tab.waitForURL(/signed-in/);
  await tab.close();
}

test.describe('of one site with the server', () => {
  test.use({ appHost: '127.0.0.1' });

  test('a stop that costs the new token costs no sign-in: no window, no dialog', async ({
    app,
    server,
    api,
  }) => {
    await app.open();
    await signInInWindow(app);
    const pages: unknown[] = [];
    app.page.context().on('page', (page) => pages.push(page));
    await lose(app, server, api);
    expect(await app.fetchJson(`${api.url}second`)).toMatchObject({ user: 'ana' });
    expect(silent(server)).toBe(1);
    expect(tokenRequests(server, 'refresh_token')).toBe(2);
    expect(pages).toEqual([]);
    expect(await app.isPrompting()).toBe(false);
    expect(await app.run(() => document.querySelectorAll('iframe').length)).toBe(0);
    // It goes on as after any sign-in.
    server.expireAccessTokens();
    expect(await app.fetchJson(`${api.url}third`)).toMatchObject({ user: 'ana' });
    expect(silent(server)).toBe(1);
  });

  test('an answer that breaks off without a stop does not either', async ({ app, server, api }) => {
    await app.open();
    await signInInWindow(app);
    server.expireAccessTokens();
    server.front.change(/^\/token$/, (answer) => (answer.body = answer.body.slice(0, 20)), 1);
    expect(await app.fetchJson(`${api.url}first`)).toMatchObject({ user: 'ana' });
    expect(silent(server)).toBe(1);
    expect(await app.isPrompting()).toBe(false);
  });

  test(
    'another user’s session at the server is not taken for it: the user is asked',
    {
      tag: ['@S11', '@user-interface'],
    },
    async ({ app, server, api }) => {
      await app.open();
      await signIn(app, 'ana');
      await signInAtServer(app, server, 'ben');
      await lose(app, server, api);
      const answer = app.fetchJson(`${api.url}second`);
      await app.waitForDialog();
      expect(silent(server)).toBe(1);
      // The server has issued tokens: they are ben’s.
      expect(tokenRequests(server, 'authorization_code')).toBe(2);
      expect(await app.run(() => window.identity.credentials)).toEqual([]);
      await app.openWindowFromDialog();
      // The session there is ben’s, and it is the click that says so.
      expect(await answer).toMatchObject({ user: 'ben' });
    },
  );

  test(
    'without a session at the server the user is asked, once',
    { tag: ['@user-interface'] },
    async ({ app, server, api }) => {
      await app.open();
      await signIn(app);
      await lose(app, server, api);
      const answer = app.fetchJson(`${api.url}second`);
      await enter(await app.openWindowFromDialog());
      expect(await answer).toMatchObject({ user: 'ana' });
      expect(silent(server)).toBe(1);
    },
  );

  test(
    'control: a session that the server has ended is not taken up again without the user',
    {
      tag: ['@user-interface'],
    },
    async ({ app, server, api }) => {
      await app.open();
      await signIn(app);
      server.expireAccessTokens();
      answerRefreshes(server, 400, { error: 'invalid_grant' });
      void app.fetch(api.url).catch(() => undefined);
      await app.waitForDialog();
      expect(silent(server)).toBe(0);
    },
  );
});

test(
  'of another site, whose frames have no cookies, the user is asked',
  {
    tag: ['@user-interface'],
  },
  async ({ app, server, api }) => {
    await app.open();
    await signIn(app);
    await signInAtServer(app, server, 'ana');
    await lose(app, server, api);
    const answer = app.fetchJson(`${api.url}second`);
    await app.openWindowFromDialog();
    expect(await answer).toMatchObject({ user: 'ana' });
    expect(silent(server)).toBe(1);
  },
);

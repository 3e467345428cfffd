/** Two servers that have little in common with the others: one has no metadata, one has no pages and a scope of its own. */
import { expect } from '../support/fixtures.js';
import { changed, enter, signIn, test, tokenRequests } from '../support/oauth-servers/fixtures.js';

test.describe('@node-oauth/oauth2-server: endpoints by hand, no iss, no ID token', () => {
  test.use({
    choice: { kind: 'node-oauth' },
    changes: changed(({ issuer }) => ({
      scope: 'maps',
      endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token` },
    })),
  });

  test('sign-in, renewals, sign-out', async ({ app, server, api }) => {
    await app.open();
    const popup = await app.openSignInWindow();
    const closed = popup.waitForEvent('close');
    await enter(popup);
    await closed;
    for (const round of [1, 2, 3]) {
      expect(await app.fetchJson(api.url + String(round))).toMatchObject({ user: 'ana', scope: 'maps' });
      server.expireAccessTokens();
    }
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
    expect(tokenRequests(server, 'refresh_token')).toBe(3);
    expect(server.front.requests(/^\/\.well-known\//)).toEqual([]);
    await app.run(() => window.identity.signOut());
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
  });
});

test.describe('oauth2-mock-server: no pages, a scope that nobody asked for', () => {
  test.use({ choice: { kind: 'mock-server' }, changes: changed({ scope: 'maps' }) });

  test('sign-in, renewals, and no prompt because of the scope', async ({ app, server, api }) => {
    await app.open();
    await app.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('status')).toHaveText('signed in as johndoe');
    for (const round of [1, 2, 3]) {
      expect(await app.fetchJson(api.url + String(round))).toMatchObject({ user: 'johndoe', scope: 'dummy' });
      server.expireAccessTokens();
      await app.page.reload();
      await app.ready();
    }
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'johndoe' });
    expect(tokenRequests(server, 'authorization_code')).toBe(1);
  });
});

test.describe('a server whose metadata no browser can read', () => {
  test.use({
    changes: changed(({ issuer }) => ({
      endpoints: {
        authorization: `${issuer}/auth`,
        token: `${issuer}/token`,
        revocation: `${issuer}/token/revocation`,
        endSession: `${issuer}/session/end`,
        userinfo: `${issuer}/me`,
      },
    })),
  });

  test('works by its endpoints', async ({ app, server, api }) => {
    server.front.change(/^\/\.well-known\//, (answer) => {
      delete answer.headers['access-control-allow-origin'];
    });
    await app.open();
    await signIn(app);
    server.expireAccessTokens();
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
    await app.run(() => window.identity.signOut());
    await expect.poll(() => server.front.requests(/revocation/).length).toBe(1);
    expect(server.front.requests(/^\/\.well-known\//)).toEqual([]);
  });
});

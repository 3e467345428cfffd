/** Signing out at a server with the ID token of the sign-in, which tells it whom to sign out: sent once, in the navigation alone. */
import { expect, type TestApp } from '../support/fixtures.js';
import { changed, passPages, signInByWindow, test } from '../support/oauth-servers/fixtures.js';
import type { OAuthServer } from '../support/oauth-servers/server.js';

/** What each request for the end of the session had in its query. */
const ends = ({ front }: OAuthServer): Record<string, string>[] =>
  front.requests(/^\/session\/end$/).map(({ query }) => Object.fromEntries(query));

const subjectOf = (idToken = ''): unknown =>
  (JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as { sub?: unknown })
    .sub;

/** Signs out at the server, in a window that closes by itself. */
async function signOutByWindow(app: TestApp, act?: () => Promise<void>): Promise<void> {
  const popup = await app.openInClick(() => window.identity.signOut({ portalSession: true }));
  const closed = popup.waitForEvent('close');
  await act?.();
  const button = popup.getByRole('button', { name: 'Sign out' });
  // Without a session the server asks nothing.
  await Promise.race([closed, button.click().catch(() => undefined)]);
  await closed;
}

test('signing out at the server names the user by the ID token of the sign-in, once', async ({
  app,
  server,
}) => {
  await app.open();
  await signInByWindow(app);
  await signOutByWindow(app);
  const [first] = ends(server);
  expect(first).toMatchObject({
    client_id: 'map-app',
    post_logout_redirect_uri: `${app.url}/signed-in.html`,
  });
  expect(subjectOf(first?.['id_token_hint'])).toBe('4711-ana');
  expect(await app.run(() => window.identity.credentials.length)).toBe(0);
  await signOutByWindow(app);
  expect(ends(server)).toHaveLength(2);
  expect(ends(server)[1]).not.toHaveProperty('id_token_hint');
  // The form is there again.
  await passPages(await app.openSignInWindow(), 'ben');
});

test.describe('with a page of its own to come back to', () => {
  test.use({ changes: changed({ postLogoutRedirectUri: '/signed-out.html' }) });

  test('a sign-out at the server ends there, and the window closes; kept tokens survive a restart', async ({
    app,
    server,
  }) => {
    await app.open();
    await signInByWindow(app);
    await app.stopWorker();
    await signOutByWindow(app);
    const [first] = ends(server);
    expect(first).toMatchObject({ post_logout_redirect_uri: `${app.url}/signed-out.html` });
    expect(subjectOf(first?.['id_token_hint'])).toBe('4711-ana');
  });
});

test('a worker that is stopped on the way signs out without the ID token', async ({ app, server }) => {
  await app.open();
  await signInByWindow(app);
  const address = await app.page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const location = Object.defineProperty({}, 'href', { set: resolve });
        window.open = () => ({ location, close: () => undefined }) as unknown as Window;
        window.identity.signOut({ portalSession: true }).catch(reject);
      }),
  );
  expect(address).toMatch(/^[^?]*\/signed-in\.html\?identity-sign-out=/);
  await app.stopWorker();
  const tab = await app.page.context().newPage();
  await tab.goto(address);
  await tab.getByRole('button', { name: 'Sign out' }).waitFor();
  expect(ends(server)).toMatchObject([{ client_id: 'map-app' }]);
  expect(ends(server)[0]).not.toHaveProperty('id_token_hint');
});

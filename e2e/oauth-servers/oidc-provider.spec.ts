/** A certified OpenID provider (oidc-provider): sign-in, requests, renewal, sign-out. */
import { expect } from '../support/fixtures.js';
import { changeTokens, signIn, test, tokenRequests } from '../support/oauth-servers/fixtures.js';

test('a user signs in, and requests to the API are signed', async ({ app, server, api }) => {
  await app.open();
  await signIn(app);
  expect(await app.fetchJson(`${api.url}maps/1`)).toMatchObject({ user: 'ana', path: '/maps/1' });
  expect(tokenRequests(server)).toBe(1);
});

test('an expired token is renewed, and the rotated refresh token is used the next time', async ({
  app,
  server,
  api,
}) => {
  changeTokens(server, { expires_in: 30 });
  await app.open();
  await signIn(app);
  for (const index of [1, 2, 3])
    expect(await app.fetchJson(`${api.url}maps/${index}`)).toMatchObject({ user: 'ana' });
  expect(tokenRequests(server, 'refresh_token')).toBe(3);
});
for (const kind of ['node-oauth', 'mock-server'] as const)
  test.describe(kind, () => {
    test.use({ choice: { kind } });
    test('signs in', async ({ app, server, api }) => {
      await app.open();
      const w = await app.openSignInWindow();
      await w.waitForTimeout(3000).catch(() => {});
      console.log(
        app.page
          .context()
          .pages()
          .map((p) => p.url()),
        await app.page.getByRole('status').textContent(),
      );
      console.log(
        await app.fetch(api.url),
        server.front.requests(/./).map((r) => r.path + ' ' + r.status),
      );
    });
  });

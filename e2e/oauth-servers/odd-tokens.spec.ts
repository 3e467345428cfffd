/** Token answers that are not as RFC 6749 wants them: the tokens count, whatever stands beside them. */
import { expect } from '../support/fixtures.js';
import { changeTokens, signIn, test, tokenRequests } from '../support/oauth-servers/fixtures.js';

const oddities: readonly Record<string, unknown>[] = [
  { token_type: undefined },
  { token_type: 'bearer ' },
  { token_type: 'JWT' },
  { token_type: null },
  { scope: null },
  { scope: undefined },
  { scope: ['openid', 'maps'] },
  { id_token: null },
  { id_token: 'not.a.token' },
  { id_token: undefined },
  { expires_in: 0 },
  { expires_in: null },
  { expires_in: -1 },
  { expires_in: 'soon' },
  { expires_in: '3600' },
  { expires_in: 1e12 },
];

test('odd members of a token answer cost neither the sign-in nor the renewal', async ({
  app,
  server,
  api,
}) => {
  await app.open();
  await signIn(app);
  for (const [index, oddity] of oddities.entries())
    await test.step(`${Object.keys(oddity)[0]}: ${String(Object.values(oddity)[0])}`, async () => {
      changeTokens(server, oddity);
      // At sign-in…
      await signIn(app);
      server.front.clear();
      for (const time of [1, 2])
        expect(await app.fetchJson(`${api.url}${index}/${time}`)).toMatchObject({ user: 'ana' });
      // … without a refresh for every request …
      expect(tokenRequests(server)).toBe(0);
      // … and at a refresh.
      server.expireAccessTokens();
      for (const time of [3, 4])
        expect(await app.fetchJson(`${api.url}${index}/${time}`)).toMatchObject({ user: 'ana' });
      expect(tokenRequests(server, 'refresh_token')).toBe(1);
      server.front.restore();
    });
});

test('a refresh that brings no refresh token keeps the one that there is', async ({ app, server, api }) => {
  await app.open();
  await signIn(app);
  server.front.change(/^\/token$/, (answer, { form }) => {
    if (form.get('grant_type') !== 'refresh_token' || answer.status !== 200) return;
    answer.body = JSON.stringify({ ...(JSON.parse(answer.body) as object), refresh_token: null });
  });
  server.expireAccessTokens();
  expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
});

test(
  'an answer that has no refresh token signs in until the access token ends',
  { tag: ['@user-interface'] },
  async ({ app, server, api }) => {
    changeTokens(server, { refresh_token: null });
    await app.open();
    await signIn(app);
    expect(await app.fetchJson(api.url)).toMatchObject({ user: 'ana' });
    server.expireAccessTokens();
    void app.fetch(`${api.url}2`).catch(() => undefined);
    await app.waitForDialog();
    expect(tokenRequests(server, 'refresh_token')).toBe(0);
  },
);

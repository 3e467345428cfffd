/** Signing in to an OAuth 2.0 server that is found by its metadata (RFC 8414). */
import { expect, test } from '../support/fixtures.js';
import { apiCalls, apiUrl, oauthServer, oauthTokenRequests } from '../support/oauth-server.js';

test.use({ identityConfig: oauthServer() });

test(
  'a request without a token gets 401, the user signs in, and the request succeeds',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answer = app.fetchJson(apiUrl(app));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toMatchObject({ user: 'ana', scope: 'tiles', path: '/api/tiles/1' });
    expect(apiCalls(app)).toMatchObject([
      { status: 401, tokenPlacement: 'none' },
      { status: 200, tokenPlacement: 'authorization', user: 'ana' },
    ]);
    const [authorization] = app.portal.log.requests({ path: /^\/authorize$/ });
    expect(Object.fromEntries(new URLSearchParams(authorization?.query))).toEqual({
      client_id: 'idw-oauth',
      response_type: 'code',
      redirect_uri: `${app.url}/signed-in.html`,
      scope: 'tiles',
      state: expect.any(String),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(oauthTokenRequests(app)).toBe(1);
  },
);

for (const iss of ['wrong', 'missing'] as const) {
  test(`an authorization response with the ${iss} issuer is refused, and its code is not sent`, async ({
    app,
  }) => {
    app.portal.control.setResponseIss(iss);
    await app.open();
    await app.handleChallengesInApp();
    const outcome = await app.startSignIn();
    const tab = await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await outcome()).toBe('issuer-mismatch');
    await expect(tab.locator('body')).toHaveText('issuer-mismatch');
    expect(oauthTokenRequests(app)).toBe(0);
    // Nothing sticks.
    app.portal.control.setResponseIss('right');
    const second = await app.startSignIn();
    await tab.goto((await app.challengeUrl()).href);
    expect(await second()).toContain('signed in');
  });
}

for (const iss of ['wrong', 'missing'] as const) {
  test(`an error response with the ${iss} issuer does not end the sign-in`, async ({ app }) => {
    app.portal.control.setResponseIss(iss);
    await app.open();
    await app.handleChallengesInApp();
    const outcome = await app.startSignIn();
    const url = (await app.challengeUrl()).href;
    const tab = await app.page.context().newPage();
    await tab.goto(url);
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await expect(tab.locator('body')).toHaveText('issuer-mismatch');
    app.portal.control.setResponseIss('right');
    await app.fillInTab(url, 'ana');
    expect(await outcome()).toContain('signed in');
  });
}

test('a request whose sign-in page cannot be found gets the server’s own answer', async ({ app }) => {
  app.portal.control.setMetadataIssuer('https://other-issuer.example');
  await app.open();
  expect(await app.fetch(apiUrl(app))).toMatchObject({ status: 401 });
  expect(apiCalls(app)).toHaveLength(1);
});

test('a user who declines ends the sign-in with access-denied', async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const outcome = await app.startSignIn();
  const tab = await app.page.context().newPage();
  await tab.goto((await app.challengeUrl()).href);
  await tab.getByRole('button', { name: 'Cancel' }).click();
  expect(await outcome()).toBe('access-denied');
});

test('metadata of another issuer is not used, and nothing is sent anywhere it names', async ({ app }) => {
  app.portal.control.setMetadataIssuer('https://other-issuer.example');
  await app.open();
  await app.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(app.page.getByRole('status')).toHaveText('metadata-issuer-differs');
  expect(app.portal.log.count({ path: /^\/(authorize|token)$/ })).toBe(0);
  // A failed look-up does not stick.
  app.portal.control.setMetadataIssuer(undefined);
  const popup = await app.openSignInWindow();
  await app.fillIn(popup, 'ana');
  expect(await app.fetchJson(apiUrl(app))).toMatchObject({ user: 'ana' });
});

test(
  'endpoints on another host than the issuer are used, and its resources are its own',
  { tag: ['@H14', '@user-interface'] },
  async ({ app, portal }) => {
    const elsewhere = portal.oauth.issuer.replace('127.0.0.1', 'localhost');
    portal.control.setMetadata({
      authorization_endpoint: `${elsewhere}/authorize`,
      token_endpoint: `${elsewhere}/token`,
    });
    await app.open();
    const answer = app.fetchJson(apiUrl(app));
    const popup = await app.openWindowFromDialog();
    expect(new URL(popup.url()).hostname).toBe('localhost');
    await app.fillIn(popup, 'ana');
    expect(await answer).toMatchObject({ user: 'ana' });
    const [token] = portal.log.requests({ path: /^\/token$/ });
    expect(token?.requestHeaders['host']).toContain('localhost');
    // What is not among the resources gets no token, whichever host it is on.
    await app.fetch(apiUrl(app).replace('127.0.0.1', 'localhost'));
    expect(apiCalls(app).at(-1)).toMatchObject({ tokenPlacement: 'none' });
  },
);

for (const address of [
  'javascript:void(opener.stolen=1)',
  'data:text/html,sign in',
  'http://id.example.org/authorize',
])
  test(`a sign-in page at ${address} is not opened`, async ({ app, portal }) => {
    portal.control.setMetadata({ authorization_endpoint: address });
    await app.open();
    await app.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('status')).toHaveText('metadata-invalid');
    expect(await app.run(() => 'stolen' in window)).toBe(false);
    await expect.poll(() => app.page.context().pages().length).toBe(1);
  });

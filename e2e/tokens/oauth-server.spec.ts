/** Row 57 of the conformance list: any OAuth 2.0 server, found by its metadata, and an API that takes its tokens in a header. */
import { expect, test, type IdentityConfig, type Portal, type TestApp } from '../support/fixtures.js';

const oauthRegistration = ({ oauth }: Portal): Record<string, unknown> => ({
  issuer: oauth.issuer,
  resources: [oauth.apiUrl],
  clientId: oauth.clientId,
  redirectUri: '/signed-in.html',
  scope: 'tiles',
});

const config = (options: Record<string, unknown> = {}): { identityConfig: IdentityConfig } => ({
  identityConfig: { make: (portal) => ({ oauth: [{ ...oauthRegistration(portal), ...options }] }) },
});

test.use(config());

const api = ({ portal }: TestApp, path = 'tiles/1'): string => portal.oauth.apiUrl + path;
const calls = ({ portal }: TestApp) =>
  portal.log.requests({ server: 'oauth', path: /^\/api/, where: ({ method }) => method !== 'OPTIONS' });
const tokenRequests = ({ portal }: TestApp, grantType?: string): number =>
  portal.log.count({ server: 'oauth', path: /^\/token$/, ...(grantType === undefined ? {} : { grantType }) });
const refreshTokensSent = ({ portal }: TestApp): string[] =>
  portal.log
    .requests({ path: /^\/token$/ })
    .flatMap(({ secrets }) => secrets.filter((label) => label.startsWith('oauth-refresh')));

test('57: a request without a token is told 401, a person signs in, and the request succeeds', async ({
  app,
}) => {
  await app.open();
  const answer = app.fetchJson(api(app));
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answer).toMatchObject({ user: 'ana', scope: 'tiles', path: '/api/tiles/1' });
  expect(calls(app)).toMatchObject([
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
  expect(tokenRequests(app)).toBe(1);
});

test.describe('signed in', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await app.fillIn(popup, 'ana');
    await expect(app.page.getByRole('status')).toContainText('signed in as');
    app.portal.log.clear();
  });

  test('57: the token travels in the header, and the address stays clean', async ({ app }) => {
    const seen = await app.fetch(api(app));
    expect(seen).toMatchObject({ status: 200, url: api(app) });
    expect(app.portal.log.leaks(JSON.stringify(seen))).toEqual([]);
    expect(calls(app)).toMatchObject([{ tokenPlacement: 'authorization', user: 'ana', query: '' }]);
  });

  test('57: an expired token is told 401 and renewed; the refresh token is another one every time', async ({
    app,
  }) => {
    app.portal.control.setRevokeFamilyOnReuse(true);
    for (const turn of [1, 2, 3]) {
      app.portal.control.expireAccessTokens();
      if (turn === 2) await app.stopWorker();
      const answers = await Promise.all(
        [1, 2, 3, 4].map((index) => app.fetchJson(api(app, `tiles/${turn}/${index}`))),
      );
      for (const answer of answers) expect(answer).toMatchObject({ user: 'ana' });
    }
    const sent = refreshTokensSent(app);
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(3);
    expect(tokenRequests(app)).toBe(3);
    expect(await app.isAsking()).toBe(false);
  });

  test('57: without rotation the refresh token stays', async ({ app }) => {
    app.portal.control.setRotateOnRefresh(false, 'oauth');
    for (const turn of [1, 2]) {
      app.portal.control.expireAccessTokens();
      expect(await app.fetchJson(api(app, `tiles/${turn}`))).toMatchObject({ user: 'ana' });
    }
    const [first, ...others] = refreshTokensSent(app);
    expect(others).toEqual([first]);
  });

  test('57: a refresh token called dead by a flat invalid_grant costs one sign-in', async ({ app }) => {
    app.portal.control.expireAccessTokens();
    app.portal.control.revokeRefreshTokens();
    app.portal.control.endSessions();
    await app.clickForgotten();
    const answer = app.fetchJson(api(app));
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await answer).toMatchObject({ user: 'ana' });
    expect(tokenRequests(app, 'refresh_token')).toBe(1);
    expect(tokenRequests(app, 'authorization_code')).toBe(1);
  });

  test('57: a token server in trouble loses nothing', async ({ app }) => {
    app.portal.control.expireAccessTokens();
    for (const fault of [{ status: 503, retryAfterS: 1 }, { html: true }, { drop: 'request' }] as const) {
      const repair = app.portal.control.fault(/^\/token$/, fault);
      expect(await app.fetch(api(app))).toEqual({ error: 'TypeError' });
      repair();
    }
    expect(await app.fetchJson(api(app))).toMatchObject({ user: 'ana' });
    expect(await app.isAsking()).toBe(false);
  });

  test('57: a missing scope is the page’s business', async ({ app }) => {
    expect(await app.fetch(api(app, 'admin/keys'))).toMatchObject({ status: 403 });
    expect(calls(app)).toHaveLength(1);
    expect(tokenRequests(app)).toBe(0);
    expect(await app.isAsking()).toBe(false);
  });

  test('57: a server that answers 401 for good costs one refresh and one more request', async ({ app }) => {
    app.portal.control.fault(/^\/api\//, { status: 401 });
    expect(await app.fetch(api(app))).toMatchObject({ status: 401 });
    expect(calls(app)).toHaveLength(2);
    expect(tokenRequests(app, 'refresh_token')).toBe(1);
    expect(await app.isAsking()).toBe(false);
  });

  test('57: a request without CORS can have no header and goes as it is', async ({ app }) => {
    expect(await app.loadImage(api(app, 'tiles/1.png'))).toBe(0);
    const mode = await app.run(
      async (url) => (await fetch(url, { mode: 'no-cors' })).type,
      api(app, 'tiles/2'),
    );
    expect(mode).toBe('opaque');
    expect(calls(app).map(({ tokenPlacement, secrets }) => [tokenPlacement, secrets])).toEqual([
      ['none', []],
      ['none', []],
    ]);
    expect(await app.isAsking()).toBe(false);
  });

  test('57: what lies beside the registered resources gets no token', async ({ app }) => {
    for (const path of ['/userinfo', '/api2/tiles', '/jwks']) await app.fetch(app.portal.oauth.issuer + path);
    expect(app.portal.log.entries).toHaveLength(3);
    expect(app.portal.log.entries.flatMap(({ secrets }) => secrets)).toEqual([]);
  });

  test('57: signing out revokes by RFC 7009', async ({ app }) => {
    await app.run(() => window.identity.signOut());
    await app.portal.log.waitFor({ path: /^\/revoke$/, status: 200 });
    const alive = app.portal.control
      .tokens()
      .filter(({ kind, state }) => kind !== 'oauth-session' && state === 'valid');
    expect(alive).toEqual([]);
  });
});

for (const iss of ['wrong', 'missing'] as const) {
  test(`57: an answer with the ${iss} issuer is refused, and its code is not sent`, async ({ app }) => {
    app.portal.control.setResponseIss(iss);
    await app.open();
    await app.takeOver();
    const outcome = await app.beginSignIn();
    const tab = await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await outcome()).toBe('issuer-mismatch');
    await expect(tab.locator('body')).toHaveText('issuer-mismatch');
    expect(tokenRequests(app)).toBe(0);
    // Nothing sticks.
    app.portal.control.setResponseIss('right');
    await app.run(() => delete window.challenge);
    const second = await app.beginSignIn();
    await tab.goto((await app.challengeUrl()).href);
    expect(await second()).toContain('signed in');
  });
}

for (const iss of ['wrong', 'missing'] as const) {
  test(`57: a refusal with the ${iss} issuer does not end the sign-in`, async ({ app }) => {
    app.portal.control.setResponseIss(iss);
    await app.open();
    await app.takeOver();
    const outcome = await app.beginSignIn();
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

test('57: a request whose sign-in page cannot be found gets the server’s own answer', async ({ app }) => {
  app.portal.control.setMetadataIssuer('https://other-issuer.example');
  await app.open();
  expect(await app.fetch(api(app))).toMatchObject({ status: 401 });
  expect(calls(app)).toHaveLength(1);
});

test.describe('OpenID Connect', () => {
  test.use(config({ scope: 'openid profile tiles' }));

  test('57: the ID token names the user', async ({ app }) => {
    await app.open();
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await app.fillIn(popup, 'ana');
    await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
    expect(await app.fetchJson(api(app))).toMatchObject({ user: 'ana' });
  });
});

test('57: a person who declines is believed', async ({ app }) => {
  await app.open();
  await app.takeOver();
  const outcome = await app.beginSignIn();
  const tab = await app.page.context().newPage();
  await tab.goto((await app.challengeUrl()).href);
  await tab.getByRole('button', { name: 'Cancel' }).click();
  expect(await outcome()).toBe('access-denied');
});

test('57: metadata of another issuer is not used, and nothing is sent anywhere it names', async ({ app }) => {
  app.portal.control.setMetadataIssuer('https://other-issuer.example');
  await app.open();
  await app.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(app.page.getByRole('status')).toHaveText('portal-unreachable');
  expect(app.portal.log.count({ path: /^\/(authorize|token)$/ })).toBe(0);
  // A failed look-up does not stick.
  app.portal.control.setMetadataIssuer(undefined);
  const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
  await app.fillIn(popup, 'ana');
  expect(await app.fetchJson(api(app))).toMatchObject({ user: 'ana' });
});

test('57: endpoints on another host than the issuer are used, and its resources are its own', async ({
  app,
  portal,
}) => {
  const elsewhere = portal.oauth.issuer.replace('127.0.0.1', 'localhost');
  portal.control.setMetadata({
    authorization_endpoint: `${elsewhere}/authorize`,
    token_endpoint: `${elsewhere}/token`,
  });
  await app.open();
  const answer = app.fetchJson(api(app));
  const popup = await app.answerDialog();
  expect(new URL(popup.url()).hostname).toBe('localhost');
  await app.fillIn(popup, 'ana');
  expect(await answer).toMatchObject({ user: 'ana' });
  const [token] = portal.log.requests({ path: /^\/token$/ });
  expect(token?.requestHeaders['host']).toContain('localhost');
  // What is not among the resources gets no token, whichever host it is on.
  await app.fetch(api(app).replace('127.0.0.1', 'localhost'));
  expect(calls(app).at(-1)).toMatchObject({ tokenPlacement: 'none' });
});

for (const address of [
  'javascript:void(opener.stolen=1)',
  'data:text/html,sign in',
  'http://id.example.org/authorize',
])
  test(`57: a sign-in page at ${address} is not opened`, async ({ app, portal }) => {
    portal.control.setMetadata({ authorization_endpoint: address });
    await app.open();
    await app.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('status')).toHaveText('portal-unreachable');
    expect(await app.run(() => 'stolen' in window)).toBe(false);
    expect(app.page.context().pages()).toHaveLength(1);
  });

test.describe('beside an ArcGIS portal', () => {
  test.use({
    identityConfig: {
      make: (portal) => ({
        arcgis: [
          {
            url: portal.url,
            clientId: 'idw-demo',
            redirectUri: '/signed-in.html',
            resources: [portal.hostedUrl],
          },
        ],
        oauth: [oauthRegistration(portal)],
      }),
    },
  });

  test('57: each token goes to its own servers only, and a code of one server is not sent to the other', async ({
    app,
  }) => {
    await app.open();
    const count = app.hosted('Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json');
    await app.takeOver();
    const fromApi = app.fetchJson(api(app));
    await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await fromApi).toMatchObject({ user: 'ana' });
    await app.run(() => delete window.challenge);
    const fromPortal = app.fetchJson(count);
    await app.fillInTab((await app.challengeUrl()).href, 'ben');
    expect(await fromPortal).toMatchObject({ count: expect.any(Number) });
    expect(await app.fetchJson(api(app, 'tiles/2'))).toMatchObject({ user: 'ana' });
    // Cookies know no ports: the sessions of both servers are sent to both by the browser itself.
    const strayAt = (isOauth: boolean): string[] =>
      app.portal.log
        .requests({ where: ({ server }) => (server === 'oauth') === isOauth })
        .flatMap(({ secrets }) => secrets)
        .filter((label) => !/^(code-verifier|session|oauth-session)-/.test(label))
        .filter((label) => label.startsWith('oauth-') !== isOauth);
    expect(strayAt(true)).toEqual([]);
    expect(strayAt(false)).toEqual([]);
  });
});

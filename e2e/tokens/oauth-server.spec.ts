/** Tokens of an OAuth 2.0 server that is found by its metadata, and an API that takes them in a header. */
import { expect, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import {
  apiCalls,
  apiUrl,
  oauthRegistration,
  oauthServer,
  oauthTokenRequests,
} from '../support/oauth-server.js';

test.use({ identityConfig: oauthServer() });

const refreshTokensSent = ({ portal }: TestApp): string[] =>
  portal.log
    .requests({ path: /^\/token$/ })
    .flatMap(({ secrets }) => secrets.filter((label) => label.startsWith('oauth-refresh')));

test.describe('signed in', () => {
  test.beforeEach(async ({ app }) => {
    await app.open();
    const popup = await app.openSignInWindow();
    await app.fillIn(popup, 'ana');
    await expect(app.page.getByRole('status')).toContainText('signed in as');
    app.portal.log.clear();
  });

  test('the token travels in the header, and the address stays clean', async ({ app }) => {
    const seen = await app.fetch(apiUrl(app));
    expect(seen).toMatchObject({ status: 200, url: apiUrl(app) });
    expect(app.portal.log.leaks(JSON.stringify(seen))).toEqual([]);
    expect(apiCalls(app)).toMatchObject([{ tokenPlacement: 'authorization', user: 'ana', query: '' }]);
  });

  test('an expired token gets 401 and is renewed, with another refresh token every time', async ({ app }) => {
    app.portal.control.setRevokeFamilyOnReuse(true);
    for (const turn of [1, 2, 3]) {
      app.portal.control.expireAccessTokens();
      if (turn === 2) await app.stopWorker();
      const answers = await Promise.all(
        [1, 2, 3, 4].map((index) => app.fetchJson(apiUrl(app, `tiles/${turn}/${index}`))),
      );
      for (const answer of answers) expect(answer).toMatchObject({ user: 'ana' });
    }
    const sent = refreshTokensSent(app);
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(3);
    expect(oauthTokenRequests(app)).toBe(3);
    expect(await app.isPrompting()).toBe(false);
  });

  test('without rotation the refresh token stays', async ({ app }) => {
    app.portal.control.setRotateOnRefresh(false, 'oauth');
    for (const turn of [1, 2]) {
      app.portal.control.expireAccessTokens();
      expect(await app.fetchJson(apiUrl(app, `tiles/${turn}`))).toMatchObject({ user: 'ana' });
    }
    const [first, ...others] = refreshTokensSent(app);
    expect(others).toEqual([first]);
  });

  test(
    'a refresh token refused with a bare invalid_grant costs one sign-in',
    { tag: ['@user-interface'] },
    async ({ app }) => {
      app.portal.control.expireAccessTokens();
      app.portal.control.revokeRefreshTokens();
      app.portal.control.endSessions();
      await app.consumeUserActivation();
      const answer = app.fetchJson(apiUrl(app));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await answer).toMatchObject({ user: 'ana' });
      expect(oauthTokenRequests(app, 'refresh_token')).toBe(1);
      expect(oauthTokenRequests(app, 'authorization_code')).toBe(1);
    },
  );

  test('a token endpoint in trouble costs a wait', async ({ app }) => {
    app.portal.control.expireAccessTokens();
    for (const fault of [{ status: 503, retryAfterS: 1 }, { html: true }, { drop: 'request' }] as const) {
      const repair = app.portal.control.fault(/^\/token$/, fault);
      const before = oauthTokenRequests(app);
      const answer = app.fetchJson(apiUrl(app));
      await expect.poll(() => oauthTokenRequests(app)).toBeGreaterThan(before);
      repair();
      expect(await answer).toMatchObject({ user: 'ana' });
      app.portal.control.expireAccessTokens();
    }
    expect(await app.isPrompting()).toBe(false);
  });

  test('the refusal of a missing scope is passed on to the page', async ({ app }) => {
    expect(await app.fetch(apiUrl(app, 'admin/keys'))).toMatchObject({ status: 403 });
    expect(apiCalls(app)).toHaveLength(1);
    expect(oauthTokenRequests(app)).toBe(0);
    expect(await app.isPrompting()).toBe(false);
  });

  test(
    'a server that answers 401 for good costs one refresh and one more request',
    { tag: ['@D6'] },
    async ({ app }) => {
      app.portal.control.fault(/^\/api\//, { status: 401 });
      expect(await app.fetch(apiUrl(app))).toMatchObject({ status: 401 });
      expect(apiCalls(app)).toHaveLength(2);
      expect(oauthTokenRequests(app, 'refresh_token')).toBe(1);
      expect(await app.isPrompting()).toBe(false);
    },
  );

  test('a request without CORS is signed by a header as well', { tag: ['@C2'] }, async ({ app }) => {
    await app.loadImage(apiUrl(app, 'tiles/1.png'));
    const type = await app.run(
      async (url) => (await fetch(url, { mode: 'no-cors' })).type,
      apiUrl(app, 'tiles/2'),
    );
    expect(type).toBe('cors');
    expect(apiCalls(app).map(({ tokenPlacement }) => tokenPlacement)).toEqual([
      'authorization',
      'authorization',
    ]);
    expect(await app.isPrompting()).toBe(false);
  });

  test('what lies beside the registered resources gets no token', async ({ app }) => {
    for (const path of ['/userinfo', '/api2/tiles', '/jwks']) await app.fetch(app.portal.oauth.issuer + path);
    expect(app.portal.log.entries).toHaveLength(3);
    expect(app.portal.log.entries.flatMap(({ secrets }) => secrets)).toEqual([]);
  });

  test('signing out revokes by RFC 7009', async ({ app }) => {
    await app.run(() => window.identity.signOut());
    await app.portal.log.waitFor({ path: /^\/revoke$/, status: 200 });
    const alive = app.portal.control
      .tokens()
      .filter(({ kind, state }) => kind !== 'oauth-session' && state === 'valid');
    expect(alive).toEqual([]);
  });
});

test.describe('OpenID Connect', () => {
  test.use({ identityConfig: oauthServer({ scope: 'openid profile tiles' }) });

  test('the ID token names the user', async ({ app }) => {
    await app.open();
    const popup = await app.openSignInWindow();
    await app.fillIn(popup, 'ana');
    await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
    expect(await app.fetchJson(apiUrl(app))).toMatchObject({ user: 'ana' });
  });
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

  test('each token goes to its own servers only, and a code of one server is not sent to the other', async ({
    app,
  }) => {
    await app.open();
    const count = app.hosted(countQuery());
    await app.handleChallengesInApp();
    const fromApi = app.fetchJson(apiUrl(app));
    await app.fillInTab((await app.challengeUrl()).href, 'ana');
    expect(await fromApi).toMatchObject({ user: 'ana' });
    await app.run(() => delete window.challenge);
    const fromPortal = app.fetchJson(count);
    await app.fillInTab((await app.challengeUrl()).href, 'ben');
    expect(await fromPortal).toMatchObject(aCount);
    expect(await app.fetchJson(apiUrl(app, 'tiles/2'))).toMatchObject({ user: 'ana' });
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

/** Cookies go where the page sends them, and with a web tier to the portal and the servers it lists. */
import { expect, registeredWith, test, TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { openOnPortalSite, setPortalCookie } from '../support/cookies.js';

for (const crossOrigin of ['anonymous', undefined] as const) {
  const how = crossOrigin === undefined ? 'without CORS' : 'with crossorigin';
  test(
    `a signed picture ${how} sends no cookies, and neither does its refresh`,
    { tag: ['@C9'] },
    async ({ app }) => {
      app.portal.control.setCors('echo-credentials');
      const signed = await openOnPortalSite(app);
      await setPortalCookie(app.page.context());
      app.portal.control.expireAccessTokens();
      app.portal.log.clear();
      expect(await signed.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'), crossOrigin)).toBe(256);
      const shown = app.portal.log.requests({ path: /tile/ }).at(-1);
      expect(shown).toMatchObject({ user: 'ana', requestHeaders: { 'sec-fetch-mode': 'cors' } });
      expect(shown?.requestHeaders).not.toHaveProperty('cookie');
      // The worker's own requests need no cookies.
      const own = app.portal.log.requests({ path: /oauth2\/token$/ });
      expect(own.map(({ requestHeaders }) => requestHeaders['cookie'])).toEqual([undefined]);
    },
  );
}

test(
  'cookies go along where the page sends them, and nowhere else',
  { tag: ['@C9'] },
  async ({ page, portal, appServer }) => {
    // The portal's cookie is a same-site one: the app is opened on the portal's site.
    const app = new TestApp(page, portal, appServer.url.replace('localhost', '127.0.0.1'));
    portal.addRedirectUri(`${app.url}/signed-in.html`);
    portal.control.setCors('echo-credentials', 'portal');
    await app.open();
    await app.signInByWindow('ana');
    portal.control.setWebTier(true);
    portal.log.clear();
    const self = `${portal.url}/sharing/rest/portals/self?f=json`;
    expect(await app.fetchJson(self, { credentials: 'include' })).toMatchObject({
      user: { username: 'ana' },
    });
    expect(portal.log.requests({ path: /portals\/self$/ })).toMatchObject([
      { user: 'ana', requestHeaders: { cookie: '[cookie]' } },
    ]);
    portal.log.clear();
    expect(await app.fetch(self)).toMatchObject({ status: 401 });
    const without = portal.log.requests({ path: /portals\/self$/ });
    expect(without.length).toBeLessThanOrEqual(2);
    for (const { requestHeaders } of without) expect(requestHeaders).not.toHaveProperty('cookie');
    expect(await app.isPrompting()).toBe(false);
    app.expectNothingLeaked();
  },
);

test.describe('web tier', () => {
  test.use({ identityConfig: registeredWith({ webTier: true }) });
  test.use({ appHost: '127.0.0.1' });

  /** The portal's own cookie stands for that of a web tier. */
  const withCookie = async (app: TestApp, listed: readonly string[]): Promise<void> => {
    app.portal.control.setCors('echo-credentials', 'portal');
    app.portal.control.setCors('echo-credentials', 'server');
    // The browser has cookies of these servers; they are of one site with the app, as in an intranet.
    await app.page.context().addCookies([{ name: 'web-tier', value: '1', domain: '127.0.0.1', path: '/' }]);
    await app.open();
    await app.signInByWindow('ana');
    app.portal.control.setWebTier(true, listed);
    app.portal.log.clear();
  };
  const federated = (app: TestApp) => app.portal.log.requests({ server: 'server', path: /query$/ });

  test(
    'cookies go to the portal and to the servers it lists, tokens as ever',
    { tag: ['@G16'] },
    async ({ app, portal }) => {
      await withCookie(app, [new URL(portal.serverUrl).origin]);
      const self = await app.fetchJson(`${portal.url}/sharing/rest/portals/self?f=json`);
      expect(self).toMatchObject({ user: { username: 'ana' } });
      expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
      expect(federated(app).at(-1)).toMatchObject({ user: 'ana', tokenPlacement: 'query' });
      expect(federated(app).at(-1)?.requestHeaders).toHaveProperty('cookie');
    },
  );

  test(
    'a picture without CORS brings cookies to the servers that the portal lists',
    { tag: ['@G16'] },
    async ({ app, portal }) => {
      await withCookie(app, [new URL(portal.serverUrl).origin]);
      expect(await app.loadImage(app.federated('Terrain/MapServer/tile/1/0/1'))).toBe(256);
      const shown = portal.log.requests({ server: 'server', path: /tile/ }).at(-1);
      expect(shown).toMatchObject({ user: 'ana' });
      expect(shown?.requestHeaders).toHaveProperty('cookie');
    },
  );

  test('a server that is not listed gets no cookies', { tag: ['@G16'] }, async ({ app, portal }) => {
    await withCookie(app, ['https://other.example.org']);
    expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
    expect(federated(app).at(-1)).toMatchObject({ user: 'ana' });
    expect(federated(app).at(-1)?.requestHeaders).not.toHaveProperty('cookie');
    expect(portal.log.count({ path: /portals\/self$/ })).toBe(1);
  });
});

test.describe('no web tier', () => {
  test.use({ appHost: '127.0.0.1' });

  test(
    'without a web tier cookies go only where the page sends them',
    { tag: ['@G16'] },
    async ({ app, portal }) => {
      portal.control.setCors('echo-credentials', 'portal');
      await app.open();
      await app.signInByWindow('ana');
      portal.log.clear();
      const self = `${portal.url}/sharing/rest/portals/self?f=json`;
      await app.fetchJson(self);
      await app.fetchJson(self, { credentials: 'include' });
      const cookies = portal.log
        .requests({ path: /portals\/self$/ })
        .map(({ requestHeaders }) => 'cookie' in requestHeaders);
      expect(cookies).toEqual([false, true]);
    },
  );
});

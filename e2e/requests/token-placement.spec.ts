/** Where the token goes when the registration has a wish: forms for exactness, readable pictures, cookies of a web tier. */
import { expect, registration, test, type IdentityConfig, type TestApp } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const tile = 'Terrain/MapServer/tile/1/0/1';

const wish = (options: Record<string, unknown>): { identityConfig: IdentityConfig } => ({
  identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), ...options }] }) },
});

const signedIn = async ({ app }: { app: TestApp }): Promise<void> => {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
};

/** What a page can tell of an answer. */
const inspect = (app: TestApp, url: string) =>
  app.run(async (target) => {
    const { type, redirected, url: seen, status } = await fetch(target);
    return { type, redirected, isOwnUrl: seen === target, status };
  }, url);

test.describe('form', () => {
  test.use(wish({ tokenPlacement: 'form' }));
  test.beforeEach(signedIn);

  test('an operation is asked by form, and its answer is the network’s own', async ({ app }) => {
    expect(await inspect(app, app.hosted(count))).toEqual({
      type: 'cors',
      redirected: false,
      isOwnUrl: true,
      status: 200,
    });
    expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([
      {
        method: 'POST',
        tokenPlacement: 'form',
        user: 'ana',
        query: new URL(app.hosted(count)).search.slice(1),
      },
    ]);
  });

  test('a refused form is renewed and asked again', async ({ app }) => {
    app.portal.control.expireAccessTokens();
    expect(await app.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
    expect(app.tokenRequests('refresh_token')).toBe(1);
    expect(app.portal.log.count({ path: /query$/ })).toBe(2);
  });

  test('tiles and pictures take the query', async ({ app }) => {
    expect(await inspect(app, app.hosted(tile))).toMatchObject({ status: 200, isOwnUrl: true });
    expect(await app.loadImage(app.hosted(tile))).toBe(256);
    const placements = app.portal.log
      .requests({ path: /\/tile\// })
      .map(({ tokenPlacement }) => tokenPlacement);
    expect(new Set(placements)).toEqual(new Set(['query']));
    expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  });
});

/** Loads a plain image and reads a pixel of it back. @returns `readable`, or the name of the error. */
const exportPixel = (app: TestApp, url: string): Promise<string> =>
  app.run(
    (src) =>
      new Promise<string>((resolve) => {
        const image = new Image();
        image.addEventListener('error', () => resolve('broken'));
        image.addEventListener('load', () => {
          const canvas = document.createElement('canvas');
          const context = canvas.getContext('2d');
          context?.drawImage(image, 0, 0);
          try {
            context?.getImageData(0, 0, 1, 1);
            resolve('readable');
          } catch (error) {
            resolve(error instanceof DOMException ? error.name : String(error));
          }
        });
        image.src = src;
      }),
    url,
  );

test.describe('readable images', () => {
  test.use(wish({ images: 'readable' }));

  test('a plain picture can be exported with its canvas, and is renewed like data', async ({ app }) => {
    await signedIn({ app });
    expect(await exportPixel(app, app.hosted(tile))).toBe('readable');
    app.portal.control.expireAccessTokens();
    expect(await exportPixel(app, app.hosted(`${tile}?again`))).toBe('readable');
    expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  });

  test('a server that forbids reading still shows its pictures', async ({ app }) => {
    await signedIn({ app });
    app.portal.control.setCors('unlisted', 'hosted');
    expect(await exportPixel(app, app.hosted(tile))).toBe('SecurityError');
  });
});

test('by default a plain picture taints its canvas, as without a worker', async ({ app }) => {
  await signedIn({ app });
  expect(await exportPixel(app, app.hosted(tile))).toBe('SecurityError');
});

test.describe('web tier', () => {
  test.use(wish({ webTier: true }));
  test.use({ appHost: '127.0.0.1' });

  /** The portal's own cookie stands for what a web tier would ask the browser for. */
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

  test('55: cookies go to the portal and to the servers it lists, tokens as ever', async ({
    app,
    portal,
  }) => {
    await withCookie(app, [new URL(portal.serverUrl).origin]);
    const self = await app.fetchJson(`${portal.url}/sharing/rest/portals/self?f=json`);
    expect(self).toMatchObject({ user: { username: 'ana' } });
    expect(await app.fetchJson(app.federated(count))).toEqual({ count: expect.any(Number) });
    expect(federated(app).at(-1)).toMatchObject({ user: 'ana', tokenPlacement: 'query' });
    expect(federated(app).at(-1)?.requestHeaders).toHaveProperty('cookie');
  });

  test('55: a server that is not listed gets no cookies', async ({ app, portal }) => {
    await withCookie(app, ['https://other.example.org']);
    expect(await app.fetchJson(app.federated(count))).toEqual({ count: expect.any(Number) });
    expect(federated(app).at(-1)).toMatchObject({ user: 'ana' });
    expect(federated(app).at(-1)?.requestHeaders).not.toHaveProperty('cookie');
    expect(portal.log.count({ path: /portals\/self$/ })).toBe(1);
  });
});

test.describe('no web tier', () => {
  test.use({ appHost: '127.0.0.1' });

  test('55: cookies go nowhere the page does not send them', async ({ app, portal }) => {
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
  });
});

/** Where the token goes by the registration's options: in a form, in a query; and pictures, which the page can read. */
import { expect, openSignedIn, registeredWith, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery, tile } from '../support/services.js';

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
  test.use({ identityConfig: registeredWith({ tokenPlacement: 'form' }) });
  test.beforeEach(signedIn);

  test('an operation is sent as a form, and its answer is the network’s own', async ({ app }) => {
    expect(await inspect(app, app.hosted(countQuery()))).toEqual({
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
        query: new URL(app.hosted(countQuery())).search.slice(1),
      },
    ]);
  });

  test('a refused form is renewed and sent again', async ({ app }) => {
    app.portal.control.expireAccessTokens();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(1);
    expect(app.portal.log.count({ path: /query$/ })).toBe(2);
  });

  test('tiles and pictures take the query', async ({ app }) => {
    expect(await inspect(app, app.hosted(tile()))).toMatchObject({ status: 200, isOwnUrl: true });
    expect(await app.loadImage(app.hosted(tile()))).toBe(256);
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

test.describe('pictures', () => {
  test.beforeEach(signedIn);

  test('a plain picture can be exported with its canvas, and is renewed like data', async ({ app }) => {
    expect(await exportPixel(app, app.hosted(tile()))).toBe('readable');
    app.portal.control.expireAccessTokens();
    expect(await exportPixel(app, app.hosted(tile(1)))).toBe('readable');
    expect(app.portal.log.count({ method: 'OPTIONS' })).toBe(0);
  });

  test('one that goes out without a token taints its canvas, as without a worker', async ({ app }) => {
    await app.run(() => window.identity.signOut());
    expect(await exportPixel(app, app.hosted('Basemap/MapServer/tile/0/0/0'))).toBe('SecurityError');
  });
});

test.describe('signed in', () => {
  test.beforeEach(openSignedIn);

  test('a query of more than two thousand characters arrives whole, as a form', async ({ app }) => {
    const where = 'x'.repeat(2100);
    const url = app.hosted(`Echo?where=${where}&empty=&text=a%20b+c&f=json`);
    const seen = await app.fetch(url);
    expect(seen).toMatchObject({ status: 200, url });
    expect(JSON.parse('text' in seen ? seen.text : '{}')).toMatchObject({
      method: 'POST',
      query: '',
      user: 'ana',
      tokenPlacement: 'form',
      fields: [
        ['where', where],
        ['empty', ''],
        ['text', 'a b c'],
        ['f', 'json'],
      ],
    });
    expect(app.portal.log.requests({ method: 'OPTIONS' })).toEqual([]);
  });
});

/** Field cases of pages: they navigate, they leave while they wait, they look at what was done to their requests. */
import { startAppServer } from '../../demo/app-server.js';
import { expect, registration, test, TestApp } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

test('a request that only waits for a sign-in ends when its page goes away, and is not sent for it later', async ({
  app,
}) => {
  await app.open();
  const other = await app.newTab();
  await other.run(() => {
    window.identity.addEventListener('activity', ({ activity }) => {
      if (activity.waited) document.body.dataset['ended'] = activity.outcome;
    });
  });
  const waiting = await app.newTab();
  waiting.fetch(app.hosted(count)).catch(() => undefined);
  await waiting.dialogShown();
  await waiting.page.close();
  // Nobody has signed in: it was its page's leaving that ended it, with the answer that it would have had.
  await expect.poll(() => other.run(() => document.body.dataset['ended'])).toBe('anonymous');
  await other.signIn('ana');
  expect(app.portal.log.requests({ path: /query$/ })).toMatchObject([{ tokenPlacement: 'none' }]);
  // Whoever comes after is not told of the one who left.
  expect(await other.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
});

test('C6: a page of a registered server of the same site is opened by the browser itself, without a token', async ({
  page,
  portal,
}) => {
  const replacements = { __IDENTITY_CONFIG__: '' };
  const server = await startAppServer({
    folders: ['dist/e2e', 'e2e/pages', 'dist'],
    replacements,
    intercept: (path) =>
      path.startsWith('/secured/')
        ? { headers: { 'content-type': 'text/html' }, body: '<p>secured' }
        : undefined,
  });
  portal.addRedirectUri(`${server.url}/signed-in.html`);
  // Known only now: the app's own server is one of the portal's.
  const config = { arcgis: [{ ...registration(portal), resources: [`${server.url}/secured`] }] };
  replacements.__IDENTITY_CONFIG__ = JSON.stringify(JSON.stringify(config)).slice(1, -1);
  const app = new TestApp(page, portal, server.url);
  await app.open();
  await app.signIn('ana');
  const addresses: string[] = [];
  page.context().on('request', (request) => addresses.push(request.url()));
  const secured = `${server.url}/secured/report?f=json`;
  const navigated = await page.goto(secured);
  expect(navigated?.fromServiceWorker()).toBe(false);
  expect(await page.textContent('p')).toBe('secured');
  expect(addresses).toEqual([secured]);
  // Control: what its script fetches there is signed.
  await page.evaluate((url) => fetch(url), secured);
  expect(addresses.some((address) => address.startsWith(`${secured}&token=`))).toBe(true);
  app.expectNothingLeaked();
  await server.close();
});

test.describe('C1: a server that takes its token in a header only', () => {
  test.use({
    identityConfig: {
      make: ({ oauth }) => ({
        oauth: [
          {
            issuer: oauth.issuer,
            resources: [oauth.apiUrl],
            clientId: oauth.clientId,
            redirectUri: '/signed-in.html',
            scope: 'tiles',
          },
        ],
      }),
    },
  });

  test('C1, C2: a picture that could not be signed is told of as anonymous, one with crossorigin as signed', async ({
    app,
  }) => {
    await app.open();
    await app.fillIn(
      await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click()),
      'ana',
    );
    await expect(app.page.getByRole('status')).toContainText('signed in as');
    await app.run(() => {
      document.body.dataset['outcomes'] = '';
      window.identity.addEventListener('activity', ({ activity }) => {
        document.body.dataset['outcomes'] += `${activity.outcome} `;
      });
    });
    await app.loadImage(`${app.portal.oauth.apiUrl}tiles/1.png`);
    await app.loadImage(`${app.portal.oauth.apiUrl}tiles/2.png`, 'anonymous');
    await expect.poll(() => app.run(() => document.body.dataset['outcomes'])).toBe('anonymous signed ');
    const calls = app.portal.log.requests({ path: /tiles/, method: 'GET' });
    expect(calls.map(({ tokenPlacement }) => tokenPlacement)).toEqual(['none', 'authorization']);
  });
});

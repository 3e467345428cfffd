import { expect, test as base } from 'identity-worker-testing/playwright';
import { serveMyApp } from './my-app.js';

const test = base.extend<{ appUrl: string }>({
  // Your app, as its tests start it, with the portal's address in its configuration.
  appUrl: async ({ portal }, use) => {
    const app = await serveMyApp(portal, {});
    portal.addRedirectUri(`${app.url}/signed-in.html`);
    await use(app.url);
    await app.close();
  },
});

test.use({
  portalOptions: {
    users: [{ username: 'carla', password: 'carla-1', mayReadPrivate: true }],
    services: [{ name: 'Trees', data: 'e2e/testing/trees.geojson', access: 'private' }],
  },
});

test('a user signs in once, and keeps on working', async ({
  page,
  appUrl,
  portal,
  signIn,
  expire,
  revoke,
  stopWorker,
  goOffline,
  expectNothingLeaked,
}) => {
  const trees = `${portal.hostedUrl}/Trees/FeatureServer/0/query?f=json&where=height>25&returnCountOnly=true`;
  const read = (): Promise<unknown> =>
    page.evaluate((url) => fetch(url).then((response) => response.json()), trees);

  await page.goto(appUrl);
  await signIn(page, 'carla', () => page.getByRole('button', { name: 'Sign in' }).click());
  await expect(page.getByRole('status')).toHaveText('signed in as carla');
  expect(await read()).toEqual({ count: 1 });

  // An expired token is renewed without a question, also by a worker that has just started.
  expire({ user: 'carla' });
  await stopWorker(page);
  expect(await read()).toEqual({ count: 1 });
  expect(portal.log.count({ path: '/oauth2/token', grantType: 'refresh_token' })).toBe(1);

  // A portal in trouble, and no network at all.
  const recover = portal.control.fault('/Trees/', { status: 503, times: 1 });
  await expect(read()).rejects.toThrow();
  recover();
  const goOnline = await goOffline(page);
  await expect(read()).rejects.toThrow();
  await goOnline();
  expect(await read()).toEqual({ count: 1 });

  // Who has lost the tokens is asked again.
  revoke();
  const again = read();
  await signIn(page, 'carla');
  expect(await again).toEqual({ count: 1 });

  await expectNothingLeaked(page);
});

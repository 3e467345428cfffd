import type { TestApp } from '../support/fixtures.js';
import { errorsOf, expect, openSignedIn, test } from './fixtures.js';
import { testClient } from './scenarios.js';

// The SDK turns portal addresses into https.
test.use({ portalOptions: { https: true } });

testClient({
  name: 'arcgis-core',
  requests: /Terrain\/MapServer\/(tile|export)/,
  refused: /Token Required/,
  forbidden: /permissions/,
  offline: /Failed to fetch/,
  coloursOfFrame: 2,
});

const passwordPrompt = 'the SDK asks for a password';
const item = '0a1b2c3d4e5f60718293a4b5c6d7e8f1';

async function waitForSdk(app: TestApp): Promise<void> {
  await app.run(async () => {
    while (!window.sdk) await new Promise(requestAnimationFrame);
  });
}

/** What the SDK does for a page: who is signed in, a server of the portal's host, an item, a layer that is not allowed. */
async function useSdk(app: TestApp): Promise<Record<string, unknown>> {
  await waitForSdk(app);
  return app.run(
    async ([portalUrl, hostedUrl, serverUrl, id]) => {
      const { esriId, esriRequest, Portal, PortalItem } = window.sdk!;
      const attempt = (work: Promise<unknown>): Promise<unknown> =>
        // The SDK's errors are no instances of Error.
        work.catch((error: unknown) => (error as Error).message);
      const read = (url: string): Promise<unknown> =>
        attempt(esriRequest(url, { query: { f: 'json' } }).then(({ data }) => data.name));
      const portal = new Portal({ url: portalUrl, authMode: 'immediate' });
      await portal.load();
      return {
        user: portal.user?.username,
        hosted: await read(`${hostedUrl}/Countries/FeatureServer/0`),
        item: await attempt(new PortalItem({ id }).load().then(({ title }) => title)),
        status: await attempt(esriId.checkSignInStatus(`${portalUrl}/sharing`).then(({ userId }) => userId)),
        forbidden: await read(`${serverUrl}/rest/services/Sites/FeatureServer/0`),
        tokens: esriId.credentials.filter(({ token }) => token).length,
      };
    },
    [app.portal.url, app.portal.hostedUrl, app.portal.serverUrl, item] as const,
  );
}

const credentialsOfSdk = (app: TestApp): Promise<(string | null)[]> =>
  app.run(() => window.sdk!.esriId.credentials.map(({ userId }) => userId ?? null));

test('with the helper the SDK knows who is signed in, reads what is theirs, and tells what is not', async ({
  app,
}) => {
  await openSignedIn(app, 'arcgis-core', 'ben');
  expect(await useSdk(app)).toEqual({
    user: 'ben',
    hosted: 'Countries',
    item: 'Countries',
    status: 'ben',
    forbidden: 'You do not have permissions to access this resource or perform this operation.',
    tokens: 0,
  });
  expect(await errorsOf(app)).not.toContain(passwordPrompt);
  expect(app.portal.log.count({ path: /generateToken/i, where: ({ origin }) => origin !== undefined })).toBe(
    1,
  );
  expect(await credentialsOfSdk(app)).toEqual(['ben']);
  await app.run(() => window.identity.signOut());
  await expect.poll(() => credentialsOfSdk(app)).toEqual([]);
});

test('control: without the helper it sends cookies that servers refuse, and keeps a user who has left', async ({
  app,
}) => {
  await openSignedIn(app, 'arcgis-core-plain', 'ben');
  const failed = expect.stringContaining('Failed to fetch') as unknown;
  expect(await useSdk(app)).toMatchObject({ user: 'ben', hosted: failed, item: failed, forbidden: failed });
  await app.run(() => window.identity.signOut());
  expect(await credentialsOfSdk(app)).toContain('ben');
});

test('control: without the helper it asks for a password after a cancel', async ({ app }) => {
  await app.open('/?client=arcgis-core-plain');
  await app.waitForDialog();
  await app.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => errorsOf(app)).toContain(passwordPrompt);
});

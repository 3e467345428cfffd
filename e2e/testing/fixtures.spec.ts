/** The fixtures of the testing package where something is wrong, or not as usual. */
import { expect, test as base } from 'identity-worker-testing/playwright';
import { serveMyApp } from './my-app.js';

const test = base.extend<{ appUrl: string }>({
  appUrl: async ({ portal }, use) => {
    const app = await serveMyApp(portal, {});
    await use(app.url);
    await app.close();
  },
});

/** What a careless app does with a token. */
const careless: Record<string, (token: string) => unknown> = {
  'globals or HTML of': (token) => Object.assign(window, { session: { deep: [{ token }] } }),
  'storage of': (token) => localStorage.setItem('session', btoa(`token=${token}`)),
  'the address': (token) => history.replaceState(null, '', `#access_token=${token}`),
  'a console': (token) => console.log(`signed in with ${token}`),
  'a request of a page': (token) => fetch('/log', { method: 'POST', body: JSON.stringify({ token }) }),
};

test('expectNothingLeaked fails for a token in each place that page script can read', async ({
  page,
  appUrl,
  portal,
  expectNothingLeaked,
}) => {
  const response = await fetch(`${portal.url}/sharing/rest/generateToken`, {
    method: 'POST',
    body: new URLSearchParams({
      username: 'ana',
      password: 'ana-demo-1',
      client: 'referer',
      referer: appUrl,
      f: 'json',
    }),
  });
  const { token } = (await response.json()) as { token: string };
  await page.goto(appUrl);
  await expectNothingLeaked(page);
  for (const [place, leak] of Object.entries(careless)) {
    await page.evaluate(leak, token);
    const failure = await expectNothingLeaked(page).catch(String);
    expect(failure).toContain(`generated-1 in ${place}`);
    expect(failure).not.toContain(token);
  }
});

test('signIn signs in where the tab itself goes to the portal, and again as another user', async ({
  page,
  appUrl,
  signIn,
}) => {
  const address = `${appUrl}/?login=redirect`;
  await page.goto(address);
  for (const username of ['ana', 'ben']) {
    await page.waitForFunction(() => 'identity' in window);
    await signIn(page, username, () =>
      page.evaluate(() => void window.identity.signIn({ forceLogin: true }).catch(String)),
    );
    await page.waitForURL(address);
    await page.waitForFunction(
      (name) => window.identity?.credentials.some((credential) => credential.username === name),
      username,
    );
  }
});

test('signIn names the users that there are', async ({ page, signIn }) => {
  await expect(signIn(page, 'zoe')).rejects.toThrow('no user "zoe". It has ana, ben.');
});

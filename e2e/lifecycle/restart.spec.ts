/** The browser stops the service worker at any time: nothing is lost, and there is no second prompt. */
import { readFileSync } from 'node:fs';
import { expect, registeredWith, serveApp, test, TestApp } from '../support/fixtures.js';
import { authorize, fillInForm } from '../support/oauth-client.js';
import { aCount, countQuery } from '../support/services.js';

test(
  'after a stop the next request is signed, with no new token',
  { tag: ['@B1', '@B4', '@G21', '@I6'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
    expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
  },
);

test(
  'after a stop the first request starts the challenge',
  { tag: ['@B4', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    await app.stopWorker();
    const answer = app.fetchJson(app.hosted(countQuery()));
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'after a stop during the sign-in the same window ends the wait of every request',
  { tag: ['@A10', '@B5', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answers = Promise.all([1, 2, 3].map((index) => app.fetchJson(app.hosted(countQuery(index)))));
    await app.portal.log.waitFor({ path: /query$/ }, 3);
    const popup = await app.openWindowFromDialog();
    await popup.getByLabel('Username').waitFor();
    await app.stopWorker();
    await app.fillIn(popup, 'ana');
    for (const answer of await answers) expect(answer).toEqual(aCount);
    expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
    expect(app.tokenRequests()).toBe(1);
    await expect.poll(() => app.isPrompting()).toBe(false);
  },
);

test(
  'after a stop while signIn waits its promise resolves all the same',
  { tag: ['@A10', '@B3'] },
  async ({ app }) => {
    await app.open();
    const popup = await app.openSignInWindow();
    await popup.getByLabel('Username').waitFor();
    await app.stopWorker();
    await app.fillIn(popup, 'ben');
    await expect(app.page.getByRole('status')).toHaveText('signed in as ben');
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'a stop while the code is redeemed ends in a typed error or a sign-in, and the code is sent once',
  { tag: ['@B3'] },
  async ({ app }) => {
    await app.open();
    const hold = app.portal.control.hold('/oauth2/token');
    const popup = await app.openSignInWindow();
    await popup.getByLabel('Username').fill('ana');
    await popup.getByLabel('Password').fill('ana-demo-1');
    const closed = popup.waitForEvent('close');
    await popup.getByRole('button', { name: 'Sign in' }).click();
    await hold.reached(1);
    await app.stopWorker();
    hold.release();
    await expect(app.page.getByRole('status')).toHaveText('sign-in-interrupted');
    expect(app.tokenRequests('authorization_code')).toBe(1);
    await closed;
    // Nothing sticks: the next sign-in works.
    await app.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(app.page.getByRole('status')).toHaveText('signed in as ana');
  },
);

test('after a stop while an expired token is refused the new worker refreshes once', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.expireAccessTokens();
  const hold = app.portal.control.hold(/query$/);
  const answer = app.fetchJson(app.hosted(countQuery()));
  await hold.reached(1);
  await app.stopWorker();
  hold.release();
  expect(await answer).toEqual(aCount);
  expect(app.tokenRequests('refresh_token')).toBe(1);
});

test('a stop before the portal has taken the code ends in a typed error, and the code is sent once', async ({
  app,
}) => {
  await app.open();
  await app.handleChallengesInApp();
  const hold = app.portal.control.hold('/oauth2/token', { before: true });
  const outcome = await app.startSignIn();
  await app.fillInTab((await app.challengeUrl()).href, 'ana');
  await hold.reached(1);
  await app.stopWorker();
  hold.release();
  expect(await outcome()).toBe('sign-in-interrupted');
  expect(app.tokenRequests()).toBe(1);
  const second = await app.startSignIn();
  await app.page
    .context()
    .newPage()
    .then(async (next) => next.goto((await app.challengeUrl()).href));
  expect(await second()).toBe('signed in as ana');
  expect(app.tokenRequests()).toBe(2);
});

test(
  'after a stop one sign-in answers ten waiting requests',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    const answers = Promise.all(
      Array.from({ length: 10 }, (_, index) => app.fetchJson(app.hosted(countQuery(index)))),
    );
    await app.portal.log.waitFor({ path: /query$/ }, 10);
    await app.waitForDialog();
    await app.stopWorker();
    await app.fillIn(await app.openWindowFromDialog(), 'ana');
    expect(await answers).toEqual(Array.from({ length: 10 }, () => aCount));
    expect(app.portal.log.requests({ path: /oauth2\/authorize$/ })).toHaveLength(1);
    expect(app.tokenRequests()).toBe(1);
  },
);

test(
  'after a stop two tabs with waiting requests show one prompt',
  { tag: ['@B5', '@user-interface'] },
  async ({ app }) => {
    await app.open();
    const other = await app.newTab();
    const answer = app.fetchJson(app.hosted(countQuery(1)));
    await app.waitForDialog();
    await other.run(() => {
      window.outcome = new Promise((resolve) =>
        window.identity.addEventListener('sign-in-elsewhere', () => resolve('elsewhere'), { once: true }),
      );
    });
    const otherAnswer = other.fetchJson(other.hosted(countQuery(2)));
    await app.portal.log.waitFor({ path: /query$/ }, 2);
    await app.stopWorker();
    // Both requests are back when each has been sent again without a token.
    await app.portal.log.waitFor({ path: /query$/ }, 4);
    const popup = await app.openWindowFromDialog();
    expect(await other.isPrompting()).toBe(false);
    await app.fillIn(popup, 'ana');
    expect(await Promise.all([answer, otherAnswer])).toEqual([aCount, aCount]);
  },
);

test('a waiting request with a body survives three stops', { tag: ['@B5'] }, async ({ app }) => {
  await app.open();
  await app.handleChallengesInApp();
  const answer = app.fetchJson(app.hosted('Countries/FeatureServer/0/query'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'f=json&where=1%3D1&returnCountOnly=true',
  });
  await app.challengeUrl();
  for (const sent of [3, 5, 7]) {
    await app.stopWorker();
    // The browser sends it again after the stop, and once more when the worker has handed it back.
    await app.portal.log.waitFor({ path: /query$/ }, sent);
  }
  const code = (await authorize((await app.challengeUrl()).href, 'ana')).searchParams.get('code') ?? '';
  await app.run((given) => window.challenge?.setCode(given), code);
  expect(await answer).toEqual(aCount);
});

test.describe('where the worker takes the code', () => {
  test.use({
    identityConfig: registeredWith({ persistence: 'sealed', callback: 'worker' }),
    isSealed: true,
  });

  test(
    'a stop while the code is redeemed ends signIn, closes the window, and the next sign-in works',
    { tag: ['@B3'] },
    async ({ app }) => {
      await app.open();
      const hold = app.portal.control.hold('/oauth2/token');
      const popup = await app.openSignInWindow();
      const closed = popup.waitForEvent('close');
      // The browser does not send a navigation again: this one never ends.
      void fillInForm(popup, 'ana').catch(() => undefined);
      await hold.reached(1);
      await app.stopWorker();
      hold.release();
      // What starts the worker again: the messages that a page in a sign-in sends every 10 s, or any other.
      await app.run(() => window.identity.inspectClients());
      await expect(app.page.getByRole('status')).toHaveText('sign-in-interrupted');
      await closed;
      expect(app.tokenRequests('authorization_code')).toBe(1);
      await app.signIn('ben');
    },
  );
});

for (const [lost, fault] of [
  ['the portal is out of reach', { drop: 'request' }],
  ['the worker is stopped', { hang: true }],
] as const) {
  test(`a revocation that is lost because ${lost} is made up for`, { tag: ['@I2'] }, async ({ app }) => {
    const validUsers = (): (string | undefined)[] =>
      app.portal.control
        .tokens()
        .filter(({ kind, state }) => kind === 'refresh' && state === 'valid')
        .map(({ user }) => user);
    await app.open();
    await app.signIn('ana');
    const endFault = app.portal.control.fault(/revokeToken/, fault);
    // Of the user before, when another one signs in, and of that one at the sign-out.
    await app.signIn('ben');
    await app.run(() => window.identity.signOut());
    await app.stopWorker();
    expect(validUsers()).toEqual(['ana', 'ben']);
    endFault();
    await app.page.reload();
    await app.ready();
    await expect.poll(validUsers).toEqual([]);
  });
}

for (const phase of ['install', 'activate'] as const) {
  test(
    `a stop while the worker's ${phase} event is handled, and a reload before it, end with a page that is ready`,
    { tag: ['@A1'] },
    async ({ page, portal }) => {
      const worker = readFileSync('dist/e2e/worker.js', 'utf8');
      let arrivals = 0;
      const server = await serveApp(portal, {
        intercept: (path) => {
          if (path === '/handled') {
            arrivals += 1;
            return arrivals === 1 ? new Promise(() => undefined) : { body: '' };
          }
          if (path !== '/worker.js') return undefined;
          const head = `self.addEventListener('${phase}', (event) => event.waitUntil(fetch('/handled')));\n`;
          return { headers: { 'content-type': 'text/javascript' }, body: head + worker };
        },
      });
      const app = new TestApp(page, portal, server.url);
      await page.goto(app.url);
      await expect.poll(() => arrivals).toBe(1);
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('ServiceWorker.enable');
      const reloaded = page.reload();
      await cdp.send('ServiceWorker.stopAllWorkers');
      await reloaded;
      await app.ready();
      await app.signIn('ana');
      await server.close();
    },
  );
}

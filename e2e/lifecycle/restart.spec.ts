/** The browser stops the service worker at any time: nothing is lost, and there is no second prompt. */
import { expect, test } from '../support/fixtures.js';
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

test('after a stop the first request starts the challenge', { tag: ['@B4'] }, async ({ app }) => {
  await app.open();
  await app.stopWorker();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect(await answer).toEqual(aCount);
  expect(app.tokenRequests()).toBe(1);
});

test(
  'after a stop during the sign-in the same window ends the wait of every request',
  { tag: ['@A10', '@B5'] },
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
    await expect.poll(() => app.isDialogOpen()).toBe(false);
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

test('after a stop one sign-in answers ten waiting requests', async ({ app }) => {
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
});

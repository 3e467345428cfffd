/** The browser stops a service worker whenever it likes. Nothing may be lost, and nobody asked twice. */
import { expect, test } from '../support/fixtures.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

test('stopped after the sign-in: the next request is signed, with no new token', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(count))).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests()).toBe(1);
  expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
});

test('stopped before the challenge: the first request starts it', async ({ app }) => {
  await app.open();
  await app.stopWorker();
  const answer = app.fetchJson(app.hosted(count));
  await app.fillIn(await app.answerDialog(), 'ana');
  expect(await answer).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests()).toBe(1);
});

test('stopped while the person signs in: the same window ends the wait of every request', async ({ app }) => {
  await app.open();
  const answers = Promise.all([1, 2, 3].map((index) => app.fetchJson(app.hosted(`${count}&index=${index}`))));
  await app.portal.log.waitFor({ path: /query$/ }, 3);
  const popup = await app.answerDialog();
  await popup.getByLabel('Username').waitFor();
  await app.stopWorker();
  await app.fillIn(popup, 'ana');
  for (const answer of await answers) expect(answer).toEqual({ count: expect.any(Number) });
  expect(app.portal.log.count({ path: /oauth2\/authorize$/ })).toBe(1);
  expect(app.tokenRequests()).toBe(1);
  expect(await app.page.locator('identity-worker-dialog').count()).toBe(0);
});

test('stopped while signIn waits: the button’s promise is kept', async ({ app }) => {
  await app.open();
  const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
  await popup.getByLabel('Username').waitFor();
  await app.stopWorker();
  await app.fillIn(popup, 'ben');
  await expect(app.page.getByRole('status')).toHaveText('signed in as ben');
  expect(app.tokenRequests()).toBe(1);
});

test('stopped while the code is redeemed: a typed error or a sign-in, and no code is sent twice', async ({
  app,
}) => {
  await app.open();
  const hold = app.portal.control.hold('/oauth2/token');
  const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
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
});

test('stopped after an expired token was refused: refreshed once, by the new worker', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.control.expireAccessTokens();
  const hold = app.portal.control.hold(/query$/);
  const answer = app.fetchJson(app.hosted(count));
  await hold.reached(1);
  await app.stopWorker();
  hold.release();
  expect(await answer).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests('refresh_token')).toBe(1);
});

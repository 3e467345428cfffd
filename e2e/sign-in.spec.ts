/** The challenge: a request meets a wall, a person signs in, and the request succeeds as if they had been signed in all along. */
import { expect, test } from './fixtures.js';

const countries = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';

test('a secured request on the first visit asks for a sign-in and then succeeds', async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countries));
  const popup = await app.answerDialog();
  await app.fillIn(popup, 'ana');
  expect(await answer).toEqual({ count: expect.any(Number) });
  expect(app.tokenRequests('authorization_code')).toBe(1);
});

test('the sign-in button opens the window in its click', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  const credentials = await app.page.evaluate(() => window.identity.credentials);
  expect(credentials).toMatchObject([{ portal: app.portal.url, username: 'ana', renewable: true }]);
  expect(await app.fetchJson(app.hosted(countries))).toEqual({ count: expect.any(Number) });
});

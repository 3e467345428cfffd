/** Signing in, in every engine. */
import { aCount, countQuery } from '../support/services.js';
import { expect, test } from './fixtures.js';

test('first visit: a request waits for the sign-in and is answered', { tag: '@smoke' }, async ({ app }) => {
  await app.open();
  const answer = app.fetchJson(app.hosted(countQuery()));
  await app.fillIn(await app.openWindowFromDialog(), 'ana');
  expect(await answer).toEqual(aCount);
  await app.waitForNoDialog();
  expect(app.tokenRequests('authorization_code')).toBe(1);
});

test('sign-in window, then signed requests', { tag: '@smoke' }, async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  expect(await app.usernames()).toEqual(['ana']);
  const url = app.hosted(countQuery());
  expect(await app.fetch(url)).toMatchObject({ status: 200, url });
  expect(app.portal.log.requests({ path: /query$/ }).at(-1)).toMatchObject({ user: 'ana' });
});

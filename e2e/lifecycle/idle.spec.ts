/** An idle page causes no traffic. */
import { expect, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test('ten idle minutes of a page cause no request', { tag: ['@B2'] }, async ({ app }) => {
  await app.page.clock.install();
  await app.open();
  await app.signIn('ana');
  const addresses: string[] = [];
  app.page.context().on('request', (request) => addresses.push(request.url()));
  await app.page.clock.runFor('10:00');
  // ClientReport: a request would be seen, and the page has come to its end of the ten minutes.
  const last = app.hosted(countQuery());
  expect(await app.fetchJson(last)).toEqual(aCount);
  expect(addresses.filter((address) => !address.startsWith(last))).toEqual([]);
  expect(addresses.length).toBeGreaterThan(0);
});

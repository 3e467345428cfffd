/** A refresh that fails for another reason than a refusal loses nothing, and the next request tries again. */
import { expect, openSignedIn, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test.beforeEach(openSignedIn);

for (const [name, fault, restMs] of [
  ['500', { status: 500 }, 0],
  // Its Retry-After is respected.
  ['429', { status: 429, retryAfterS: 1 }, 46_000],
  ['an answer cut off amid the body', { drop: 'body' }, 0],
  ['an answer that never came', { drop: 'answer' }, 0],
] as const) {
  test(`a refresh that meets ${name} loses nothing`, { tag: ['@F1'] }, async ({ app }) => {
    app.portal.control.expireAccessTokens();
    const repair = app.portal.control.fault('/oauth2/token', fault);
    expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
    await app.stopWorker();
    expect(await app.fetch(app.hosted(countQuery(2)))).toEqual({ error: 'TypeError' });
    expect(await app.isDialogOpen()).toBe(false);
    repair();
    await app.advanceWorkerClock(restMs);
    expect(await app.fetchJson(app.hosted(countQuery(3)))).toEqual(aCount);
    expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
    expect(app.tokenRequests('authorization_code')).toBe(0);
  });
}

test(
  'a token endpoint that never answers is a network error after a time limit',
  { tag: ['@F1'] },
  async ({ app }) => {
    await app.shortenWorkerTimeLimits(30);
    app.portal.control.expireAccessTokens();
    const repair = app.portal.control.fault('/oauth2/token', { hang: true });
    expect(await app.fetch(app.hosted(countQuery(1)))).toEqual({ error: 'TypeError' });
    repair();
    expect(await app.fetchJson(app.hosted(countQuery(2)))).toEqual(aCount);
    expect(await app.isDialogOpen()).toBe(false);
  },
);

for (const [name, fault] of [
  ['503', { status: 503, retryAfterS: 1 }],
  ['an HTML page', { html: '<h1>Gateway</h1>' }],
  ['a cut-off answer', { truncate: true }],
  ['a dropped connection', { drop: 'request' }],
] as const) {
  test(
    `a refresh that meets ${name} is a network error, and works once the portal does`,
    { tag: ['@E8', '@F1', '@K5'] },
    async ({ app }) => {
      app.portal.control.expireAccessTokens();
      const repair = app.portal.control.fault('/oauth2/token', fault);
      expect(await app.fetch(app.hosted(countQuery()))).toEqual({ error: 'TypeError' });
      repair();
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      expect(await app.isDialogOpen()).toBe(false);
    },
  );
}

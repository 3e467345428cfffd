/** A refresh that fails for another reason than a refusal loses nothing: the request waits, and goes through when the portal answers. */
import { expect, openSignedIn, test } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';

test.beforeEach(openSignedIn);

for (const [name, fault] of [
  ['500', { status: 500 }],
  ['503', { status: 503, retryAfterS: 1 }],
  ['an HTML page', { html: '<h1>Gateway</h1>' }],
  ['a cut-off answer', { truncate: true }],
  ['an answer cut off amid the body', { drop: 'body' }],
  ['an answer that never came', { drop: 'answer' }],
  ['a dropped connection', { drop: 'request' }],
] as const) {
  test(`a refresh that meets ${name} loses nothing`, { tag: ['@E8', '@F1', '@K5'] }, async ({ app }) => {
    app.portal.control.expireAccessTokens();
    const repair = app.portal.control.fault('/oauth2/token', fault);
    const answer = app.fetchJson(app.hosted(countQuery(1)));
    await expect.poll(() => app.tokenRequests()).toBeGreaterThan(0);
    // The browser sends the request again to the worker that takes its place.
    await app.stopWorker();
    await expect.poll(() => app.tokenRequests()).toBeGreaterThan(1);
    repair();
    expect(await answer).toEqual(aCount);
    expect(await app.isPrompting()).toBe(false);
    expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
    expect(app.tokenRequests('authorization_code')).toBe(0);
  });
}

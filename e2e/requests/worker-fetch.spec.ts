/** Requests of the app's own worker script, sent through `identity.fetch`: queues, prefetches and strategies of the app. */
import { expect, test as base, type TestApp } from '../support/fixtures.js';
import { countQuery, publicCountQuery } from '../support/services.js';

const test = base.extend<{ own: TestApp }>({
  own: async ({ app }, use) => {
    await app.open('/?worker=/own-worker.js');
    await use(app);
  },
});

/** Has the app's worker send a request, and returns how it ended. */
const sendFromWorker = (app: TestApp, url: string): Promise<Record<string, unknown>> =>
  app.fetchJson(`${app.url}/send?${new URLSearchParams({ url }).toString()}`);

const isCount = { status: 200, ok: true, text: expect.stringContaining('"count"') };

test('it is signed, with an address that holds no token', async ({ own }) => {
  await own.signIn('ana');
  const outcome = await sendFromWorker(own, own.hosted(countQuery()));
  expect(outcome).toMatchObject(isCount);
  expect(outcome['url']).toBe('');
});

test('an expired token is renewed first, once for all', async ({ own }) => {
  await own.signIn('ana');
  own.portal.control.expireAccessTokens();
  own.portal.log.clear();
  const outcomes = await Promise.all(
    [0, 1, 2, 3].map((index) => sendFromWorker(own, own.hosted(countQuery(index)))),
  );
  for (const outcome of outcomes) expect(outcome).toMatchObject(isCount);
  expect(own.tokenRequests()).toBe(1);
});

test('with nobody signed in it rejects, asks no user, and what is public needs none', async ({ own }) => {
  expect(await sendFromWorker(own, own.hosted(countQuery()))).toEqual({
    code: 'sign-in-required',
    name: 'ChallengeError',
  });
  expect(await sendFromWorker(own, own.hosted(publicCountQuery()))).toMatchObject(isCount);
  expect(await own.isPrompting()).toBe(false);
});

test('when the session has ended it rejects, and asks no user', async ({ own }) => {
  await own.signIn('ana');
  own.portal.control.revokeRefreshTokens();
  own.portal.control.revokeAccessTokens();
  expect(await sendFromWorker(own, own.hosted(countQuery()))).toMatchObject({ code: 'sign-in-required' });
  expect(await own.isPrompting()).toBe(false);
});

for (const style of ['json200', 'html200', 'status498', 'status403'] as const)
  test(`a service that refuses every token never looks like success: ${style}`, async ({ own }) => {
    await own.signIn('ana');
    own.portal.control.setErrorStyle(style);
    own.portal.control.setAlwaysRefuse('Countries');
    expect(await sendFromWorker(own, own.hosted(countQuery()))).toMatchObject({ ok: false });
    expect(await own.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  });

test('an error of the service inside HTTP 200 is the status of the response', async ({ own }) => {
  await own.signIn('ana');
  own.portal.control.setSslRequired('Countries');
  expect(await sendFromWorker(own, own.hosted(countQuery()))).toMatchObject({
    status: 403,
    ok: false,
    text: expect.stringContaining('"error"'),
  });
});

test('without a network it rejects as fetch does, and the user stays signed in', async ({ own }) => {
  await own.signIn('ana');
  const close = own.portal.control.fault(/Countries/, { drop: true });
  expect(await sendFromWorker(own, own.hosted(countQuery()))).toEqual({ name: 'TypeError: Failed to fetch' });
  close();
  expect(await sendFromWorker(own, own.hosted(countQuery()))).toMatchObject(isCount);
});

test('an address of no portal is fetched as it is', async ({ own }) => {
  expect(await sendFromWorker(own, `${own.url}/before`)).toMatchObject({ status: 404 });
});

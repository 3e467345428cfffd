/** What the worker did to each request and why, in the page that asks for it. */
import { expect, test } from '../support/fixtures.js';
import { authorize } from '../support/oauth-client.js';
import { aCount, countQuery, publicCountQuery } from '../support/services.js';
import { startTracing, stepsOf, traceOf, tracesOf } from '../support/tracing.js';

const query = '/Countries/FeatureServer/0/query';

test('a page learns why each of its requests was signed, renewed, held, or left alone', async ({ app }) => {
  await app.open();
  await startTracing(app);

  await app.handleChallengesInApp();
  const first = app.fetchJson(app.hosted(countQuery()));
  const callback = await authorize((await app.challengeUrl()).href, 'ana');
  await app.run((code) => window.challenge?.setCode(code), callback.searchParams.get('code') ?? '');
  expect(await first).toEqual(aCount);
  const held = await traceOf(app, query);
  expect(held).toMatchObject({ method: 'GET', outcome: 'signed', status: 200, isOwn: true });
  expect(stepsOf(held)).toEqual([
    'matched',
    'waited token',
    'no-token signed-out',
    'sent none',
    'error-in-body',
    'classified auth-required',
    'waited sign-in',
    'sign-in signed-in',
    'token user',
    'sent query',
    'classified ok',
  ]);
  const portal = await app.run(() => window.identity.portals[0]?.url);
  expect(held.steps).toContainEqual(expect.objectContaining({ step: 'token', of: 'user', portal }));
  const signInMs = held.steps.flatMap((step) =>
    step.step === 'waited' && step.for === 'sign-in' ? step.ms : [],
  );
  expect(signInMs).toEqual([expect.closeTo(held.durationMs, -3)]);

  app.portal.control.expireAccessTokens();
  expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  const renewed = await traceOf(app, query, 2);
  expect(stepsOf(renewed)).toEqual([
    'matched',
    'token user',
    'sent query',
    'error-in-body',
    'classified token-rejected',
    'waited renewal',
    'renewed',
    'token user',
    'sent query',
    'classified ok',
  ]);
  expect(renewed.steps.filter((step) => step.step === 'sent')).toMatchObject([
    { isRepeated: false },
    { isRepeated: true },
  ]);

  expect(await app.fetchJson(app.federated(countQuery()))).toEqual(aCount);
  const federated = await traceOf(app, query, 3);
  const root = app.portal.serverUrl;
  expect(federated.steps).toContainEqual(
    expect.objectContaining({ step: 'token', of: 'user', portal, server: root }),
  );
  expect(stepsOf(federated)).toContain('waited discovery');

  await app.fetch(`${app.hosted(publicCountQuery())}&token=own`);
  expect(stepsOf(await traceOf(app, 'Places/FeatureServer/0/query'))).toEqual(['not-signed own-credential']);
  await app.run(
    ([url, body]) => fetch(url, { method: 'POST', body: new URLSearchParams(body) }).then(() => undefined),
    [app.hosted('Echo?f=json'), 'dataUrl=https://elsewhere.example/a'] as const,
  );
  expect(stepsOf(await traceOf(app, '/Echo'))).toEqual([
    'matched',
    'not-signed foreign-address',
    'sent none',
  ]);
  await app.fetch('/page.js');
  expect(await traceOf(app, '/page.js')).toMatchObject({ outcome: 'passed-by', status: 0 });
  expect(stepsOf(await traceOf(app, '/page.js'))).toEqual(['not-signed no-registration']);

  // In the performance timeline, under names without a query.
  const { measures, tracedCount } = await app.run(() => ({
    measures: performance.getEntriesByType('measure').map(({ name, duration }) => ({ name, duration })),
    tracedCount: (Reflect.get(window, 'traces') as unknown[]).length,
  }));
  expect(measures).toHaveLength(tracedCount);
  const { pathname, origin } = new URL(app.hosted(countQuery()));
  expect(measures.find(({ name }) => name.endsWith(pathname))).toEqual({
    name: `identity-worker signed: GET ${origin}${pathname}`,
    duration: expect.closeTo(held.durationMs, 1) as unknown,
  });
});

test('tracing outlives a stop of the worker, which it tells', async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  await startTracing(app);
  await app.fetch(app.hosted(countQuery()));
  const before = await traceOf(app, query);
  await app.stopWorker();
  await app.fetch(app.hosted(countQuery()));
  const after = await traceOf(app, query, 2);
  expect(after.workerStartedAtMs).toBeGreaterThan(before.workerStartedAtMs);
  expect(stepsOf(after)).toEqual([
    'waited worker-start',
    'matched',
    'token user',
    'sent query',
    'classified ok',
  ]);
});

test('pages that do not ask are told nothing, and neither are those that asked and stopped', async ({
  app,
}) => {
  await app.open();
  await app.signIn('ana');
  const other = await app.newTab();
  await other.open();
  await other.run(() => {
    const told: unknown[] = [];
    Object.assign(window, { told });
    navigator.serviceWorker.addEventListener('message', ({ data }) => told.push(data));
  });
  await startTracing(app);
  await other.fetch(other.hosted(countQuery()));
  expect(await traceOf(app, query)).toMatchObject({ isOwn: false });

  await app.run(() => window.identity.trace.stop());
  await app.fetch(app.hosted(countQuery()));
  await app.fetch(app.hosted(publicCountQuery()));
  // A later message of the worker has come: an earlier one would have.
  await app.run(() => window.identity.signOut());
  await expect.poll(() => app.run(() => window.identity.credentials)).toEqual([]);
  // Files of the page's own may have been on their way while it asked.
  expect((await tracesOf(app)).filter(({ url }) => url.endsWith(query))).toHaveLength(1);
  const told = await other.run(() => JSON.stringify(Reflect.get(window, 'told')));
  expect(told).toContain('identity:credential-changed');
  expect(told).not.toContain('identity:request-traced');
});

/** The worker is stopped while it holds requests, keeps answers or sends edits, and while the page is at the portal. */
import { keptIn } from '../support/kept-answers.js';
import { fillInForm } from '../support/oauth-client.js';
import { registration } from '../support/fixtures.js';
import { expect, test, within, type KillableApp, type Step } from '../support/kill-points.js';
import { startMaliciousServer } from '../support/malicious-server.js';
import { aCount, countQuery, tile } from '../support/services.js';

type Point = readonly [name: string, step: Step];

async function openSignedIn(app: KillableApp, path = '/'): Promise<void> {
  await app.open(path);
  await app.signIn('ana');
  await app.watchPrompts();
}

const count = (app: KillableApp): Promise<unknown> => app.fetchJson(app.hosted(countQuery()));
const form = (app: KillableApp): Promise<unknown> =>
  app.fetchJson(app.hosted('Countries/FeatureServer/0/query'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'f=json&where=1%3D1&returnCountOnly=true',
  });

/** `index` makes an address of its own, which the page has not loaded before. */
const kinds: readonly (readonly [
  name: string,
  path: RegExp,
  send: (app: KillableApp, index: number) => Promise<unknown>,
  expected: unknown,
])[] = [
  ['GET', /query$/, count, aCount],
  ['POST', /query$/, form, aCount],
  ['image', /tile\/1\/0\/1$/, (app, index) => app.loadImage(app.hosted(tile(index))), 256],
  [
    'image with CORS',
    /tile\/1\/0\/1$/,
    (app, index) => app.loadImage(app.hosted(tile(index)), 'anonymous'),
    256,
  ],
];

for (const [kind, path, send, expected] of kinds)
  test(`${kind}: at each step`, async ({ app, portal }) => {
    await openSignedIn(app);
    const points: readonly Point[] = [
      ['not handled', { portal: path, before: true }],
      ['answer on its way', { portal: path }],
      ['answer not handed over', { step: 'respond', match: path.source.replace('$', '') }],
    ];
    for (const [name, step] of points)
      await test.step(name, async () => {
        portal.log.clear();
        const stop = await app.stopAt(step);
        const answer = send(app, name.length);
        answer.catch(() => undefined);
        await stop();
        expect(await within(answer)).toEqual(expected);
        // The browser sends it again, a POST too.
        expect(portal.log.count({ path })).toBe(2);
      });
    expect(await app.asked()).toBe(0);
  });

test('stream: half of the body is here', async ({ app, portal }) => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const server = await startMaliciousServer(portal, {
    answer: (received, response) => {
      response.writeHead(200, { 'access-control-allow-origin': '*' });
      response.write('first');
      void ended.then(() => response.end('second'));
      return received.method !== 'OPTIONS';
    },
  });
  app.deploy({
    make: () => ({ arcgis: [{ ...registration(portal), resources: [portal.hostedUrl, server.origin] }] }),
  });
  await openSignedIn(app);
  await app.run(async (url) => {
    const response = await fetch(url);
    const reader = response.body!.getReader();
    await reader.read();
    window.outcome = reader.read().then(
      ({ value }) => new TextDecoder().decode(value),
      (error: Error) => error.name,
    );
  }, `${server.origin}/long`);
  await app.stopWorker();
  end();
  // It cannot be sent again: the page has its beginning. See docs/limits.md.
  expect(await within(app.run(() => window.outcome))).toBe('TypeError');
  expect(await app.fetch(`${server.origin}/long`)).toMatchObject({ text: 'firstsecond' });
  await server.close();
});

test.describe('kept answers', () => {
  test.use({ workerFile: '/offline-worker.js' });

  for (const [name, step] of [
    ['not kept', { step: 'keep', match: 'tile' }],
    ['kept', { step: 'kept', match: 'tile' }],
    ['partition noted', { step: 'written' }],
  ] as const satisfies Point[])
    test(`offline: ${name}`, async ({ app, portal }) => {
      portal.control.setMaxAge(600);
      await openSignedIn(app, '/?worker=/offline-worker.js');
      const stop = await app.stopAt(step);
      const load = (): Promise<number> =>
        app.run(
          (url) =>
            fetch(url)
              .then((response) => response.blob())
              .then(({ size }) => size),
          app.hosted(tile()),
        );
      const loaded = load();
      loaded.catch(() => undefined);
      await stop();
      const size = await within(loaded);
      expect(size).toBeGreaterThan(100);
      expect(await load()).toBe(size);
      await expect.poll(async () => (await keptIn(app)).length).toBe(1);
      expect(portal.log.leaks(JSON.stringify(await keptIn(app)))).toEqual([]);
      // The next user gets none of it.
      await app.run(() => window.identity.signOut());
      await expect.poll(async () => (await keptIn(app)).length).toBe(0);
      expect(await app.asked()).toBe(0);
    });
});

test.describe('edits', () => {
  test.use({ workerFile: '/edits-worker.js' });

  for (const [name, step, sent] of [
    ['not sent', { step: 'fetch', match: 'applyEdits' }, 1],
    ['being sent', { portal: /applyEdits$/, before: true }, 2],
    ['taken', { portal: /applyEdits$/ }, 2],
    ['not forgotten', { step: 'write', match: 'workbox' }, 2],
    ['forgotten', { step: 'written', match: 'workbox' }, 1],
  ] as const satisfies (readonly [...Point, number])[])
    test(`edit: ${name}`, async ({ app, portal }) => {
      app.expectedFaults.push('IdentityError: edit-');
      await openSignedIn(app, '/?worker=/edits-worker.js%3Fno-sync');
      const repair = portal.control.fault(/applyEdits$/, { drop: true });
      const kept = await app.fetch(app.hosted('Notes/FeatureServer/0/applyEdits'), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `f=json&adds=${encodeURIComponent('[{"geometry":{"x":8,"y":47},"attributes":{"TEXT":"one"}}]')}`,
      });
      expect(kept).toMatchObject({ status: 202 });
      repair();
      portal.log.clear();
      const stop = await app.stopAt(step);
      const send = (): Promise<void> => app.run(() => void dispatchEvent(new Event('online')));
      await app.runText('import("/edits.js").then(() => null)');
      await send();
      await stop();
      await expect
        .poll(async () => {
          await send();
          return app.run(async () => (await window.edits.list()).length);
        })
        .toBe(0);
      expect(portal.log.count({ path: /applyEdits$/ })).toBe(sent);
    });

  for (const [name, step] of [
    ['not kept', { step: 'write', match: 'workbox' }],
    ['kept', { step: 'written', match: 'workbox' }],
  ] as const satisfies Point[])
    test(`edit being stored: ${name}`, async ({ app, portal }) => {
      app.expectedFaults.push('IdentityError: edit-');
      await openSignedIn(app, '/?worker=/edits-worker.js%3Fno-sync');
      const repair = portal.control.fault(/applyEdits$/, { drop: true });
      const stop = await app.stopAt(step);
      const outcome = app.fetch(app.hosted('Notes/FeatureServer/0/applyEdits'), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `f=json&adds=${encodeURIComponent('[{"geometry":{"x":8,"y":47},"attributes":{"TEXT":"one"}}]')}`,
      });
      outcome.catch(() => undefined);
      await stop();
      // The browser sends it again: it is kept, once more where it was.
      expect(await within(outcome)).toMatchObject({ status: 202 });
      repair();
      await app.runText('import("/edits.js").then(() => null)');
      await expect
        .poll(async () => {
          await app.run(() => void dispatchEvent(new Event('online')));
          return app.run(async () => (await window.edits.list()).length);
        })
        .toBe(0);
      expect(portal.log.count({ path: /applyEdits$/, status: 200 })).toBe(name === 'kept' ? 2 : 1);
    });
});

const signInPage = '/?login=redirect#at=1';

/** Goes to the portal in place of the page. */
async function leave(app: KillableApp): Promise<void> {
  await app.run(() => void window.identity.signIn().catch(() => undefined));
  await app.page.getByLabel('Username').waitFor();
}

for (const [name, step, isSignedIn] of [
  ['place not noted', { step: 'write', nth: 3 }, true],
  ['place noted', { step: 'written', nth: 3 }, true],
] as const satisfies (readonly [...Point, boolean])[])
  test(`redirect, leaving: ${name}`, async ({ app }) => {
    await app.open(signInPage);
    const stop = await app.stopAt(step);
    const left = leave(app);
    left.catch(() => undefined);
    await stop();
    await within(left, 'The page did not leave');
    await fillInForm(app.page, 'ana');
    await app.page.waitForURL(app.url + signInPage);
    await app.ready();
    expect((await app.run(() => window.identity.credentials)).length > 0).toBe(isSignedIn);
    expect(await within(count(app))).toEqual(aCount);
  });

const token = /oauth2\/token$/;

for (const [name, step, isSignedIn] of [
  ['redeeming not noted', { step: 'write' }, true],
  ['redeeming noted', { step: 'written' }, false],
  ['tokens on their way', { portal: token }, false],
  ['credential not stored', { step: 'write', nth: 2 }, false],
  ['credential stored', { step: 'written', nth: 2 }, true],
] as const satisfies (readonly [...Point, boolean])[])
  test(`redirect, back: ${name}`, async ({ app }) => {
    await app.open(signInPage);
    await leave(app);
    const stop = await app.stopAt(step);
    await fillInForm(app.page, 'ana');
    await stop();
    await within(app.page.waitForURL(app.url + signInPage), 'The page did not return');
    await app.ready();
    expect((await app.run(() => window.identity.credentials)).length > 0).toBe(isSignedIn);
    const error = await app.run(() => window.identity.redirectOutcome?.error?.code);
    expect(error).toBe(isSignedIn ? undefined : 'sign-in-interrupted');
    if (!isSignedIn) await app.signIn('ana');
    expect(await within(count(app))).toEqual(aCount);
  });

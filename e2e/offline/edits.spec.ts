/** Edits that wait for the network: sent in order, in the name of their user, each until its service has taken it. */
import { cutEdits, expect, note, notesAt, sentBy, test, type EditingApp } from '../support/edits.js';
import { countQuery } from '../support/services.js';

test.beforeEach(async ({ app }) => {
  await app.open();
  await app.signIn('ana');
  app.portal.log.clear();
});

/** Waits until nothing waits any more. */
const untilSent = (app: EditingApp): Promise<void> => expect.poll(() => app.waiting()).toEqual([]);

test('an edit made offline is answered as kept, and sent once when the network is back', async ({
  app,
  portal,
}) => {
  await app.page.context().setOffline(true);
  const outcome = await app.run(async (url) => {
    const body = new URLSearchParams({ f: 'json', adds: '[]' });
    const response = await fetch(url, { method: 'POST', body });
    const { queued } = (await response.json()) as { queued: Record<string, unknown> };
    return { status: response.status, header: response.headers.get('identity-worker-edit'), queued };
  }, app.hosted('Notes/FeatureServer/0/applyEdits'));
  expect(outcome).toMatchObject({
    status: 202,
    header: expect.stringMatching(/^[\da-f-]{36}$/),
    queued: { id: outcome.header, queue: 'edits', portal: portal.url, username: 'ana' },
  });
  for (const text of ['one', 'two', 'three']) expect(await app.add(text)).toBe(202);
  expect(await app.waiting()).toMatchObject(
    Array.from({ length: 4 }, () => ({ state: 'queued', username: 'ana' })),
  );
  expect(sentBy(portal)).toEqual([]);
  await app.page.context().setOffline(false);
  await untilSent(app);
  expect(await notesAt(app)).toEqual(['ana: one', 'ana: two', 'ana: three']);
  expect(sentBy(portal)).toEqual(['ana', 'ana', 'ana', 'ana']);
  expect(await app.isPrompting()).toBe(false);
});

test('what is stored of an edit holds no token, and an edit with a token of the page’s is not kept', async ({
  app,
  portal,
}) => {
  cutEdits(portal);
  expect(await app.add('mine')).toBe(202);
  expect(await app.edit({ adds: [note('own')], token: 'of-the-page' })).toEqual({ error: 'TypeError' });
  const stored = await app.run(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('workbox-background-sync');
      opening.addEventListener('success', () => resolve(opening.result));
    });
    const entries = await new Promise<Record<string, unknown>[]>((resolve) => {
      const reading = database.transaction('requests').objectStore('requests').getAll();
      reading.addEventListener('success', () => resolve(reading.result));
    });
    const text = (entry: Record<string, unknown>): string => {
      const { body, ...data } = entry['requestData'] as { body: ArrayBuffer };
      return JSON.stringify({ ...entry, requestData: data }) + new TextDecoder().decode(body);
    };
    return entries.map(text);
  });
  expect(stored).toHaveLength(1);
  expect(stored[0]).toContain('mine');
  expect(stored[0]).not.toMatch(/token/i);
  expect(portal.log.leaks(stored.join('\n'))).toEqual([]);
});

test('another user sends none of it, learns no address of it and cannot discard it; its user does', async ({
  app,
  portal,
}) => {
  const repair = cutEdits(portal);
  expect(await app.add('by ana')).toBe(202);
  await app.run(() => window.identity.signOut());
  repair();
  portal.log.clear();
  await app.comeOnline();
  expect(await app.waiting()).toEqual([
    { state: 'signed-out', username: 'ana', code: 'edit-waits-for-sign-in' },
  ]);
  await app.signIn('ben');
  await app.comeOnline();
  expect(await app.waiting()).toEqual([{ state: 'other-user', username: 'ana', code: 'edit-of-other-user' }]);
  const [seen, discarded] = await app.run(async () => {
    const [edit] = await window.edits.list();
    await window.edits.retry();
    const error = await window.edits.discard(edit?.id ?? '').then(
      () => 'discarded',
      (reason: unknown) => (window.isIdentityError(reason) ? reason.code : String(reason)),
    );
    return [JSON.stringify(edit), error] as const;
  });
  expect(discarded).toBe('edit-of-other-user');
  expect(seen).not.toContain('Notes');
  expect(await app.add('by ben')).toBe(200);
  expect(sentBy(portal)).toEqual(['ben']);
  await app.signIn('ana');
  await untilSent(app);
  expect(await notesAt(app)).toEqual(['ben: by ben', 'ana: by ana']);
  expect(sentBy(portal)).toEqual(['ben', 'ana']);
});

test('a session that has ended keeps its edits until the same user is back, and asks nobody', async ({
  app,
  portal,
}) => {
  const repair = cutEdits(portal);
  expect(await app.add('by ana')).toBe(202);
  repair();
  portal.control.revokeRefreshTokens();
  portal.control.revokeAccessTokens();
  await app.comeOnline();
  await expect
    .poll(() => app.waiting())
    .toEqual([{ state: 'signed-out', username: 'ana', code: 'edit-waits-for-sign-in' }]);
  expect(await app.isPrompting()).toBe(false);
  await app.signIn('ana');
  await untilSent(app);
  expect(await notesAt(app)).toEqual(['ana: by ana']);
});

const refusals: readonly [
  name: string,
  code: string,
  make: (app: EditingApp) => Promise<unknown>,
  before?: (app: EditingApp) => unknown,
][] = [
  ['a change that fails by itself', 'edit-partly-refused', (app) => app.edit({ adds: [note('fine'), {}] })],
  ['a change of another’s feature', 'edit-partly-refused', (app) => app.edit({ deletes: '2' })],
  ['an error inside HTTP 200', 'edit-refused', (app) => app.edit({ adds: '{' })],
  [
    'a token that the service never takes',
    'edit-refused',
    (app) => app.edit({ adds: [note('refused')] }),
    ({ portal }) => portal.control.setAlwaysRefuse('Notes'),
  ],
];

for (const [name, code, make, before] of refusals)
  test(`${name} is kept and reported, those behind it wait, and other services go on`, async ({
    app,
    portal,
  }) => {
    const repair = cutEdits(portal);
    expect(await make(app)).toMatchObject({ status: 202 });
    expect(await app.add('behind')).toBe(202);
    expect(await app.add('elsewhere', 'Countries')).toBe(202);
    before?.(app);
    repair();
    await app.comeOnline();
    await expect
      .poll(() => app.waiting())
      .toMatchObject([
        { state: 'refused', code },
        { state: 'queued' },
        { state: 'refused', code: 'edit-refused' },
      ]);
    const sent = sentBy(portal).length;
    await app.restartWorker();
    await app.comeOnline();
    expect(await app.waiting()).toHaveLength(3);
    expect(sentBy(portal)).toHaveLength(sent);
    expect(await app.add('new')).toBe(202);
    // The user decides.
    portal.control.setAlwaysRefuse('Notes', false);
    await app.run(async () => {
      const edits = await window.edits.list();
      for (const { id } of edits.slice(0, 1)) await window.edits.discard(id);
    });
    await expect.poll(() => app.waiting()).toMatchObject([{ state: 'refused', code: 'edit-refused' }]);
    expect((await notesAt(app)).slice(-2)).toEqual(['ana: behind', 'ana: new']);
  });

test('a refused edit is sent again when the user says so', async ({ app, portal }) => {
  const repair = cutEdits(portal);
  portal.control.setAlwaysRefuse('Notes');
  expect(await app.add('later')).toBe(202);
  repair();
  await app.comeOnline();
  await expect.poll(() => app.waiting()).toMatchObject([{ state: 'refused', status: 498 }]);
  portal.control.setAlwaysRefuse('Notes', false);
  await app.run(() => window.edits.retry());
  await untilSent(app);
  expect(await notesAt(app)).toEqual(['ana: later']);
});

test('a service that is gone keeps its edits and stops no other service', async ({ app, portal }) => {
  const repair = cutEdits(portal);
  expect(await app.add('lost', 'Gone')).toBe(202);
  expect(await app.add('here')).toBe(202);
  repair();
  const gone = portal.control.fault(/Gone/, { status: 404 });
  await app.comeOnline();
  await expect
    .poll(() => app.waiting())
    .toEqual([{ state: 'refused', username: 'ana', code: 'edit-service-gone', status: 404 }]);
  expect(await notesAt(app)).toEqual(['ana: here']);
  gone();
});

for (const [name, fault] of [
  ['500', { status: 500 }],
  ['503', { status: 503, retryAfterS: 1 }],
  ['429', { status: 429 }],
  ['511', { status: 511, html: true }],
  ['the page of a captive portal', { html: true }],
  ['no answer', { drop: 'request' }],
] as const)
  test(`an edit that meets ${name} is sent later, and stops no other service`, async ({ app, portal }) => {
    const repair = cutEdits(portal);
    expect(await app.add('late')).toBe(202);
    expect(await app.add('elsewhere', 'Gone')).toBe(202);
    repair();
    const recover = portal.control.fault(/Notes.*applyEdits$/, fault);
    await app.comeOnline();
    await expect
      .poll(() => app.waiting())
      .toMatchObject([{ state: 'queued', code: 'edit-delayed' }, { state: 'refused' }]);
    recover();
    await app.comeOnline();
    await expect.poll(() => app.waiting()).toMatchObject([{ state: 'refused' }]);
    expect(await notesAt(app)).toEqual(['ana: late']);
    expect(await app.run(() => window.identity.credentials[0]?.username)).toBe('ana');
  });

for (const [name, fault] of [
  ['a page in place of an answer', { html: true }],
  ['511', { status: 511, html: true }],
] as const)
  test(`a captive portal is no network: an edit that meets ${name} waits`, async ({ app, portal }) => {
    const repair = portal.control.fault(/applyEdits$/, fault);
    expect(await app.add('behind a portal')).toBe(202);
    repair();
    await app.comeOnline();
    await untilSent(app);
    expect(await notesAt(app)).toEqual(['ana: behind a portal']);
  });

test('the service’s own answers are the page’s, and nothing is kept', async ({ app, portal }) => {
  expect(await app.edit({ adds: [note('fine'), {}] })).toMatchObject({ status: 200 });
  portal.control.fault(/applyEdits$/, { status: 503 });
  expect(await app.add('busy')).toBe(503);
  expect(await app.waiting()).toEqual([]);
});

test('a worker that is stopped while it sends loses nothing, and sends that edit once more', async ({
  app,
  portal,
}) => {
  const repair = cutEdits(portal);
  const globalId = '{7D3A1B52-9C2E-4A55-8B7E-0123456789AB}';
  expect(await app.edit({ adds: [note('once', globalId)], useGlobalIds: true })).toMatchObject({
    status: 202,
  });
  expect(await app.add('next')).toBe(202);
  portal.log.clear();
  repair();
  const hold = portal.control.hold(/applyEdits$/);
  await app.comeOnline();
  await hold.reached(1);
  await app.stopWorker();
  hold.release();
  await app.waiting();
  // Its answer was lost: the service takes a global id once, and refuses the second add.
  await expect
    .poll(() => app.waiting())
    .toMatchObject([{ state: 'refused', code: 'edit-partly-refused' }, { state: 'queued' }]);
  expect(sentBy(portal)).toEqual(['ana', 'ana']);
  expect(await notesAt(app)).toEqual(['ana: once']);
});

test('two tabs and as many signs of a network send each edit once', async ({ app, portal }) => {
  const other = await app.newEditingTab();
  const repair = cutEdits(portal);
  for (const text of ['one', 'two', 'three']) expect(await app.add(text)).toBe(202);
  expect(await other.add('four')).toBe(202);
  repair();
  portal.log.clear();
  const hold = portal.control.hold(/applyEdits$/);
  await Promise.all([
    app.comeOnline(),
    other.comeOnline(),
    app.dispatchSync(),
    other.comeOnline(),
    app.dispatchSync(),
  ]);
  await hold.reached(1);
  await Promise.all([app.comeOnline(), app.dispatchSync()]);
  expect(hold.held).toBe(1);
  hold.release();
  await untilSent(app);
  expect(await notesAt(app)).toEqual(['ana: one', 'ana: two', 'ana: three', 'ana: four']);
  expect(sentBy(portal)).toHaveLength(4);
});

test('the page is told when what waits changes', async ({ app, portal }) => {
  await app.run(() => {
    window.outcome = new Promise((resolve) => {
      window.edits.addEventListener('change', () => resolve('changed'), { once: true });
    });
  });
  cutEdits(portal);
  await app.add('kept');
  expect(await app.run(() => window.outcome)).toBe('changed');
});

test('an edit that cannot be stored fails as without a worker, and its report is typed', async ({
  app,
  portal,
}) => {
  await app.page
    .context()
    .serviceWorkers()[0]
    ?.evaluate(() => {
      IDBObjectStore.prototype.add = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
  cutEdits(portal);
  expect(await app.add('too much')).toBe('TypeError');
  await expect.poll(() => app.consoleLines.join('\n')).toContain('edit-not-kept (name: QuotaExceededError)');
  expect(await app.fetchJson(app.hosted(countQuery()))).toHaveProperty('count');
});

test.describe('without Background Sync', () => {
  test.use({ workerFile: '/edits-worker.js?no-sync' });

  for (const [name, show] of [
    [
      'the next start of the worker',
      (app: EditingApp) => app.stopWorker().then(() => app.fetch(`${app.url}/`)),
    ],
    ['a page that comes online', (app: EditingApp) => app.comeOnline()],
    ['a page that opens', (app: EditingApp) => app.newEditingTab()],
  ] as const)
    test(`edits are sent at ${name}`, async ({ app, portal }) => {
      const repair = cutEdits(portal);
      expect(await app.add('one')).toBe(202);
      expect(await app.add('two')).toBe(202);
      repair();
      portal.log.clear();
      await show(app);
      await portal.log.waitFor({ method: 'POST', path: /applyEdits$/ }, 2);
      await untilSent(app);
      expect(await notesAt(app)).toEqual(['ana: one', 'ana: two']);
    });

  test('a network that fails once more after the browser has said that it is back costs seconds', async ({
    app,
    portal,
  }) => {
    const repair = cutEdits(portal);
    expect(await app.add('late')).toBe(202);
    repair();
    const recover = portal.control.fault(/applyEdits$/, { status: 503 });
    await app.comeOnline();
    await portal.log.waitFor({ method: 'POST', path: /applyEdits$/, status: 503 });
    recover();
    await untilSent(app);
    expect(await notesAt(app)).toEqual(['ana: late']);
  });
});

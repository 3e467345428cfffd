/** A database that misbehaves takes nothing along: what is public is shown, sign-ins end, and a signed-in user is not asked. */
import { readFile } from 'node:fs/promises';
import { answerChallenge } from '../support/answer-challenge.js';
import { expect, serveApp, test as base, TestApp } from '../support/fixtures.js';
import { authorize } from '../support/oauth-client.js';
import { aCount, countAfterExpiry, countQuery, publicCountQuery } from '../support/services.js';
import { openStored } from '../support/stored-state.js';

/** A request of IndexedDB whose answer nobody gets. */
const neverAnswers = `const unanswered = (request) => Object.assign(request, { addEventListener: () => undefined });`;

/** `fault` stands before the worker's script, at each of its starts. */
const test = base.extend<{ fault: string }>({
  fault: ['', { option: true }],
  app: async ({ page, portal, fault }, use) => {
    const script = await readFile('dist/e2e/worker.js', 'utf8');
    const server = await serveApp(portal, {
      intercept: (path) =>
        path === '/worker.js'
          ? { headers: { 'content-type': 'text/javascript' }, body: `${fault};${script}` }
          : undefined,
    });
    const app = new TestApp(page, portal, server.url);
    app.expectedFaults.push('storage-');
    await use(app);
    app.expectNothingLeaked();
    await server.close();
  },
});

/** How often a code was reported, to a page's console and to the worker's. */
const reportsOf = ({ consoleLines }: TestApp, text: string): number =>
  consoleLines.filter((line) => line.includes(text)).length;

const CANNOT_USE = 'cannot use its database';
const IS_REPLACED = 'could not be used and is replaced';

/** Waits for the challenge that the app handles, and signs in. */
async function answer(app: TestApp): Promise<void> {
  const url = await app.challengeUrl();
  await answerChallenge(app.page, app.run.bind(app), await authorize(url.href, 'ana'));
}

/** The next start of the worker finds the user again. */
async function expectKept(app: TestApp, index: number): Promise<void> {
  await app.stopWorker();
  expect(await app.fetchJson(app.hosted(countQuery(index)))).toEqual(aCount);
  expect(await app.isPrompting()).toBe(false);
}

/** Does something to the worker's database as page script can. */
const inDatabase = (app: TestApp, work: (db: IDBDatabase) => unknown): Promise<void> =>
  app.runText(`new Promise((resolve, reject) => {
    const request = indexedDB.open('identity-worker:/');
    request.onerror = () => reject(request.error);
    request.onsuccess = async () => {
      try { await (${work.toString()})(request.result); } finally { request.result.close(); }
      resolve();
    };
  })`);

const removals: readonly (readonly [name: string, remove: (app: TestApp) => Promise<unknown>])[] = [
  [
    'deleted',
    (app) =>
      app.run(
        () =>
          new Promise<void>((resolve) => {
            const request = indexedDB.deleteDatabase('identity-worker:/');
            request.addEventListener('success', () => resolve());
          }),
      ),
  ],
  [
    'emptied',
    (app) =>
      inDatabase(app, (db) => {
        const tx = db.transaction(db.objectStoreNames, 'readwrite');
        for (const store of db.objectStoreNames) tx.objectStore(store).clear();
      }),
  ],
  [
    'evicted',
    async (app) => {
      const cdp = await app.page.context().newCDPSession(app.page);
      await cdp.send('Storage.clearDataForOrigin', { origin: app.url, storageTypes: 'indexeddb' });
    },
  ],
];

for (const [name, fault] of [
  [
    'opening',
    `const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function () { return unanswered(open.call(this, 'other')); }`,
  ],
  ['transaction', `IDBTransaction.prototype.addEventListener = () => undefined`],
  [
    'single read',
    `const get = IDBObjectStore.prototype.get;
    IDBObjectStore.prototype.get = function (key) { return unanswered(get.call(this, key)); }`,
  ],
] as const)
  test.describe(`no ${name} is answered`, () => {
    test.use({ fault: `${neverAnswers} ${fault}` });

    test(
      `without an answer to its ${name} the worker works as at the level memory`,
      { tag: ['@F2'] },
      async ({ app }) => {
        const startedAtMs = Date.now();
        await app.open();
        expect(await app.fetchJson(app.hosted(publicCountQuery(1)))).toEqual(aCount);
        expect(await app.fetchJson(app.federated(publicCountQuery(1)))).toEqual(aCount);
        expect(Date.now() - startedAtMs).toBeLessThan(7_000);
        await app.signIn('ana');
        expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
        expect(await countAfterExpiry(app, 2)).toEqual(aCount);
        await expect.poll(() => reportsOf(app, CANNOT_USE)).toBe(1);
        expect(reportsOf(app, 'storage-unavailable')).toBe(1);
      },
    );
  });

test(
  'a database that answers late is used again, and the prompt goes without an answer',
  { tag: ['@user-interface'] },
  async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    await app.stopWorker();
    // Another connection of the page keeps an upgrade waiting, and everybody behind it.
    await app.run(
      () =>
        new Promise<void>((resolve) => {
          const first = indexedDB.open('identity-worker:/');
          first.addEventListener('success', () => {
            Reflect.set(window, 'held', first.result);
            indexedDB.open('identity-worker:/', 2).addEventListener('blocked', () => resolve());
          });
        }),
    );
    const secured = app.fetchJson(app.hosted(countQuery(1)));
    await app.waitForDialog();
    await app.run(() => (Reflect.get(window, 'held') as IDBDatabase).close());
    expect(await secured).toEqual(aCount);
    await expect.poll(() => app.isPrompting()).toBe(false);
    await expect.poll(() => app.run(() => window.identity.credentials.length)).toBe(1);
    expect(app.tokenRequests('authorization_code')).toBe(1);
    await expectKept(app, 2);
  },
);

test.describe('openings that fail', () => {
  test.use({
    fault: `let failures = 5;
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...args) {
      if (failures-- > 0) throw new DOMException('Internal error.', 'UnknownError');
      return open.apply(this, args);
    }`,
  });

  test('though the first openings of the database fail, a signed-in user is not asked', async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    await expectKept(app, 1);
    expect(reportsOf(app, CANNOT_USE)).toBe(0);
  });
});

test.describe('a key that cannot be stored', () => {
  test.use({
    fault: `const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      if (value instanceof CryptoKey) throw new DOMException('Not here.', 'DataCloneError');
      return put.call(this, value, key);
    };
    self.allowKeys = () => { IDBObjectStore.prototype.put = put; }`,
  });

  test('nothing is stored under a key that cannot be, and all once it can', async ({ app, page }) => {
    await app.open();
    await app.signIn('ana');
    expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
    expect(await app.run(openStored)).toBe('');
    await expect.poll(() => reportsOf(app, CANNOT_USE)).toBe(1);
    expect(reportsOf(app, 'DataCloneError')).toBeGreaterThan(0);
    await page.context().serviceWorkers()[0]?.evaluate('allowKeys()');
    expect(await countAfterExpiry(app, 2)).toEqual(aCount);
    expect(await app.run(openStored)).toContain('"username":"ana"');
    await app.stopWorker();
    expect(await app.run(openStored)).toContain('"username":"ana"');
  });
});

test('with a full disk the sign-in works for this session and says so; with room again it is kept', async ({
  app,
  page,
}) => {
  await app.open();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: app.url, quotaSize: 1 });
  await app.signIn('ana');
  expect(await app.fetchJson(app.hosted(countQuery(1)))).toEqual(aCount);
  await expect.poll(() => reportsOf(app, CANNOT_USE)).toBe(1);
  expect(await countAfterExpiry(app, 2)).toEqual(aCount);
  expect(reportsOf(app, CANNOT_USE)).toBe(1);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: app.url });
  expect(await countAfterExpiry(app, 3)).toEqual(aCount);
  await expectKept(app, 4);
});

test('a connection that is dead without a word is opened again', async ({ app, page }) => {
  await app.open();
  await app.signIn('ana');
  await page.context().serviceWorkers()[0]?.evaluate(`{
    const { transaction } = IDBDatabase.prototype;
    let dead;
    IDBDatabase.prototype.transaction = function (...args) {
      dead ??= this;
      if (dead === this) throw new DOMException('The connection is closing.', 'InvalidStateError');
      return transaction.apply(this, args);
    };
  }`);
  expect(await countAfterExpiry(app, 1)).toEqual(aCount);
  await expectKept(app, 2);
  expect(reportsOf(app, CANNOT_USE)).toBe(0);
});

for (const [name, remove] of removals)
  test(`a database that is ${name} while a sign-in waits, and while the user is signed in`, async ({
    app,
  }) => {
    await app.open();
    await app.handleChallengesInApp();
    const waiting = app.fetchJson(app.hosted(countQuery(1)));
    await app.challengeUrl();
    await remove(app);
    await answer(app);
    expect(await waiting).toEqual(aCount);
    await expectKept(app, 2);
    // The worker knows the user as long as it runs; its next renewal is for its next start.
    await remove(app);
    expect(await countAfterExpiry(app, 3)).toEqual(aCount);
    await expectKept(app, 4);
    expect(app.tokenRequests('authorization_code')).toBe(1);
  });

test('a database that is deleted in the middle of a refresh', async ({ app, portal }) => {
  await app.open();
  await app.signIn('ana');
  const hold = portal.control.hold('/oauth2/token');
  const waiting = countAfterExpiry(app, 1);
  await expect.poll(() => hold.held).toBe(1);
  for (const index of [1, 0]) await removals[index]?.[1](app);
  hold.release();
  expect(await waiting).toEqual(aCount);
  await expectKept(app, 2);
});

for (const [name, corrupt] of [
  [
    'a key that is none',
    (db: IDBDatabase) => db.transaction('keys', 'readwrite').objectStore('keys').put('none', 'encryption'),
  ],
  [
    'a key with other usages',
    async (db: IDBDatabase) => {
      const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['decrypt']);
      db.transaction('keys', 'readwrite').objectStore('keys').put(key, 'encryption');
    },
  ],
  [
    'a state that is none',
    (db: IDBDatabase) =>
      db.transaction('states', 'readwrite').objectStore('states').put({ iv: 7 }, 'persistent'),
  ],
] as const)
  test(`${name} costs one sign-in, with one report`, async ({ app }) => {
    await app.open();
    await app.signIn('ana');
    await app.stopWorker();
    await inDatabase(app, corrupt);
    await app.page.reload();
    await app.ready();
    await expect.poll(() => reportsOf(app, IS_REPLACED)).toBe(1);
    await app.signIn('ana');
    await expectKept(app, 1);
    expect(reportsOf(app, IS_REPLACED)).toBe(1);
  });

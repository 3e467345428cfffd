/** How credentials are kept: in memory, persistent, sealed; and a redirect whose answer only the worker sees. */
import { expect, registration, serveApp, test, TestApp, type IdentityConfig } from '../support/fixtures.js';
import { fillInForm } from '../support/oauth-client.js';

const count = 'Countries/FeatureServer/0/query?where=1%3D1&returnCountOnly=true&f=json';
const aCount = { count: expect.any(Number) as unknown };

const wish = (options: Record<string, unknown>): { identityConfig: IdentityConfig } => ({
  identityConfig: { make: (portal) => ({ arcgis: [{ ...registration(portal), ...options }] }) },
});

/** Everything that page script finds in the worker's database, decrypted with every key that lies there. */
const readDatabases = (app: TestApp): Promise<string> =>
  app.run(async () => {
    const found: unknown[] = [];
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(new Error('no database')));
      });
      const all = (store: string): Promise<unknown[]> =>
        new Promise((resolve) => {
          const request = db.transaction(store).objectStore(store).getAll();
          request.addEventListener('success', () => resolve(request.result));
        });
      const keys = (await all('keys')) as CryptoKey[];
      for (const record of (await all('credentials')) as {
        id: string;
        portal: string;
        fingerprint: string;
        sealed: { iv: BufferSource; data: BufferSource };
      }[]) {
        found.push(record);
        const context = JSON.stringify([record.id, record.portal, record.fingerprint]);
        const algorithm = {
          name: 'AES-GCM',
          iv: record.sealed.iv,
          additionalData: new TextEncoder().encode(context),
        };
        for (const key of keys) {
          const open = crypto.subtle.decrypt(algorithm, key, record.sealed.data);
          found.push(await open.then((bytes) => new TextDecoder().decode(bytes)).catch(() => 'sealed'));
        }
      }
      db.close();
    }
    return JSON.stringify(found);
  });

/** What the callback page could read of its own addresses before any other script. */
const addressesOfCallback = (app: TestApp): Promise<string> =>
  app.run(() => localStorage.getItem('addresses of the callback page') ?? '');

const keepAddressesOfCallback = (app: TestApp): Promise<void> =>
  app.run(() => localStorage.setItem('addresses of the callback page', ''));

test.describe('memory', () => {
  test.use(wish({ persistence: 'memory' }));

  test('nothing is stored, and a worker that stops has forgotten everything', async ({ app, portal }) => {
    await app.open();
    await app.signInByWindow('ana');
    expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
    expect(await readDatabases(app)).toBe('[]');
    await app.stopWorker();
    portal.control.endSessions();
    portal.log.clear();
    await app.clickForgotten();
    const answer = app.fetchJson(app.hosted(count));
    await app.fillIn(await app.answerDialog(), 'ana');
    expect(await answer).toEqual(aCount);
    expect(app.tokenRequests('refresh_token')).toBe(0);
  });
});

test('control: by default the callback page reads the code', async ({ app }) => {
  await app.open();
  await keepAddressesOfCallback(app);
  await app.signInByWindow('ana');
  await expect.poll(() => addressesOfCallback(app)).toMatch(/code=/);
});

test.describe('persistent', () => {
  test('the session survives a stop; hostile script can decrypt it, as the documentation says', async ({
    app,
  }) => {
    await app.open();
    await app.signInByWindow('ana');
    expect(app.portal.log.leaks(await readDatabases(app))).not.toEqual([]);
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
  });
});

test.describe('sealed', () => {
  const sealed = wish({ persistence: 'sealed', callback: 'worker' });
  test.use({ ...sealed, isSealed: true });

  test('the session survives a stop, and no key in the database opens it', async ({ app }) => {
    await app.open();
    await app.signInByWindow('ana');
    expect(app.portal.log.leaks(await readDatabases(app))).toEqual([]);
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
    expect(await app.isAsking()).toBe(false);
  });

  test('the callback page learns how it went, and never sees a code', async ({ app }) => {
    await app.open();
    await keepAddressesOfCallback(app);
    await app.takeOver();
    const outcome = await app.beginSignIn();
    await app.fillInTab((await app.challengeUrl()).href, 'ana');
    await expect.poll(outcome).toBe('signed in as ana');
    await expect.poll(() => addressesOfCallback(app)).toMatch(/signed-in\.html\?identity-worker=signed-in/);
    expect(await addressesOfCallback(app)).not.toMatch(/code=|state=/);
  });

  test('who declines comes home cleanly', async ({ app }) => {
    await app.open();
    const outcome = await app.beginSignIn();
    const popup = await app.answerDialog();
    await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Cancel' }).click()]);
    await expect.poll(outcome).toBe('access-denied');
  });

  test('the window comes home before it closes, however early the worker says how it went', async ({
    page,
    portal,
  }) => {
    let arrive = (): void => undefined;
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const server = await serveApp(portal, {
      config: sealed.identityConfig,
      isSealed: true,
      intercept: async (path) => {
        if (path !== '/signed-in.html') return undefined;
        arrive();
        await released;
        return undefined;
      },
    });
    const app = new TestApp(page, portal, server.url);
    await app.open();
    await keepAddressesOfCallback(app);
    const outcome = await app.beginSignIn();
    const popup = await app.answerDialog();
    // Playwright waits for the navigation after the click.
    const filledIn = fillInForm(popup, 'ana');
    await arrived;
    expect(await outcome()).toBe('signed in as ana');
    expect(popup.isClosed()).toBe(false);
    const closed = popup.waitForEvent('close');
    release();
    await Promise.all([filledIn, closed]);
    expect(await addressesOfCallback(app)).toMatch(/identity-worker=signed-in/);
    await server.close();
  });

  test('a code that nobody asked for is taken away all the same, and opens nothing', async ({
    app,
    page,
  }) => {
    await app.open();
    const tab = await page.context().newPage();
    await tab.goto(`${app.url}/signed-in.html?code=stolen&state=unknown`);
    await expect(tab.locator('body')).toContainText('authorization-url-unknown');
    expect(tab.url()).toBe(`${app.url}/signed-in.html`);
    expect(app.tokenRequests()).toBe(0);
  });

  test('a worker that is stopped while the code is on its way redeems it once', async ({ app, portal }) => {
    await app.open();
    const hold = portal.control.hold('/oauth2/token');
    const popup = await app.popupOf(() => app.page.getByRole('button', { name: 'Sign in' }).click());
    await fillInForm(popup, 'ana');
    await hold.reached(1);
    await app.stopWorker();
    hold.release();
    await expect(app.page.getByRole('status')).toContainText(/sign-in-interrupted|portal-unreachable/);
    expect(app.tokenRequests('authorization_code')).toBe(1);
  });
});

test.describe('sealed without a seal', () => {
  test.use(wish({ persistence: 'sealed' }));

  test('is a typed error that names the server, and nothing is kept in a weaker way', async ({
    app,
    page,
  }) => {
    await page.goto(app.url);
    const code = await app.run(async () => {
      while (!('identity' in window)) await new Promise(requestAnimationFrame);
      return window.identity.ready.then(
        () => 'ready',
        (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
      );
    });
    expect(code).toBe('injected-keys-missing');
  });
});

test.describe('least privilege', () => {
  test.use(wish({ allow: { methods: ['GET'], paths: ['/hosted/AbCdEf/arcgis/rest/services/Countries/'] } }));

  test('what is not allowed goes out as it is', async ({ app, portal }) => {
    await app.open();
    await app.signInByWindow('ana');
    portal.log.clear();
    expect(await app.fetchJson(app.hosted(count))).toEqual(aCount);
    const form = { method: 'POST', body: new URLSearchParams({ f: 'json' }).toString() };
    await app.fetch(app.hosted('Countries/FeatureServer/0/query'), form);
    await app.fetch(app.hosted('Terrain/MapServer?f=json'));
    await app.fetch(`${portal.url}/sharing/rest/community/self?f=json`);
    const signed = portal.log.entries.filter(({ tokenPlacement }) => tokenPlacement !== 'none');
    expect(signed.map(({ path }) => path)).toEqual([
      expect.stringMatching(/Countries\/FeatureServer\/0\/query$/),
    ]);
    expect(portal.log.count({ path: /community\/self$/ })).toBe(1);
  });
});

/** How credentials are kept: in memory, persistent, sealed. */
import { expect, registeredWith, test, type TestApp } from '../support/fixtures.js';
import { aCount, countQuery } from '../support/services.js';
import { openStored } from '../support/stored-state.js';

/** Everything that page script finds in the worker's database, decrypted with every key that lies there. */
const readDatabases = (app: TestApp): Promise<string> => app.run(openStored);

test.describe('memory', () => {
  test.use({ identityConfig: registeredWith({ persistence: 'memory' }) });

  test(
    'at level memory nothing is stored, and a stopped worker has forgotten everything',
    { tag: ['@I6', '@user-interface'] },
    async ({ app, portal }) => {
      await app.open();
      await app.signInByWindow('ana');
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
      const stored = await readDatabases(app);
      expect(app.portal.log.leaks(stored)).toEqual([]);
      expect(stored).toMatch(/"credentials":\[\]/);
      expect(stored).not.toContain('codeVerifier');
      await app.stopWorker();
      portal.control.endSessions();
      portal.log.clear();
      await app.consumeUserActivation();
      const answer = app.fetchJson(app.hosted(countQuery()));
      await app.fillIn(await app.openWindowFromDialog(), 'ana');
      expect(await answer).toEqual(aCount);
      expect(app.tokenRequests('refresh_token')).toBe(0);
    },
  );
});

test.describe('persistent', () => {
  test('at level persistent the session survives a stop, and hostile script can decrypt it, as documented', async ({
    app,
  }) => {
    await app.open();
    await app.signInByWindow('ana');
    expect(app.portal.log.leaks(await readDatabases(app))).not.toEqual([]);
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
  });
});

test.describe('sealed', () => {
  const sealed = { identityConfig: registeredWith({ persistence: 'sealed', callback: 'worker' }) };
  test.use({ ...sealed, isSealed: true });

  test('at level sealed the session survives a stop, and no key in the database opens it', async ({
    app,
  }) => {
    await app.open();
    await app.signInByWindow('ana');
    expect(app.portal.log.leaks(await readDatabases(app))).toEqual([]);
    await app.stopWorker();
    expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    expect(await app.isPrompting()).toBe(false);
  });
});

test.describe('sealed without a seal', () => {
  test.use({ identityConfig: registeredWith({ persistence: 'sealed' }) });

  test('level sealed without a seal is a typed error, and nothing is kept in a weaker way', async ({
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

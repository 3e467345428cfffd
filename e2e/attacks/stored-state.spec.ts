/** Hostile script of the app's own origin writes, swaps, takes back and locks what the worker has stored. */
import * as fc from 'fast-check';
import { expect, signedIn, test, type TestApp } from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { copyStored, forgeState, lockStores, openStored, putBack } from '../support/stored-state.js';

const sealedLevel = { options: { persistence: 'sealed', callback: 'worker' }, isSealed: true } as const;

/** Stops the worker, does something meanwhile, and opens the app anew: what is stored is all that the next boot knows. */
async function restart(app: TestApp, path = '', meanwhile = (): void => undefined): Promise<void> {
  // Requests that wait end with their page: the browser would hand them to the next boot. A page of the app's own may start the
  // worker again before anything is done meanwhile.
  await app.page.goto('about:blank');
  await app.stopWorker();
  meanwhile();
  await app.page.goto(app.url + path);
  await app.ready();
}

/** What the page sees of a challenge that the worker has opened: its authorization URL. */
const challengeOf = (app: TestApp): Promise<string> =>
  app.run(
    (url) =>
      new Promise<string>((resolve) => {
        window.identity.addEventListener('oauth-code-required', (event) => {
          event.preventDefault();
          resolve(event.authorizationUrl);
        });
        void fetch(url);
      }),
    app.hosted(countQuery()),
  );

/** Source of a function that has a challenge for each of the given changes in place of each that there is. */
const challenge = (...changes: object[]): string => `(state) => ({
  ...state,
  challenges: state.challenges.flatMap((challenge) => ${JSON.stringify(changes)}.map((changes) => ({
    ...challenge, phase: 'open', codeVerifier: 'v'.repeat(43), ...changes,
  }))),
})`;

test.describe('a challenge that was changed in the database', () => {
  /** Has a challenge stored, changes it, and returns the authorization URLs that the user is sent to, before and then. */
  async function attack(app: TestApp, ...changes: object[]): Promise<[before: URL, url: URL]> {
    await app.open();
    const before = new URL(await challengeOf(app));
    await app.run(forgeState, challenge(...changes));
    await restart(app);
    return [before, new URL(await challengeOf(app))];
  }
  const stateOf = ({ searchParams }: URL): string | null => searchParams.get('state');
  const knownState = 's'.repeat(43);

  test('control: what is changed is what the worker reads', { tag: ['@S1'] }, async ({ app }) => {
    const [, url] = await attack(app, { state: knownState });
    expect(stateOf(url)).toBe(knownState);
  });

  test('control: a challenge that was not changed is found again', { tag: ['@S1'] }, async ({ app }) => {
    const [before, same] = await attack(app, {});
    expect(stateOf(same)).toBe(stateOf(before));
  });

  for (const [name, changes] of Object.entries<object>({
    'a script as authorization URL': { authorizationUrl: 'javascript:alert(1)' },
    'a phishing page as authorization URL': { authorizationUrl: 'https://evil.example/authorize' },
    'another client id in the authorization URL': { authorizationUrl: '?client_id=evil' },
    'another portal in the same place': { portal: 'https://evil.example/portal' },
    'another registration': { fingerprint: 'evil' },
    'an empty state': { state: '' },
    'a state that is no text': { state: 7 },
    'a verifier that is no text': { codeVerifier: { length: 43 } },
    'a place to return to that is no text': { returnTo: { url: 7, x: 0, y: 0 } },
    'a day in the future': { madeAtMs: 4e12, state: knownState },
    'no age': { madeAtMs: null, state: knownState },
  }))
    test(`with ${name} sends the user to the portal all the same`, { tag: ['@S1'] }, async ({ app }) => {
      const [before, url] = await attack(app, changes);
      expect(url.href).toMatch(new RegExp(`^${app.portal.url}/sharing/rest/oauth2/authorize\\?`));
      expect(url.searchParams.get('client_id')).toBe('idw-demo');
      expect(stateOf(url)).toMatch(/^[\w-]{43}$/);
      expect(stateOf(url)).not.toBe(knownState);
      // A stored address counts for nothing; any other change costs the whole challenge.
      if (!('authorizationUrl' in changes)) expect(stateOf(url)).not.toBe(stateOf(before));
    });

  test('takes no response without a state, and the page gets no token', { tag: ['@S1'] }, async ({ app }) => {
    // Each with a state alone that is none: of several faults, one would cost the challenge without a look at the others.
    await attack(app, { state: '' }, { id: 'second', state: null });
    const responses = [
      '?code=stolen',
      '#access_token=stolen',
      '?state=&code=stolen',
      '?state=undefined&code=c',
    ];
    const callbackPage = await app.newTab();
    for (const response of responses) {
      await callbackPage.page.goto(`${app.url}/signed-in.html${response}`);
      const outcome = await app.run(
        (url) =>
          window.identity.setOAuthCodeForUrl(url, 'stolen').then(
            () => 'taken',
            (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
          ),
        `${app.portal.url}/sharing/rest/oauth2/authorize${response}`,
      );
      expect(outcome).toBe('authorization-url-unknown');
    }
    expect(app.portal.log.count({ path: /oauth2\/token$/ })).toBe(0);
  });

  test('brings nobody to another site', { tag: ['@S1'] }, async ({ variant }) => {
    const app = await variant({ options: { callback: 'worker' } });
    const returnTo = (url: string): object => ({ state: knownState, returnTo: { url, x: 0, y: 0 } });
    await app.open();
    await challengeOf(app);
    for (const url of [
      'https://evil.example/',
      'javascript:alert(1)',
      '//evil.example/',
      '\\\\evil.example',
    ]) {
      await app.run(forgeState, challenge(returnTo(url)));
      await app.page.goto(`${app.url}/worker.js`);
      await app.stopWorker();
      await app.page.goto(`${app.url}/signed-in.html?error=access_denied&state=${knownState}`);
      expect(new URL(app.page.url()).origin).toBe(new URL(app.url).origin);
      await app.page.goto(app.url);
      await app.ready();
      await challengeOf(app);
    }
  });
});

test.describe('one malformed entry', () => {
  for (const [name, forge] of Object.entries({
    'a server without an address': `(s) => ({ ...s, servers: [{ root: '::', portal: null, checkedAtMs: Date.now() }] })`,
    'a server that is no record': `(s) => ({ ...s, servers: [null, 7, 'text', []] })`,
    'a challenge that is no record': `(s) => ({ ...s, challenges: [null, 7, ...s.challenges] })`,
    'a credential of nobody': `(s) => ({ ...s, credentials: [...s.credentials, {}] })`,
    'a revocation that is no record': `(s) => ({ ...s, revocations: [null, { portal: 7 }] })`,
    'challenges that are no list': `(s) => ({ ...s, challenges: 'all' })`,
  }))
    test(
      `(${name}) costs itself only: the user stays signed in, and can sign in again`,
      { tag: ['@S1'] },
      async ({ app }) => {
        await signedIn(app);
        await app.run(forgeState, forge);
        await restart(app);
        expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
        expect(app.tokenRequests()).toBe(0);
        expect(await app.isPrompting()).toBe(false);
        // Signing out and in reads and writes what the requests had no need of.
        await app.run(() => window.identity.signOut());
        await app.signIn('ana');
        expect(await app.fetchJson(app.hosted(countQuery(7)))).toEqual(aCount);
      },
    );

  for (const [name, forge] of Object.entries({
    'a token with a line break': `(s) => ({ ...s, credentials: [{ ...s.credentials[0], accessToken: 'a\\nb: c' }] })`,
    'a token that is no text': `(s) => ({ ...s, credentials: [{ ...s.credentials[0], accessToken: ['a'] }] })`,
    'no state at all': `() => null`,
  }))
    test(`(${name}) costs a sign-in: the next one works`, { tag: ['@S1'] }, async ({ app }) => {
      app.expectedFaults.push('storage-rebuilt');
      await signedIn(app);
      await app.run(forgeState, forge);
      await restart(app);
      expect(await app.run(() => window.identity.credentials)).toEqual([]);
      await app.signIn('ana');
      expect(await app.fetchJson(app.hosted(countQuery()))).toEqual(aCount);
    });
});

for (const level of ['memory', 'persistent', 'sealed'] as const)
  test(
    `whatever is done to the databases, a user of the level ${level} is at most asked to sign in`,
    { tag: ['@S1'] },
    async ({ variant }) => {
      const app = await variant(level === 'sealed' ? sealedLevel : { options: { persistence: level } });
      await signedIn(app);
      const damage = async (steps: readonly (readonly [string, number, number])[]): Promise<void> => {
        for (const { name = '' } of await indexedDB.databases()) {
          const db = await new Promise<IDBDatabase>((resolve) => {
            const request = indexedDB.open(name);
            request.addEventListener('success', () => resolve(request.result));
          });
          const stores = [...db.objectStoreNames];
          for (const [what, a, b] of steps) {
            const tx = db.transaction(stores, 'readwrite');
            const store = tx.objectStore(stores[a % stores.length] ?? '');
            const keys = store.getAllKeys();
            await new Promise((resolve) => keys.addEventListener('success', resolve));
            const key = keys.result[b % Math.max(1, keys.result.length)] ?? 'persistent';
            const current = store.get(key);
            await new Promise((resolve) => current.addEventListener('success', resolve));
            const value = current.result as { iv?: Uint8Array; data?: ArrayBuffer } | undefined;
            if (what === 'delete') store.delete(key);
            else if (what === 'clear') store.clear();
            else if (what === 'replace') store.put([null, 7, 'text', { iv: 1 }, { root: '::' }][b % 5], key);
            else if (what === 'copy') store.put(value ?? {}, b % 2 ? 'sealed' : 'persistent');
            else if (what === 'flip' && value?.data && value.iv) {
              const bytes = new Uint8Array(value.data);
              bytes[b % bytes.length] = (bytes[b % bytes.length] ?? 0) ^ (1 + (a % 255));
              store.put(value, key);
            }
            await new Promise((resolve) => tx.addEventListener('complete', resolve));
          }
          db.close();
        }
      };
      const step = fc.tuple(
        fc.constantFrom('delete', 'clear', 'replace', 'copy', 'flip'),
        fc.nat(1000),
        fc.nat(1000),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
          await app.run(damage, steps);
          await restart(app, '/?login=none');
          app.portal.log.clear();
          const outcome = await app.run(
            (url) =>
              new Promise<string>((resolve) => {
                window.identity.addEventListener(
                  'oauth-code-required',
                  (event) => {
                    event.preventDefault();
                    void event.cancel().then(() => resolve('asked'));
                  },
                  { once: true },
                );
                void fetch(url).then(async (response) => {
                  const text = await response.text();
                  if (!text.includes('error')) resolve(text);
                });
              }),
            app.hosted(countQuery()),
          );
          if (outcome === 'asked') await app.signIn('ana');
          else expect(JSON.parse(outcome)).toEqual(aCount);
          expect(await app.fetchJson(app.hosted(countQuery(7)))).toEqual(aCount);
          const users = app.portal.log.requests({ where: ({ tokenId }) => tokenId !== undefined });
          expect(new Set(users.map(({ user }) => user))).toEqual(new Set(['ana']));
          if (level === 'memory') return;
          // The damage is written over: the next start finds the user again.
          await restart(app, '/?login=none');
          expect(await app.run(() => window.identity.credentials)).toMatchObject([{ username: 'ana' }]);
        }),
        // First a ciphertext of which a byte was changed.
        { numRuns: 6, seed: 20, examples: [[[['flip', 1, 1000]]]] },
      );
    },
  );

test(
  'nothing of one user is used in the session of the next, though all that was stored is put back',
  { tag: ['@S1', '@S11'] },
  async ({ variant }) => {
    const app = await variant(sealedLevel);
    await signedIn(app);
    expect(await app.fetchJson(app.federated(countQuery(1)))).toEqual(aCount);
    expect(await app.run(copyStored)).toBeGreaterThan(0);
    const put = async (): Promise<void> => {
      await app.stopWorker();
      await app.run(putBack);
      app.portal.log.clear();
    };
    // Control: what is put back while ana is signed in is what the next boot uses.
    await put();
    expect(await app.fetchJson(app.federated(countQuery(2)))).toEqual(aCount);
    await app.run(() => window.identity.signOut());
    await app.portal.log.waitFor({ path: /revokeToken/, status: 200 });
    app.portal.control.endSessions();
    await app.signIn('ben');
    await put();
    const answers = await app.run(
      (urls) => {
        window.identity.addEventListener('oauth-code-required', (event) => {
          event.preventDefault();
          void event.cancel();
        });
        return Promise.all(urls.map(async (url) => (await fetch(url)).json() as Promise<object>));
      },
      [app.federated(countQuery(3)), app.hosted(countQuery(3))],
    );
    // The portal has revoked its token; that of the federated server, which nobody can revoke, was never stored.
    expect(answers).toMatchObject([{ error: { code: 499 } }, { error: {} }]);
    const atServer = app.portal.log.requests({ server: 'server', path: /Countries/ });
    expect(atServer.flatMap(({ secrets }) => secrets)).toEqual([]);
  },
);

test(
  'a sign-out reaches the portal though page script holds the database, and the next start finds nobody',
  { tag: ['@S1', '@S11'] },
  async ({ app, portal }) => {
    app.expectedFaults.push('storage-unavailable');
    await signedIn(app);
    await app.run(lockStores);
    const signedOut = app.run(() => window.identity.signOut());
    await portal.log.waitFor({ path: /revokeToken/, status: 200 });
    await expect.poll(() => app.run(() => window.identity.credentials)).toEqual([]);
    // The database is given up after two seconds.
    await signedOut;
    // The worker goes as at the end of the browser, with what waits for the lock; the lock goes with its page.
    await app.stopWorker();
    portal.log.clear();
    await restart(app);
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    await app.run((url) => {
      window.identity.addEventListener('oauth-code-required', (event) => {
        event.preventDefault();
        void event.cancel();
      });
      return fetch(url).then((response) => response.text());
    }, app.hosted(countQuery()));
    expect(portal.log.requests({ path: /Countries/, where: ({ user }) => user !== undefined })).toEqual([]);
    // What the store still has is what the portal is told once more.
    await portal.log.waitFor({ path: /revokeToken/, status: 200 });
    await expect.poll(() => app.run(openStored)).not.toContain('"username":"ana"');
  },
);

test(
  'a sign-out without network is made up for at the next start, before anything is signed',
  { tag: ['@S11'] },
  async ({ app, portal }) => {
    await signedIn(app);
    const repair = portal.control.fault(/revokeToken/, { drop: true });
    await app.run(() => window.identity.signOut());
    await portal.log.waitFor({ path: /revokeToken/ });
    // With the worker stopped: the browser itself sends a request again whose connection was reset.
    await restart(app, '', () => {
      repair();
      portal.log.clear();
    });
    await portal.log.waitFor({ path: /revokeToken/, status: 200 });
    expect(await app.run(() => window.identity.credentials)).toEqual([]);
    await restart(app);
    expect(portal.log.count({ path: /revokeToken/ })).toBe(1);
  },
);

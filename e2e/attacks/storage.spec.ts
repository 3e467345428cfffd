/** Hostile script of the app's own origin reads, uses and rewrites everything that the browser keeps for it. */
import { dumpStorage } from '../../testing/page-search.js';
import {
  expect,
  expectRepelled,
  registration,
  signedIn,
  test,
  type IdentityConfig,
  type TestApp,
} from '../support/attack.js';
import { aCount, countQuery } from '../support/services.js';
import { copyStored, forgeState, openStored, putBack } from '../support/stored-state.js';

/** Reads the stored credential and tries to take the key beside it out of the browser. */
const exportKeys = async (): Promise<string> => {
  const found: string[] = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name ?? '');
      request.addEventListener('success', () => resolve(request.result));
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => all.addEventListener('success', resolve));
      for (const key of all.result.filter((value) => value instanceof CryptoKey)) {
        for (const format of ['raw', 'jwk'] as const) {
          const exported = await crypto.subtle.exportKey(format, key).catch(() => undefined);
          if (exported === undefined) continue;
          found.push(format);
          for (const other of db.objectStoreNames) {
            const records = db.transaction(other).objectStore(other).getAll();
            await new Promise((resolve) => records.addEventListener('success', resolve));
            for (const { iv, data } of records.result) {
              const bytes = await crypto.subtle
                .decrypt({ name: 'AES-GCM', iv }, key, data)
                .catch(() => undefined);
              if (bytes) found.push(new TextDecoder().decode(bytes));
            }
          }
        }
      }
    }
    db.close();
  }
  return found.join('\n');
};

const sealedLevel = { options: { persistence: 'sealed', callback: 'worker' }, isSealed: true } as const;

test('no database holds a secret', { tag: ['@S1'] }, async ({ app, vulnerableApp }) => {
  await signedIn(app);
  await expectRepelled(app, await vulnerableApp({ keep: 'idb' }), (target) => target.run(dumpStorage));
});

test(
  'no cache holds a secret in its addresses, headers or bodies',
  { tag: ['@S1'] },
  async ({ app, vulnerableApp }) => {
    await signedIn(app);
    await app.fetchJson(app.hosted(countQuery()));
    await app.loadImage(app.hosted('Terrain/MapServer/tile/1/0/1'));
    await expectRepelled(app, await vulnerableApp({ keep: 'cache' }), (target) => target.run(dumpStorage));
  },
);

test('no cookie holds a secret', { tag: ['@S1'] }, async ({ app, vulnerableApp }) => {
  const read = (): Promise<string> =>
    cookieStore.getAll().then((cookies) => JSON.stringify([document.cookie, cookies]));
  await signedIn(app);
  await expectRepelled(app, await vulnerableApp({ keep: 'cookie' }), (target) => target.run(read));
});

test('the private file system holds no secret', { tag: ['@S1'] }, async ({ app, vulnerableApp }) => {
  const read = async (): Promise<string> => {
    const found: string[] = [];
    const folder = await navigator.storage.getDirectory();
    for await (const handle of (
      folder as unknown as { values: () => AsyncIterable<FileSystemHandle> }
    ).values())
      if (handle instanceof FileSystemFileHandle) found.push(await (await handle.getFile()).text());
    return found.join('\n');
  };
  await signedIn(app);
  await expectRepelled(app, await vulnerableApp({ keep: 'opfs' }), (target) => target.run(read));
});

test('the sealing key cannot be exported', { tag: ['@S1'] }, async ({ app, vulnerableApp }) => {
  await signedIn(app);
  const vulnerable = await vulnerableApp({ keep: 'key' });
  await expectRepelled(app, vulnerable, (target) => target.run(exportKeys));
  // No format: what the key encrypts is bound to more than the attack above knows.
  expect(await vulnerable.run(exportKeys), 'control').toMatch(/^raw\n/);
  expect(await app.run(exportKeys)).toBe('');
});

test(
  'the key in the database opens no token where the level is sealed',
  { tag: ['@S1'] },
  async ({ app: persistent, portal, variant }) => {
    const sealed = await variant(sealedLevel);
    await signedIn(persistent);
    // What limits.md says of the persistent level: with effort, hostile script of the same origin reads the tokens.
    const opened = await persistent.run(openStored);
    expect(portal.log.leaks(opened)).toEqual(expect.arrayContaining([expect.stringMatching(/^refresh-/)]));
    await signedIn(sealed);
    const closed = await sealed.run(openStored);
    expect(closed).toContain('a sealed record');
    expect(portal.log.leaks(closed)).toEqual([]);
    // It is used all the same, after the worker was stopped too.
    await sealed.stopWorker();
    expect(await sealed.fetchJson(sealed.hosted(countQuery()))).toEqual(aCount);
    expect(await sealed.isPrompting()).toBe(false);
  },
);

test(
  'the code verifier of an open sign-in cannot be read where the level is sealed',
  { tag: ['@S1'] },
  async ({ app: persistent, portal, variant }) => {
    const sealed = await variant(sealedLevel);
    const verifiers: string[] = [];
    for (const target of [persistent, sealed]) {
      await target.open();
      await target.handleChallengesInApp();
      await target.startSignIn();
      await target.challengeUrl();
      const [, verifier = ''] = /"codeVerifier":"([\w-]{43})"/.exec(await target.run(openStored)) ?? [];
      verifiers.push(verifier);
    }
    expect(verifiers).toEqual([expect.stringMatching(/./), '']);
    expect(portal.log.count({ path: /token$/ })).toBe(0);
  },
);

test(
  'the level memory leaves nothing of a credential behind',
  { tag: ['@S1'] },
  async ({ app: persistent, portal, variant }) => {
    const memory = await variant({ options: { persistence: 'memory' } });
    const attack = async (target: TestApp): Promise<string> => {
      await target.fetchJson(target.hosted(countQuery()));
      return (await target.run(dumpStorage)) + (await target.run(openStored));
    };
    expect(portal.log.leaks(await attack(await signedIn(persistent)))).not.toEqual([]);
    const left = await attack(await signedIn(memory));
    expect(portal.log.leaks(left)).toEqual([]);
    expect(left).not.toContain('username=ana');
  },
);

test(
  'a key that hostile script has stored first does not seal the next sign-in where the level is sealed',
  { tag: ['@S1'] },
  async ({ app: persistent, portal, variant }) => {
    const sealed = await variant(sealedLevel);
    const planted = 'p7Yw1xWq0jvT8m2n4b6v8c0x2z4l6k8j0h2g4f6d8s0';
    const plant = async (k: string): Promise<void> => {
      const key = await crypto.subtle.importKey('jwk', { kty: 'oct', k, ext: true }, 'AES-GCM', true, [
        'encrypt',
        'decrypt',
      ]);
      const [{ name = '' } = {}] = await indexedDB.databases();
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name);
        request.addEventListener('success', () => resolve(request.result));
      });
      const tx = db.transaction('keys', 'readwrite');
      tx.objectStore('keys').put(key, 'encryption');
      await new Promise((resolve) => tx.addEventListener('complete', resolve));
      db.close();
    };
    const attack = async (target: TestApp): Promise<string> => {
      await target.open();
      await target.run(plant, planted);
      await target.stopWorker();
      await target.signIn('ana');
      return target.run(openStored);
    };
    expect(portal.log.leaks(await attack(persistent))).not.toEqual([]);
    expect(portal.log.leaks(await attack(sealed))).toEqual([]);
  },
);

/** The ArcGIS portal and the generic server in one worker, at one level. */
const twoServers = (persistence: string): IdentityConfig => ({
  make: (portal) => ({
    arcgis: [{ ...registration(portal), persistence, callback: 'worker' }],
    oauth: [
      {
        issuer: portal.oauth.issuer,
        resources: [portal.oauth.apiUrl],
        clientId: portal.oauth.clientId,
        redirectUri: '/signed-in.html',
        persistence,
        callback: 'worker',
      },
    ],
  }),
});

test(
  'a stored token moved under the name of another server is not sent to it where the level is sealed',
  { tag: ['@S2'] },
  async ({ portal, variant }) => {
    /** Moves the portal's tokens to the generic server, encrypted anew where there is a key to do it with. */
    const move = async ([from, to]: [string, string]): Promise<void> => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('identity-worker:/');
        request.addEventListener('success', () => resolve(request.result));
      });
      const get = (store: string, id: string): Promise<never> =>
        new Promise((resolve) => {
          const request = db.transaction(store).objectStore(store).get(id);
          request.addEventListener('success', () => resolve(request.result as never));
        });
      const key: CryptoKey | undefined = await get('keys', 'encryption');
      const stored: { iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer } =
        (await get('states', 'persistent')) ?? (await get('states', 'sealed'));
      let { iv, data } = stored;
      if (key) {
        const additionalData = new TextEncoder().encode('state persistent');
        const open = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, data);
        const state = JSON.parse(new TextDecoder().decode(open)) as {
          credentials: { portal: string; fingerprint: string }[];
          challenges: { portal: string; fingerprint: string }[];
        };
        // The open challenge tells how the other registration is named.
        const other = state.challenges.find((challenge) => challenge.portal === to);
        for (const credential of state.credentials)
          if (credential.portal === from)
            Object.assign(credential, { portal: to, fingerprint: other?.fingerprint });
        iv = crypto.getRandomValues(new Uint8Array(12));
        const text = new TextEncoder().encode(JSON.stringify(state));
        data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, text);
      }
      const tx = db.transaction('states', 'readwrite');
      for (const level of ['persistent', 'sealed']) tx.objectStore('states').put({ iv, data }, level);
      await new Promise((resolve) => tx.addEventListener('complete', resolve));
      db.close();
    };
    const attack = async (target: TestApp): Promise<string[]> => {
      await target.open('/?login=none');
      await target.signIn('ana', portal.url);
      await target.handleChallengesInApp();
      await target.run(
        (issuer) => void window.identity.signIn({ portal: issuer }).catch(() => undefined),
        portal.oauth.issuer,
      );
      await target.challengeUrl();
      await target.run(move, [portal.url, portal.oauth.issuer] as [string, string]);
      await target.stopWorker();
      portal.log.clear();
      await target.run((api) => void fetch(`${api}tiles/1`).catch(() => undefined), portal.oauth.apiUrl);
      const sent = await portal.log.waitFor({ server: 'oauth', path: /^\/api/, method: 'GET' });
      return sent.flatMap(({ secrets }) => secrets);
    };
    expect(await attack(await variant({ config: twoServers('persistent') }))).not.toEqual([]);
    expect(await attack(await variant({ config: twoServers('sealed'), isSealed: true }))).toEqual([]);
  },
);

test(
  'a server written into the database as the portal’s own gets no token',
  { tag: ['@S2'] },
  async ({ app, vulnerableApp, portal }) => {
    const plant = `(state) => ({
      ...state,
      servers: [{
        root: ${JSON.stringify(`${portal.foreign.origin}/server`)},
        portal: ${JSON.stringify(portal.url)},
        checkedAtMs: Date.now(),
      }],
    })`;
    const service = `${portal.foreign.origin}/server/rest/services/${countQuery()}`;
    const attack = async (target: TestApp): Promise<string[]> => {
      portal.log.clear();
      await target.fetch(service);
      return portal.log.requests({ server: 'foreign' }).flatMap(({ secrets }) => secrets);
    };
    // Its worker trusts every server on its list.
    expect(await attack(await vulnerableApp({ does: 'believes' }))).not.toEqual([]);
    await signedIn(app);
    await app.run(forgeState, plant);
    await app.stopWorker();
    expect(await attack(app)).toEqual([]);
    // The worker asked the portal for a token for it, and the portal refused.
    expect(portal.log.count({ path: /generateToken$/ })).toBe(1);
  },
);

test(
  'a stored credential put back after signing out is not used',
  { tag: ['@I2', '@S11'] },
  async ({ app, portal }) => {
    /** Status of a request with the credential that was put back. */
    const attack = async (isRevoked: boolean): Promise<unknown> => {
      const repair = isRevoked ? () => undefined : portal.control.fault(/revokeToken/, { status: 503 });
      await app.run(copyStored);
      await app.run(() => window.identity.signOut());
      await portal.log.waitFor({ path: /revokeToken/, status: isRevoked ? 200 : 503 });
      repair();
      await app.stopWorker();
      await app.run(putBack);
      await app.run(() => {
        window.identity.addEventListener('oauth-code-required', (event) => {
          event.preventDefault();
          window.challenge = event;
        });
      });
      return app.run(
        (url) =>
          Promise.race([
            fetch(url).then((answer) => answer.json()),
            new Promise((resolve) => {
              navigator.serviceWorker.addEventListener('message', ({ data }) => {
                if (data.type === 'identity:code-required') resolve('prompted');
              });
            }),
          ]),
        app.hosted(countQuery()),
      );
    };
    await signedIn(app);
    // Control: a portal that could not be told of the sign-out still takes the token.
    expect(await attack(false)).toEqual(aCount);
    expect(await attack(true)).toBe('prompted');
  },
);

test(
  'a server that has lost its seal leaves nothing stored in a weaker way',
  { tag: ['@S10'] },
  async ({ variant, portal }) => {
    const attack = async (target: TestApp): Promise<string> => {
      await target.page.goto(target.url);
      const code = await target.run(async () => {
        while (!('identity' in window)) await new Promise(requestAnimationFrame);
        return window.identity.ready.then(
          () => 'ready',
          (error: unknown) => (window.isIdentityError(error) ? error.code : String(error)),
        );
      });
      if (code === 'ready') await target.signIn('ana');
      await target.fetch(target.hosted(countQuery()));
      return `${code} ${await target.run(dumpStorage)} ${await target.run(openStored)}`;
    };
    // Control: the level below.
    expect(portal.log.leaks(await attack(await variant({})))).not.toEqual([]);
    const left = await attack(await variant({ options: { persistence: 'sealed' } }));
    expect(left).toMatch(/^injected-keys-missing /);
    expect(left).not.toMatch(/sealed record|username=/);
    expect(portal.log.requests({ where: ({ tokenPlacement }) => tokenPlacement !== 'none' }).length).toBe(1);
  },
);

/** Defences of what is stored: encryption, keys, levels, sign-outs that last. */
import { attacks, type Edit, type Mutation } from './mutation.js';

/** The key of a state is stored beside it, whatever the level. */
const storesEveryKey: Edit = {
  file: 'sw/storage/store.ts',
  from: "const key = level === 'persistent' ? encrypter.key : undefined;",
  to: 'const { key } = encrypter;',
};

/** The level `sealed` takes the key that lies in the database. */
const storedKeyForSealed: readonly Edit[] = [
  storesEveryKey,
  {
    file: 'sw/storage/key-ring.ts',
    from: '    return this.#sealed();\n',
    to: "    return new Encrypter([await this.#database.key('encryption', isOwnKey, createKey)]);\n",
  },
];

/** Something that is done with each new credential. */
const withCredential = (act: string): Edit => ({
  file: 'sw/tokens/token-manager.ts',
  from: "    await this.#stored.keep(portal, credential, 'sign-in', revocation);\n",
  to: `    await this.#stored.keep(portal, credential, 'sign-in', revocation);\n    ${act}\n`,
});

/** Servers of a portal are sent the portal's own token. */
const sendsPortalToken: Edit = {
  file: 'sw/tokens/renewal.ts',
  from: ': this.#exchange(target.portal, target.serverRoot));',
  to: ': this.credentials.token({ portal: target.portal, serverRoot: undefined }));',
};

export const ofStorage: readonly Mutation[] = [
  {
    rule: 'S1',
    without: 'the encryption of what is stored',
    edits: [
      {
        file: 'sw/storage/encrypter.ts',
        from: `const data = await crypto.subtle.encrypt(
      algorithm(iv, additionalData),
      this.key,
      new TextEncoder().encode(JSON.stringify(value)),
    );`,
        to: 'const data = new TextEncoder().encode(JSON.stringify(value)).buffer;',
      },
      {
        file: 'sw/storage/encrypter.ts',
        from: 'const bytes = await crypto.subtle.decrypt(algorithm(iv, additionalData), key, data);',
        to: 'const bytes = data;',
      },
    ],
    tests: [attacks('storage', 'no database holds a secret')],
  },
  {
    rule: 'S1',
    without: 'the rule that no response to a signed request is put into a cache',
    edits: [
      {
        file: 'sw/request/send-request.ts',
        from: "  if (response.type === 'opaqueredirect' && placement !== 'header') {\n",
        to: "  if (request.method === 'GET') await (await caches.open('responses')).put(request, response.clone());\n  if (response.type === 'opaqueredirect' && placement !== 'header') {\n",
      },
    ],
    tests: [attacks('storage', 'no cache holds a secret in its addresses, headers or bodies')],
  },
  {
    rule: 'S1',
    without: 'the rule that no token is put into a cookie',
    edits: [withCredential("await (self as any).cookieStore.set('session', credential.accessToken);")],
    tests: [attacks('storage', 'no cookie holds a secret')],
  },
  {
    rule: 'S1',
    without: 'the rule that no token is put into the private file system',
    edits: [
      withCredential(`const file = await (await navigator.storage.getDirectory()).getFileHandle('session', { create: true });
    const stream = await (file as any).createWritable();
    await stream.write(credential.accessToken);
    await stream.close();`),
    ],
    tests: [attacks('storage', 'the private file system holds no secret')],
  },
  {
    rule: 'S1',
    without: 'keys that cannot be exported',
    edits: [
      {
        file: 'sw/storage/encrypter.ts',
        from: "{ name: 'AES-GCM', length: 256 }, false,",
        to: "{ name: 'AES-GCM', length: 256 }, true,",
      },
      { file: 'sw/storage/database.ts', from: '  !key.extractable &&\n', to: '' },
    ],
    tests: [attacks('storage', 'the sealing key cannot be exported')],
  },
  {
    rule: 'S1',
    without: 'a key that only the worker’s script has: the level sealed uses the one in the database',
    edits: storedKeyForSealed,
    tests: [
      attacks(
        'storage',
        'the key in the database opens no token where the level is sealed',
        'the code verifier of an open sign-in cannot be read where the level is sealed',
        'a key that hostile script has stored first does not seal the next sign-in',
      ),
      attacks(
        'other-worker',
        'a worker of the attacker’s in place of the app’s own cannot read what is stored at level sealed',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'the rule that the key of the level sealed is never stored',
    edits: [storesEveryKey],
    tests: [attacks('storage', 'the key in the database opens no token where the level is sealed')],
  },
  {
    rule: 'S2',
    without: 'such a key, where tokens are moved under the name of another server',
    edits: [
      ...storedKeyForSealed,
      {
        file: 'sw/storage/store.ts',
        from: 'const stateData = (level: StoredLevel): string => `state ${level}`;',
        to: "const stateData = (level: StoredLevel): string => level && 'state persistent';",
      },
    ],
    tests: [attacks('storage', 'a stored token moved under the name of another server is not sent to it')],
  },
  {
    rule: 'S1',
    without: 'the level memory: credentials are stored at every level',
    edits: [
      {
        file: 'sw/tokens/stored-credentials.ts',
        from: "const isKept = credential !== undefined && portal.persistence !== 'memory';",
        to: 'const isKept = credential !== undefined;',
      },
    ],
    tests: [attacks('storage', 'the level memory leaves nothing of a credential behind')],
  },
  {
    rule: 'S10',
    without: 'the refusal to work at the level sealed without keys',
    edits: [
      {
        file: 'sw/parts/sealed-level.ts',
        from: 'else if (portals.some(',
        to: 'else if (portals.length < 0 && portals.some(',
      },
      {
        file: 'sw/parts/sealed-level.ts',
        from: 'const sealed = injectedEncrypter(keys);',
        to: "const sealed = injectedEncrypter(keys.length > 0 ? keys : ['A'.repeat(43)]);",
      },
    ],
    tests: [attacks('storage', 'a server that has lost its seal leaves nothing stored in a weaker way')],
  },
  {
    rule: 'S2',
    without: 'tokens that a portal issues for each of its servers: they are sent its own',
    edits: [sendsPortalToken],
    tests: [
      attacks('storage', 'a server written into the database as the portal’s own gets no token'),
      attacks(
        'lying-servers',
        'a server that claims to belong to the portal, by its address, gets no token',
        'a server that claims to belong to the portal, by another spelling of it, gets no token',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the revocation of a token at the portal',
    edits: [
      {
        file: 'sw/tokens/token-manager.ts',
        from: '    if (revocation) waitUntil(this.#stored.revoke(portal, revocation));\n',
        to: '',
      },
    ],
    tests: [
      attacks('storage', 'a stored credential put back after signing out is not used'),
      attacks(
        'stored-state',
        'nothing of one user is used in the session of the next, though all that was stored is put back',
        'a sign-out reaches the portal though page script holds the database',
      ),
    ],
  },
  {
    rule: 'S11',
    without: 'the note of a sign-out beside the database',
    edits: [
      {
        file: 'sw/tokens/token-manager.ts',
        from: '    waitUntil(noteSignOut(portal.url).catch(() => undefined));\n',
        to: '    waitUntil(Promise.resolve(noteSignOut));\n',
      },
    ],
    tests: [attacks('stored-state', 'a sign-out reaches the portal though page script holds the database')],
  },
  {
    rule: 'S11',
    without: 'the second attempt to revoke a token',
    edits: [
      {
        file: 'sw/tokens/token-manager.ts',
        from: '      for (const revocation of this.#stored.revocations(portal)) void this.#stored.revoke(portal, revocation);\n',
        to: '',
      },
    ],
    tests: [attacks('stored-state', 'a sign-out without network is made up for at the next start')],
  },
];

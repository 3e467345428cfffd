/** Defences of what is stored: encryption, keys, the check of what is read back, sign-outs that last. */
import { attacks, type Edit, type Mutation } from './mutation.js';

/** The level `sealed` takes the key that lies in the database. */
const storedKeyForSealed: Edit = {
  file: 'sw/storage/key-ring.ts',
  from: '    return this.#sealed();\n',
  to: '    return new Encrypter([await this.#database.encryptionKey(createKey)]);\n',
};

const records = (from: string, to: string): Edit => ({ file: 'sw/storage/records.ts', from, to });

/** Something that is done with each new credential. */
const withCredential = (act: string): Edit => ({
  file: 'sw/tokens/token-manager.ts',
  from: '    await this.#stored.keep(portal, credential);\n',
  to: `    await this.#stored.keep(portal, credential);\n    ${act}\n`,
});

/** Servers of a portal are sent the portal's own token. */
export const sendsPortalToken: Edit = {
  file: 'sw/tokens/renewal.ts',
  from: ': this.#exchange(target.portal, target.serverRoot));',
  to: ': this.credentials.token({ portal: target.portal, serverRoot: undefined }));',
};

const changed = (...titles: string[]) =>
  attacks(
    'stored-state',
    ...titles.map((title) => `with ${title} sends the user to the portal all the same`),
  );

const malformed = (...titles: string[]) =>
  attacks('stored-state', ...titles.map((title) => `(${title}) costs`));

export const ofStoredState: readonly Mutation[] = [
  {
    rule: 'S1',
    without: 'the encryption of what is stored',
    edits: [
      {
        file: 'sw/storage/encrypter.ts',
        from: `const data = await crypto.subtle.encrypt(
      algorithm(iv, additionalData),
      this.#key,
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
        from: '  const response = await send(request);\n',
        to: "  const response = await send(request);\n  if (request.method === 'GET') await (await caches.open('responses')).put(request, response.clone());\n",
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
    edits: [storedKeyForSealed],
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
    rule: 'S2',
    without: 'such a key, where tokens are moved under the name of another server',
    edits: [
      storedKeyForSealed,
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
        from: 'if (keys.length === 0 && portals.some(',
        to: 'if (keys.length < 0 && portals.some(',
      },
      {
        file: 'sw/parts/sealed-level.ts',
        from: 'sealed: injectedEncrypter(keys),',
        to: "sealed: injectedEncrypter(keys.length > 0 ? keys : ['A'.repeat(43)]),",
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
  {
    rule: 'S1',
    without: 'an authorization URL that is made anew: the stored one is taken',
    edits: [
      {
        file: 'sw/sign-in/challenges.ts',
        from: 'const authorizationUrl = await authorizationUrlOf(portal, record.state, codeVerifier);',
        to: 'const authorizationUrl = (record as any).authorizationUrl ?? (await authorizationUrlOf(portal, record.state, codeVerifier));',
      },
    ],
    tests: [
      changed(
        'a script as authorization URL',
        'a phishing page as authorization URL',
        'another client id in the authorization URL',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'the comparison of a stored challenge’s portal',
    edits: [
      {
        file: 'sw/sign-in/challenge-records.ts',
        from: 'return owner !== undefined && storedLevelOf(owner) === level;',
        to: 'return owner === undefined || storedLevelOf(owner) === level;',
      },
      {
        file: 'sw/sign-in/challenge-records.ts',
        from: 'record.portal === portal && record.isSilent === isSilent;',
        to: 'portal !== undefined && record.isSilent === isSilent;',
      },
    ],
    tests: [changed('another portal in the same place')],
  },
  {
    rule: 'S1',
    without: 'the comparison of a stored challenge’s registration',
    edits: [
      {
        file: 'sw/sign-in/challenges.ts',
        from: '        current.fingerprint === fingerprintOf(portal) &&\n',
        to: '',
      },
    ],
    tests: [changed('another registration')],
  },
  {
    rule: 'S1',
    without: 'the check of a stored state and code verifier',
    edits: [records('matching(/^[\\w-]{43}$/)', '(value) => value !== undefined')],
    tests: [
      changed('an empty state', 'a state that is no text', 'a verifier that is no text'),
      attacks('stored-state', 'takes no response without a state, and the page gets no token'),
    ],
  },
  {
    rule: 'S1',
    without: 'the check of a stored return address’s shape',
    edits: [records('returnTo: optional(shape({ url: text, x: number, y: number })),', '')],
    tests: [changed('a place to return to that is no text')],
  },
  {
    rule: 'S1',
    without: 'the distrust of a challenge from the future',
    edits: [{ file: 'sw/sign-in/challenges.ts', from: '        ageMs >= 0 &&\n', to: '' }],
    tests: [changed('a day in the future')],
  },
  {
    rule: 'S1',
    without: 'the demand for the age of a challenge',
    edits: [records('  madeAtMs: number,\n', '')],
    tests: [changed('no age')],
  },
  {
    rule: 'S1',
    without: 'the check of where users are brought back to',
    edits: [
      {
        file: 'sw/parts/redirect-return.ts',
        from: '  if (!returnTo || !isOwn(returnTo)) return null;\n',
        to: '  if (!returnTo) return null;\n',
      },
    ],
    tests: [attacks('stored-state', 'brings nobody to another site')],
  },
  {
    rule: 'S1',
    without: 'the check of each stored entry',
    edits: [
      records(
        'Array.isArray(values) ? (values.filter(check) as T[]) : [];',
        'check && ((values ?? []) as T[]);',
      ),
    ],
    tests: [
      malformed(
        'a server that is no record',
        'a challenge that is no record',
        'a revocation that is no record',
        'challenges that are no list',
        'a token with a line break',
        'a token that is no text',
      ),
    ],
  },
  {
    rule: 'S1',
    without: 'the check of each stored entry, for entries that fit nothing',
    edits: [
      records(
        'Array.isArray(values) ? (values.filter(check) as T[]) : [];',
        'check && ((values ?? []) as T[]);',
      ),
    ],
    tests: [malformed('a server without an address', 'a credential of nobody')],
    survives: 'Servers are looked up by address and credentials by portal: such an entry is never found.',
  },
  {
    rule: 'S1',
    without: 'the demand for a state behind the decryption',
    edits: [
      {
        file: 'sw/storage/store.ts',
        from: 'if (!decrypted || !Number.isSafeInteger(revision)) return undefined;',
        to: 'if (!decrypted) return undefined;',
      },
      records(
        'const given = isRecord(value) ? value : {};',
        'const given = value as Record<string, unknown>;',
      ),
    ],
    tests: [malformed('no state at all')],
  },
  {
    rule: 'S1',
    without: 'the tolerance for what does not decrypt',
    edits: [
      {
        file: 'sw/storage/encrypter.ts',
        from: '      } catch {\n        // Encrypted under another of the keys, or under none of them.\n      }',
        to: '      } catch (error) {\n        throw error;\n      }',
      },
    ],
    tests: [
      attacks(
        'stored-state',
        'whatever is done to the databases, a user of the level memory',
        'whatever is done to the databases, a user of the level persistent',
        'whatever is done to the databases, a user of the level sealed',
      ),
    ],
  },
];

/** Defences against what page script writes into the database: the check of what is read back. */
import { attacks, type Edit, type Mutation } from './mutation.js';

const records = (from: string, to: string): Edit => ({ file: 'sw/storage/records.ts', from, to });

/** Every entry is taken as it is stored. */
const withoutChecks = records(
  '(values.filter(check) as never[]) : [];',
  '(values as never[]) : check && (values as never);',
);

/** What does not decrypt is an error, as a database that fails is. */
const withoutTolerance: Edit = {
  file: 'sw/storage/encrypter.ts',
  from: '      } catch {\n        // Encrypted under another of the keys, or under none of them.\n      }',
  to: '      } catch (error) {\n        throw error;\n      }',
};

const damaged = (...levels: string[]) =>
  attacks(
    'stored-state',
    ...levels.map((level) => `whatever is done to the databases, a user of the level ${level}`),
  );

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
    without: 'an authorization URL that is made anew: the stored one is taken',
    edits: [
      {
        file: 'sw/sign-in/challenges.ts',
        from: 'const authorizationUrl = await authorizationUrlOf(portal, record.state, codeVerifier, {}, record.asked);',
        to: 'const authorizationUrl = (record as any).authorizationUrl ?? (await authorizationUrlOf(portal, record.state, codeVerifier, {}, record.asked));',
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
        from: '  if (!returnTo || toldTo !== undefined || !isOwn(returnTo)) return null;\n',
        to: '  if (!returnTo || toldTo !== undefined) return null;\n',
      },
    ],
    tests: [attacks('stored-state', 'brings nobody to another site')],
  },
  {
    rule: 'S1',
    without: 'the check of each stored entry',
    edits: [withoutChecks],
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
    edits: [withoutChecks],
    tests: [malformed('a server without an address', 'a credential of nobody')],
    survives: 'Servers are looked up by address and credentials by portal: such an entry is never found.',
  },
  {
    rule: 'S1',
    without: 'the demand for a state behind the decryption',
    edits: [
      {
        file: 'sw/storage/store.ts',
        from: 'if (decrypted && Number.isSafeInteger(revision))',
        to: 'if (decrypted)',
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
    edits: [withoutTolerance],
    tests: [damaged('persistent', 'sealed')],
  },
  {
    rule: 'S1',
    without: 'the tolerance for what does not decrypt, at the level memory',
    edits: [withoutTolerance],
    tests: [damaged('memory')],
    survives: 'No credential is stored at that level: a worker that cannot read its store has lost none.',
  },
];

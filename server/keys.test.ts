import { expect, test } from 'vitest';
import { ServerConfigurationError, serverConfigurationErrorCodes } from './errors.js';
import { readSecrets, type Secrets } from './keys.js';
import { older, other, secret } from './testing.js';

const browserId = Uint8Array.from({ length: 16 }, (_, index) => index);
const workerKey = (secrets: Secrets): Promise<string> =>
  readSecrets(secrets)[0].deriveWorkerKey(browserId, '/worker.js');
const text = (bytes: number[]): string => btoa(String.fromCharCode(...bytes));
const distinct = (length: number): number[] => Array.from({ length }, (_, index) => index);

test.each<[string, Secrets, string]>([
  ['an unset variable', undefined, 'secret-missing'],
  ['an empty variable', '', 'secret-missing'],
  ['white space', ' \n', 'secret-missing'],
  ['an empty list', [], 'secret-missing'],
  ['a list of nothing', ['', ' '], 'secret-missing'],
  ['a passphrase', 'correct-horse-battery-staple-and-some-more!', 'secret-malformed'],
  ['text that no base64 ends with', 'a'.repeat(45), 'secret-malformed'],
  ['16 bytes', text(distinct(16)), 'secret-too-short'],
  ['31 bytes, 42 characters', text(distinct(31)), 'secret-too-short'],
  ['32 characters', 'abcdefghijklmnopqrstuvwxyz012345', 'secret-too-short'],
  ['a short one behind a good one', [secret, text(distinct(31))], 'secret-too-short'],
  ['zeros', text(Array<number>(32).fill(0)), 'secret-weak'],
  ['a word again and again', 'changeme'.repeat(8), 'secret-weak'],
  ['the same twice', [secret, secret], 'secret-duplicate'],
  ['the same in another spelling', [secret, secret.replaceAll('=', '')], 'secret-duplicate'],
  ['the same twice in one variable', `${secret} ${older} ${secret}`, 'secret-duplicate'],
])('%s is refused', (_, secrets, code) => {
  expect(() => readSecrets(secrets)).toThrow(
    expect.objectContaining({ name: 'ServerConfigurationError', code }),
  );
});

test('no message holds a part of a secret', () => {
  for (const code of serverConfigurationErrorCodes)
    expect(new ServerConfigurationError(code).message).toMatch(/^[A-Z].*\.$/);
  const phrase = 'correct-horse-battery-staple-and-some-more!';
  expect(() => readSecrets(phrase)).not.toThrow(phrase.slice(0, 7));
});

test.each<[string, Secrets]>([
  ['base64url', secret.replaceAll('+', '-').replaceAll('/', '_')],
  ['without padding', secret.replaceAll('=', '')],
  ['with the end of its line', `${secret}\n`],
  ['in a list', [secret]],
  ['in a variable with others', `${secret}, ${older}`],
])('a secret counts as the same %s', async (_, secrets) => {
  expect(await workerKey(secrets)).toBe(await workerKey(secret));
});

test('hexadecimal text of 32 bytes is a secret too', () => {
  expect(readSecrets('00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef')).toHaveLength(1);
});

test('a worker’s key is HKDF-SHA-256 of secret, browser and path, the same every time', async () => {
  // node:crypto is a second implementation.
  const { hkdfSync } = await import('node:crypto');
  const info = 'identity-worker seal v1\0/worker.js';
  const bytes = hkdfSync('sha256', Buffer.from(secret, 'base64'), browserId, info, 32);
  expect(await workerKey(secret)).toBe(Buffer.from(bytes).toString('base64url'));
  expect(await workerKey(secret)).toBe(await workerKey(secret));
});

test('another secret, browser or path gives another key', async () => {
  const secretKeys = readSecrets([secret, older, other]);
  const keys = await Promise.all([
    ...secretKeys.map((each) => each.deriveWorkerKey(browserId, '/worker.js')),
    secretKeys[0].deriveWorkerKey(browserId.toReversed(), '/worker.js'),
    secretKeys[0].deriveWorkerKey(browserId, '/other.js'),
    secretKeys[0].deriveWorkerKey(browserId, '/worker.jsx'),
  ]);
  expect(new Set(keys).size).toBe(6);
  for (const each of keys) expect(each).toMatch(/^[\w-]{43}$/);
});

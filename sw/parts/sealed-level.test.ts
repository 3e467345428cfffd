/** The keys that the server injected into the worker's script: taken once, in their shape only. */
import { describe, expect, test } from 'vitest';
import type { Encrypter } from '../storage/encrypter.js';
import { INJECTED_KEYS_PROPERTY } from '../../protocol/sealed-script.js';
import { importKey, injectedEncrypter, takeInjectedKeys } from './sealed-level.js';

const key = 'c2VhbHNlYWxzZWFsc2VhbHNlYWxzZWFsc2VhbHNlYWw';

test('are taken away from where the script put them', () => {
  const scope: Record<string, unknown> = { [INJECTED_KEYS_PROPERTY]: [key, key] };
  expect(takeInjectedKeys(scope)).toEqual([key, key]);
  expect(INJECTED_KEYS_PROPERTY in scope).toBe(false);
  expect(takeInjectedKeys(scope)).toEqual([]);
});

test.each([
  undefined,
  null,
  key,
  [],
  [''],
  [key, 7],
  [key.slice(1)],
  [`${key}A`],
  [`${key.slice(1)}=`],
  { 0: key, length: 1 },
])('%j is none', (value) => {
  expect(takeInjectedKeys({ [INJECTED_KEYS_PROPERTY]: value })).toEqual([]);
});

const secrets = { accessToken: 'access-1', refreshToken: 'refresh-ä' };

describe('a change of keys', () => {
  const old = 'b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZCE';
  const current = 'bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldyE';
  const encrypterOf = (...keys: string[]): Promise<Encrypter> => injectedEncrypter(keys)();

  test('what an older key encrypted still decrypts, and is told to be old', async () => {
    const encrypted = await (await encrypterOf(old)).encrypt(secrets, 'id');
    expect(await (await encrypterOf(current, old)).decrypt(encrypted, 'id')).toEqual({
      value: secrets,
      isOld: true,
    });
  });

  test('the first key encrypts', async () => {
    const encrypted = await (await encrypterOf(current, old)).encrypt(secrets, 'id');
    expect(await (await encrypterOf(current)).decrypt(encrypted, 'id')).toEqual({
      value: secrets,
      isOld: false,
    });
    expect(await (await encrypterOf(old)).decrypt(encrypted, 'id')).toBeUndefined();
  });

  test('the key of a script cannot be exported', async () => {
    await expect(crypto.subtle.exportKey('raw', await importKey(old))).rejects.toThrow();
  });

  test.each(['', 'short', '!!!'])('%j is no key', async (text) => {
    await expect(async () => importKey(text)).rejects.toThrow();
  });
});

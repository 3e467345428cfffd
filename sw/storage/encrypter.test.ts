/** The encrypter: decrypts for its own record only, and tells nothing when it does not. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, Encrypter } from './encrypter.js';

const secrets = { accessToken: 'access-1', refreshToken: 'refresh-ä' };
let key: CryptoKey;
let encrypter: Encrypter;

beforeAll(async () => {
  key = await createKey();
  encrypter = new Encrypter([key]);
});

test.each([secrets, 'text', 7, null, [1, 'a'], {}])('returns %j as it was', async (value) => {
  expect(await encrypter.decrypt(await encrypter.encrypt(value, 'id'), 'id')).toEqual({
    value,
    isOld: false,
  });
});

test('opens after a structured clone, as from a database', async () => {
  expect(
    await encrypter.decrypt(structuredClone(await encrypter.encrypt(secrets, 'id')), 'id'),
  ).toMatchObject({
    value: secrets,
  });
});

test('holds nothing readable', async () => {
  const { data } = await encrypter.encrypt(secrets, 'id');
  expect(new TextDecoder('latin1').decode(data)).not.toMatch(/access|refresh/);
});

test('never uses an initialisation vector twice', async () => {
  const encrypted = await Promise.all(Array.from({ length: 500 }, () => encrypter.encrypt(secrets, 'id')));
  expect(new Set(encrypted.map(({ iv }) => iv.join())).size).toBe(500);
  expect(encrypted.every(({ iv }) => iv.byteLength === 12)).toBe(true);
});

test('one value is never encrypted to the same bytes', async () => {
  const [a, b] = await Promise.all([encrypter.encrypt(secrets, 'id'), encrypter.encrypt(secrets, 'id')]);
  expect(Buffer.compare(Buffer.from(a.data), Buffer.from(b.data))).not.toBe(0);
});

describe('does not open', () => {
  test.each(['other', '', 'id ', 'ID'])('in the record %j', async (context) => {
    expect(await encrypter.decrypt(await encrypter.encrypt(secrets, 'id'), context)).toBeUndefined();
  });

  test('with another key', async () => {
    const other = new Encrypter([await createKey()]);
    expect(await other.decrypt(await encrypter.encrypt(secrets, 'id'), 'id')).toBeUndefined();
  });

  test('with any byte of the data changed', async () => {
    const { iv, data } = await encrypter.encrypt('x', 'id');
    for (let at = 0; at < data.byteLength; at++) {
      const changed = new Uint8Array(data.slice(0));
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await encrypter.decrypt({ iv, data: changed.buffer }, 'id'), `byte ${at}`).toBeUndefined();
    }
  });

  test('with another initialisation vector', async () => {
    const { iv, data } = await encrypter.encrypt(secrets, 'id');
    const changed = iv.slice();
    changed[0] = (changed[0] ?? 0) ^ 1;
    expect(await encrypter.decrypt({ iv: changed, data }, 'id')).toBeUndefined();
  });

  test.each([0, 1, 15])('cut to %i bytes', async (length) => {
    const { iv, data } = await encrypter.encrypt(secrets, 'id');
    expect(await encrypter.decrypt({ iv, data: data.slice(0, length) }, 'id')).toBeUndefined();
  });

  test('when the record is broken', async () => {
    expect(
      await encrypter.decrypt({ iv: new Uint8Array(0), data: new ArrayBuffer(0) }, 'id'),
    ).toBeUndefined();
    expect(await encrypter.decrypt({}, 'id')).toBeUndefined();
  });
});

test('its key cannot be taken out of the worker', async () => {
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});

test('without a key nothing is encrypted', () => {
  expect(() => new Encrypter([])).toThrow(TypeError);
});

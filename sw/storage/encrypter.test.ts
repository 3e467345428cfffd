/** The seal: opens for its own record only, and says nothing when it does not open. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createSealingKey, importSealingKey, Seal } from './encrypter.js';

const secrets = { accessToken: 'access-1', refreshToken: 'refresh-ä' };
let key: CryptoKey;
let seal: Seal;

beforeAll(async () => {
  key = await createSealingKey();
  seal = new Seal([key]);
});

test.each([secrets, 'text', 7, null, [1, 'a'], {}])('returns %j as it was', async (value) => {
  expect(await seal.unseal(await seal.seal(value, 'id'), 'id')).toEqual({ value, isOld: false });
});

test('opens after a structured clone, as from a database', async () => {
  expect(await seal.unseal(structuredClone(await seal.seal(secrets, 'id')), 'id')).toMatchObject({
    value: secrets,
  });
});

test('holds nothing readable', async () => {
  const { data } = await seal.seal(secrets, 'id');
  expect(new TextDecoder('latin1').decode(data)).not.toMatch(/access|refresh/);
});

test('never uses an initialisation vector twice', async () => {
  const sealed = await Promise.all(Array.from({ length: 500 }, () => seal.seal(secrets, 'id')));
  expect(new Set(sealed.map(({ iv }) => iv.join())).size).toBe(500);
  expect(sealed.every(({ iv }) => iv.byteLength === 12)).toBe(true);
});

test('one value is never sealed to the same bytes', async () => {
  const [a, b] = await Promise.all([seal.seal(secrets, 'id'), seal.seal(secrets, 'id')]);
  expect(Buffer.compare(Buffer.from(a.data), Buffer.from(b.data))).not.toBe(0);
});

describe('does not open', () => {
  test.each(['other', '', 'id ', 'ID'])('in the record %j', async (context) => {
    expect(await seal.unseal(await seal.seal(secrets, 'id'), context)).toBeUndefined();
  });

  test('with another key', async () => {
    const other = new Seal([await createSealingKey()]);
    expect(await other.unseal(await seal.seal(secrets, 'id'), 'id')).toBeUndefined();
  });

  test('with any byte of the data changed', async () => {
    const { iv, data } = await seal.seal('x', 'id');
    for (let at = 0; at < data.byteLength; at++) {
      const changed = new Uint8Array(data.slice(0));
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await seal.unseal({ iv, data: changed.buffer }, 'id'), `byte ${at}`).toBeUndefined();
    }
  });

  test('with another initialisation vector', async () => {
    const { iv, data } = await seal.seal(secrets, 'id');
    const changed = iv.slice();
    changed[0] = (changed[0] ?? 0) ^ 1;
    expect(await seal.unseal({ iv: changed, data }, 'id')).toBeUndefined();
  });

  test.each([0, 1, 15])('cut to %i bytes', async (length) => {
    const { iv, data } = await seal.seal(secrets, 'id');
    expect(await seal.unseal({ iv, data: data.slice(0, length) }, 'id')).toBeUndefined();
  });

  test('when the record is broken', async () => {
    expect(await seal.unseal({ iv: new Uint8Array(0), data: new ArrayBuffer(0) }, 'id')).toBeUndefined();
    expect(await seal.unseal({} as never, 'id')).toBeUndefined();
  });
});

test('its key cannot be taken out of the worker', async () => {
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});

describe('a change of keys', () => {
  const old = 'b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZCE';
  const current = 'bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldyE';
  const sealOf = async (...keys: string[]): Promise<Seal> =>
    new Seal(await Promise.all(keys.map(importSealingKey)));

  test('what an older key sealed still opens, and says so', async () => {
    const sealed = await (await sealOf(old)).seal(secrets, 'id');
    expect(await (await sealOf(current, old)).unseal(sealed, 'id')).toEqual({ value: secrets, isOld: true });
  });

  test('the first key seals', async () => {
    const sealed = await (await sealOf(current, old)).seal(secrets, 'id');
    expect(await (await sealOf(current)).unseal(sealed, 'id')).toEqual({ value: secrets, isOld: false });
    expect(await (await sealOf(old)).unseal(sealed, 'id')).toBeUndefined();
  });

  test('the key of a script cannot be exported', async () => {
    await expect(crypto.subtle.exportKey('raw', await importSealingKey(old))).rejects.toThrow();
  });

  test.each(['', 'short', '!!!'])('%j is no key', async (text) => {
    await expect(async () => importSealingKey(text)).rejects.toThrow();
  });

  test('without a key nothing is sealed', () => {
    expect(() => new Seal([])).toThrow(TypeError);
  });
});

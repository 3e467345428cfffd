/** Encryption at rest: AES-GCM under keys that cannot be exported. */
import { isRecord } from '../../protocol/record.js';
import type { Ciphertext } from './database.js';

/** Length of the initialisation vector, in bytes (NIST SP 800-38D §5.2.1.1 recommends 96 bits). */
const IV_BYTES = 12;

/** A new key; non-extractable, so that a copied profile's database does not hold it in clear. */
export function createKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A decrypted value. */
export interface Decrypted {
  readonly value: unknown;
  /** Whether an older key had encrypted it. */
  readonly isOld: boolean;
}

/** Encrypts and decrypts JSON values. */
export class Encrypter {
  /** What it encrypts with. */
  readonly key: CryptoKey;
  readonly #keys: readonly CryptoKey[];

  /** @param keys - The first encrypts; all of them decrypt, so that a change of keys loses nothing. */
  constructor(keys: readonly CryptoKey[]) {
    const [key] = keys;
    if (!key) throw new TypeError('There is no key to encrypt with.');
    this.key = key;
    this.#keys = keys;
  }

  /**
   * @param value - Any JSON value.
   * @param additionalData - What the value is bound to: with another text it does not decrypt.
   */
  async encrypt(value: unknown, additionalData: string): Promise<Ciphertext> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const data = await crypto.subtle.encrypt(
      algorithm(iv, additionalData),
      this.key,
      new TextEncoder().encode(JSON.stringify(value)),
    );
    return { iv, data };
  }

  /**
   * @param encrypted - Of unknown origin.
   * @returns `undefined` when it does not decrypt.
   */
  async decrypt(encrypted: unknown, additionalData: string): Promise<Decrypted | undefined> {
    if (!isRecord(encrypted)) return undefined;
    const { iv, data } = encrypted as unknown as Ciphertext;
    for (const key of this.#keys) {
      try {
        const bytes = await crypto.subtle.decrypt(algorithm(iv, additionalData), key, data);
        return { value: JSON.parse(new TextDecoder().decode(bytes)), isOld: key !== this.key };
      } catch {
        // Encrypted under another of the keys, or under none of them.
      }
    }
    return undefined;
  }
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, additionalData: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(additionalData),
});

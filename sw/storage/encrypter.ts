/** Encryption at rest: AES-GCM under keys that nobody can export. */
import type { Sealed } from './database.js';

/** Length of the initialisation vector, in bytes (NIST SP 800-38D §5.2.1.1 recommends 96 bits). */
const IV_BYTES = 12;

/** A new sealing key: non-extractable, so that a copied profile's database does not give it away in clear. */
export function createSealingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** The key of a seal that the app's server wrote into the worker's script: base64url of 32 bytes. */
export function importSealingKey(seal: string): Promise<CryptoKey> {
  const base64 = seal.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** A value out of its seal, and whether an older key had sealed it. */
export interface Unsealed {
  readonly value: unknown;
  readonly isOld: boolean;
}

/** Seals and unseals JSON values. */
export class Seal {
  readonly #key: CryptoKey;

  /** @param keys - The first seals; all of them unseal, so that a change of keys loses nothing. */
  constructor(private readonly keys: readonly CryptoKey[]) {
    const [key] = keys;
    if (!key) throw new TypeError('There is no key to seal with.');
    this.#key = key;
  }

  /**
   * @param value - Any JSON value.
   * @param context - Names the record; a sealed value moved to another record does not open.
   */
  async seal(value: unknown, context: string): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const data = await crypto.subtle.encrypt(
      algorithm(iv, context),
      this.#key,
      new TextEncoder().encode(JSON.stringify(value)),
    );
    return { iv, data };
  }

  /** @returns `undefined` when the seal does not open: the record is then worth a new sign-in, no more. */
  async unseal(sealed: Sealed, context: string): Promise<Unsealed | undefined> {
    for (const key of this.keys) {
      try {
        const bytes = await crypto.subtle.decrypt(algorithm(sealed.iv, context), key, sealed.data);
        return { value: JSON.parse(new TextDecoder().decode(bytes)), isOld: key !== this.#key };
      } catch {
        // Sealed by another of the keys, or by none of them.
      }
    }
    return undefined;
  }
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(context),
});

/** Encryption at rest: AES-GCM under a key that IndexedDB holds and nobody can export. */
import type { Sealed } from './store.js';

/** Length of the initialisation vector, in bytes (NIST SP 800-38D §5.2.1.1 recommends 96 bits). */
const IV_BYTES = 12;

/** A new sealing key: non-extractable, so that a copied profile's database does not give it away in clear. */
export function createSealingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Seals and unseals JSON values. */
export class Seal {
  constructor(private readonly key: CryptoKey) {}

  /**
   * @param value - Any JSON value.
   * @param context - Names the record; a sealed value moved to another record does not open.
   */
  async seal(value: unknown, context: string): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const data = await crypto.subtle.encrypt(
      algorithm(iv, context),
      this.key,
      new TextEncoder().encode(JSON.stringify(value)),
    );
    return { iv, data };
  }

  /** @returns The value, or `undefined` when the seal does not open: the record is then worth a new sign-in, no more. */
  async unseal(sealed: Sealed, context: string): Promise<unknown> {
    try {
      const bytes = await crypto.subtle.decrypt(algorithm(sealed.iv, context), this.key, sealed.data);
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return undefined;
    }
  }
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(context),
});

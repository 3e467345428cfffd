/** The server's secrets: how they are written, which are refused, and the keys that are derived from one. */
import { decodeBase64Url, encodeBase64Url } from './base64url.js';
import { BrokerError } from './errors.js';

/**
 * Secrets as base64 or base64url text of at least 32 random bytes each (`openssl rand -base64 32`): the current one first,
 * then the older ones that are still accepted. One string may hold several, separated by spaces or commas, as an
 * environment variable does. `undefined`, an unset variable, is an error.
 */
export type Secrets = string | readonly string[] | undefined;

/** HKDF gains nothing from more than the length of its hash, and loses with less (RFC 5869 §4). */
const SECRET_BYTES = 32;

/** Of 32 random bytes about 30 differ; 16 or fewer happen never, and in a repeated word always. */
const FEWEST_DISTINCT_BYTES = 16;

const SEAL_PURPOSE = 'identity-worker seal v1';
const COOKIE_PURPOSE = 'identity-worker cookie v1';

/**
 * Reads the secrets.
 *
 * @returns Their keys, the current secret's first.
 * @throws {@link BrokerError} `secret-missing`, `secret-malformed`, `secret-too-short`, `secret-weak`, `secret-duplicate`.
 */
export function readSecrets(secrets: Secrets): readonly [SecretKeys, ...SecretKeys[]] {
  const texts = [secrets ?? []].flat().flatMap((text) => text.split(/[\s,]+/).filter(Boolean));
  const [current, ...older] = texts.map(readSecret);
  if (!current) throw new BrokerError('secret-missing');
  const all = [current, ...older] as const;
  if (new Set(all.map(encodeBase64Url)).size < all.length) throw new BrokerError('secret-duplicate');
  return [new SecretKeys(current), ...older.map((bytes) => new SecretKeys(bytes))];
}

function readSecret(text: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64Url(text);
  if (!bytes) throw new BrokerError('secret-malformed');
  if (bytes.length < SECRET_BYTES) throw new BrokerError('secret-too-short');
  if (new Set(bytes).size < FEWEST_DISTINCT_BYTES) throw new BrokerError('secret-weak');
  return bytes;
}

/** The keys of one secret, by HKDF-SHA-256 (RFC 5869): one that authenticates cookies, and a seal per browser and worker. */
export class SecretKeys {
  readonly #material: Promise<CryptoKey>;
  readonly #macKey: Promise<CryptoKey>;

  /** @param secret - Input keying material. */
  constructor(secret: Uint8Array<ArrayBuffer>) {
    this.#material = crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
    this.#macKey = this.#deriveMacKey();
  }

  /**
   * The seal of a browser's worker: 32 bytes that depend on this secret, the browser and the path alone.
   *
   * @param browserId - Random id of the browser, the salt.
   * @param path - Path of the worker's script; another worker of the site gets another seal.
   */
  async seal(browserId: Uint8Array<ArrayBuffer>, path: string): Promise<string> {
    // No path holds a NUL, so no two pairs of purpose and path look alike.
    const parameters = hkdf(browserId, `${SEAL_PURPOSE}\0${path}`);
    return encodeBase64Url(
      new Uint8Array(await crypto.subtle.deriveBits(parameters, await this.#material, 256)),
    );
  }

  /** Authentication code of a browser's id (HMAC-SHA-256). */
  async sign(browserId: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign('HMAC', await this.#macKey, browserId));
  }

  /** Whether this secret made the code; compared in constant time by the platform. */
  async verify(browserId: Uint8Array<ArrayBuffer>, code: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return crypto.subtle.verify('HMAC', await this.#macKey, code, browserId);
  }

  async #deriveMacKey(): Promise<CryptoKey> {
    return crypto.subtle.deriveKey(
      hkdf(new Uint8Array(), COOKIE_PURPOSE),
      await this.#material,
      { name: 'HMAC', hash: 'SHA-256', length: 256 },
      false,
      ['sign', 'verify'],
    );
  }
}

const hkdf = (salt: Uint8Array<ArrayBuffer>, info: string): HkdfParams => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt,
  info: new TextEncoder().encode(info),
});

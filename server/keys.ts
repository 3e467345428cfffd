/** Parses the server's secrets, refuses weak ones, and derives keys from each. */
import { decodeBase64Url, encodeBase64Url } from './base64url.js';
import { ServerConfigurationError } from './errors.js';

/**
 * Secrets of at least 32 random bytes each, as base64 or base64url text (`openssl rand -base64 32`): the current one first,
 * then older ones that are still accepted. One string may contain several, separated by spaces or commas, so that an
 * environment variable can hold them. `undefined` (an unset variable) is an error.
 */
export type Secrets = string | readonly string[] | undefined;

/** Length of the hash's output. A shorter secret would limit the strength of the derived keys. */
const SECRET_BYTES = 32;

/** 32 random bytes contain about 30 distinct values; 15 or fewer mean a repeated word or a placeholder. */
const FEWEST_DISTINCT_BYTES = 16;

// Inputs of the derivation (HKDF `info`): changing one changes every key.
const WORKER_KEY_PURPOSE = 'identity-worker seal v1';
const COOKIE_PURPOSE = 'identity-worker cookie v1';

/**
 * Reads the secrets.
 *
 * @returns The keys of each secret, those of the current one first.
 * @throws {@link ServerConfigurationError} `secret-missing`, `secret-malformed`, `secret-too-short`, `secret-weak`, `secret-duplicate`.
 */
export function readSecrets(secrets: Secrets): readonly [SecretKeys, ...SecretKeys[]] {
  const texts = [secrets ?? []].flat().flatMap((text) => text.split(/[\s,]+/).filter(Boolean));
  const [current, ...older] = texts.map(readSecret);
  if (!current) throw new ServerConfigurationError('secret-missing');
  const all = [current, ...older] as const;
  if (new Set(all.map(encodeBase64Url)).size < all.length)
    throw new ServerConfigurationError('secret-duplicate');
  return [new SecretKeys(current), ...older.map((bytes) => new SecretKeys(bytes))];
}

function readSecret(text: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64Url(text);
  if (!bytes) throw new ServerConfigurationError('secret-malformed');
  if (bytes.length < SECRET_BYTES) throw new ServerConfigurationError('secret-too-short');
  if (new Set(bytes).size < FEWEST_DISTINCT_BYTES) throw new ServerConfigurationError('secret-weak');
  return bytes;
}

/** The keys that HKDF-SHA-256 (RFC 5869) derives from one secret: one that authenticates cookies, and one per browser and worker. */
export class SecretKeys {
  readonly #material: Promise<CryptoKey>;
  readonly #macKey: Promise<CryptoKey>;

  /** @param secret - Input keying material (RFC 5869 §2.2). */
  constructor(secret: Uint8Array<ArrayBuffer>) {
    this.#material = crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
    this.#macKey = this.#deriveMacKey();
  }

  /**
   * Derives the key of a browser's worker. The same secret, browser and path always give the same key.
   *
   * @param browserId - Random id of the browser; the salt.
   * @param path - Path of the worker's script. Each worker of a site gets a key of its own.
   * @returns 32 bytes, as base64url.
   */
  async deriveWorkerKey(browserId: Uint8Array<ArrayBuffer>, path: string): Promise<string> {
    // A URL's path contains no NUL, so purpose and path cannot be confused.
    const parameters = hkdf(browserId, `${WORKER_KEY_PURPOSE}\0${path}`);
    return encodeBase64Url(
      new Uint8Array(await crypto.subtle.deriveBits(parameters, await this.#material, 256)),
    );
  }

  /** Computes the authentication code of a browser's id (HMAC-SHA-256). */
  async sign(browserId: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign('HMAC', await this.#macKey, browserId));
  }

  /** Whether the code was made with this secret. WebCrypto compares in constant time. */
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

// Signs ID tokens (OpenID Connect Core 1.0 §2) with a key that is made when the server starts.

import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface IdTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly nonce?: string;
  readonly preferred_username: string;
}

export class IdTokenSigner {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #keyId = createHash('sha256')
    .update(this.#keys.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16);

  sign(claims: IdTokenClaims): string {
    const header = encode({ alg: 'ES256', typ: 'JWT', kid: this.#keyId });
    const content = `${header}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(content), {
      key: this.#keys.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${content}.${signature.toString('base64url')}`;
  }

  /** The public key as a JSON Web Key Set (RFC 7517 §5). */
  keySet(): { keys: Record<string, unknown>[] } {
    const key = this.#keys.publicKey.export({ format: 'jwk' });
    return { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: this.#keyId }] };
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

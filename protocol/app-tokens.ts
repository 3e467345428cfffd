/** What the worker and the app's server say to each other of the app's own tokens. */

/** Body of the worker's POST, as JSON. */
export interface AppTokenRequest {
  /** The portal's URL, as the worker has it. */
  readonly portal: string;
  /** Random, and new in every request: an answer to another one does not open. */
  readonly nonce: string;
  /** SHA-256 of the token that a server has refused, as base64url: the next token has to be another one. */
  readonly rejected?: string;
}

/** What the server answers, or encrypts. */
export interface AppTokenResponse {
  readonly access_token: string;
  /** What is left of its life, in s. */
  readonly expires_in: number;
}

/** The answer for a sealed worker: base64url of initialisation vector and ciphertext, for each key that the worker may have. */
export interface SealedAppTokenResponse {
  readonly sealed: readonly string[];
}

/** Length of the initialisation vector in front of the ciphertext, in bytes. */
export const SEALED_IV_BYTES = 12;

/** What an encrypted answer is bound to (the additional data of AES-GCM): its portal, and the one request that it answers. */
export const appTokenBinding = ({ portal, nonce }: AppTokenRequest): string =>
  // Neither a URL nor a nonce contains NUL.
  `identity-worker app token v1\0${portal}\0${nonce}`;

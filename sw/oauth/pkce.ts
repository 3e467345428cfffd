/** Random values of an authorization request, and the PKCE code challenge (RFC 7636 §4.1-4.2). */

/** 32 bytes: as much as the hash of the challenge has, and the shortest verifier that RFC 7636 §4.1 allows. */
const RANDOM_BYTES = 32;

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** A fresh code verifier, or a fresh state: 43 characters of base64url. */
export const randomText = (): string => base64Url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));

/** The S256 code challenge of a verifier. */
export async function codeChallengeOf(codeVerifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier));
  return base64Url(new Uint8Array(digest));
}

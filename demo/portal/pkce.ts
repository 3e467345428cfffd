// Proof Key for Code Exchange: verification (RFC 7636 §4.6).

import { createHash } from 'node:crypto';
import { sameSecret } from './accounts.js';
import type { Switches } from './switches.js';
import type { CodeGrant } from './tokens.js';

/** A verifier for a code without a challenge is refused too: an attacker may have removed the challenge (RFC 9700 §4.8.2). */
export function isVerifierRight(grant: CodeGrant, codeVerifier: string | null): boolean {
  const { codeChallenge, codeChallengeMethod } = grant;
  if (codeChallenge === undefined) return codeVerifier === null;
  if (codeVerifier === null) return false;
  const derived =
    codeChallengeMethod === 'S256'
      ? createHash('sha256').update(codeVerifier).digest('base64url')
      : codeVerifier;
  return sameSecret(derived, codeChallenge);
}

/** The first `currentVersion` with PKCE. Older portals ignore challenge and verifier. */
const firstVersionWithPkce = 8.4;

export function knowsPkce({ portalVersion }: Switches): boolean {
  return Number.parseFloat(portalVersion) >= firstVersionWithPkce;
}

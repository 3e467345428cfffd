/** PKCE: the vector of RFC 7636, the library's own result, and the shape of what is random. */
import { calculatePKCECodeChallenge } from 'oauth4webapi';
import { expect, test } from 'vitest';
import { codeChallengeOf, randomText } from './pkce.js';

test('the code challenge is that of RFC 7636 appendix B', async () => {
  expect(await codeChallengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('the code challenge of any verifier is the one that oauth4webapi computes', async () => {
  for (let count = 0; count < 100; count += 1) {
    const verifier = randomText();
    expect(await codeChallengeOf(verifier)).toBe(await calculatePKCECodeChallenge(verifier));
  }
});

test('random texts have 43 characters of base64url, and never repeat', () => {
  const texts = Array.from({ length: 1000 }, randomText);
  for (const text of texts) expect(text).toMatch(/^[\w-]{43}$/);
  expect(new Set(texts).size).toBe(1000);
});

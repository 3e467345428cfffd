/** What encrypted secrets are bound to (AES-GCM additional data): moved to another record, or with changed facts, they do not decrypt. */
import type { ChallengeRecord, CredentialRecord } from './database.js';

/** A code verifier decrypts for its own portal and state only: a code must not be carried to another portal (RFC 9700 §4.4). */
export const challengeAad = ({
  id,
  portal,
  fingerprint,
  state,
}: Pick<ChallengeRecord, 'id' | 'portal' | 'fingerprint' | 'state'>): string =>
  JSON.stringify([id, portal, fingerprint, state]);

/** Tokens decrypt for their own portal and registration only. */
export const credentialAad = ({
  id,
  portal,
  fingerprint,
}: Pick<CredentialRecord, 'id' | 'portal' | 'fingerprint'>): string =>
  JSON.stringify([id, portal, fingerprint]);

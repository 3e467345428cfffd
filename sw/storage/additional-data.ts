/** What the sealed verifier of a challenge is bound to. */
import type { ChallengeRecord } from './database.js';

/** A code verifier opens for its own portal and state only: a code must not be carried to another portal (RFC 9700 §4.4). */
export const contextOf = ({
  id,
  portal,
  fingerprint,
  state,
}: Pick<ChallengeRecord, 'id' | 'portal' | 'fingerprint' | 'state'>): string =>
  JSON.stringify([id, portal, fingerprint, state]);

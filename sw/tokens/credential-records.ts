/** Credentials as the database holds them: the tokens encrypted, the rest in clear. */
import { fingerprintOf, type Portal } from '../portals/portal.js';
import { credentialAad } from '../storage/additional-data.js';
import type { CredentialRecord } from '../storage/database.js';
import type { KeyRing } from '../storage/key-ring.js';
import type { Credential, Secrets } from './token-lifetime.js';

/** The record of a credential, or `undefined` where none is to be kept. */
export async function encryptCredential(
  keyRing: KeyRing,
  { persistence }: Portal,
  { accessToken, refreshToken, ...facts }: Credential,
): Promise<CredentialRecord | undefined> {
  if (persistence === 'memory') return undefined;
  const secrets: Secrets = { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
  const encrypter = await keyRing.encrypter(persistence);
  return { ...facts, encrypted: await encrypter.encrypt(secrets, credentialAad(facts)) };
}

/**
 * The credential of a record.
 *
 * @returns `undefined` for a record of another registration, and for one that does not decrypt; `isOld` where an older key had
 * encrypted it.
 */
export async function decryptRecord(
  keyRing: KeyRing,
  portal: Portal | undefined,
  record: CredentialRecord,
): Promise<{ credential: Credential; isOld: boolean } | undefined> {
  if (!portal || fingerprintOf(portal) !== record.fingerprint) return undefined;
  const encrypter = await keyRing.encrypter(portal.persistence);
  const decrypted = await encrypter.decrypt(record.encrypted, credentialAad(record));
  const secrets = decrypted?.value as Secrets | undefined;
  if (!decrypted || typeof secrets?.accessToken !== 'string') return undefined;
  const { encrypted: _, ...facts } = record;
  return { credential: { ...facts, ...secrets }, isOld: decrypted.isOld };
}

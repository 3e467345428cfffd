/** Sign-ins that take the place of their page: where each began, so that the user is brought back there. */
import { IdentityError } from '../../protocol/identity-error.js';
import type { RedirectReturn, ReturnTo } from '../../protocol/worker-api.js';
import { challengeAad } from '../storage/additional-data.js';
import type { ChallengeRecord } from '../storage/database.js';
import type { KeyRing } from '../storage/key-ring.js';
import type { PartServices, WorkerPart } from '../worker-part.js';

declare const self: ServiceWorkerGlobalScope;

type Services = Pick<PartServices, 'portalIndex' | 'database' | 'keyRing'>;

/** The part. Serves pages with `login: 'redirect'`. */
export const redirectReturn = (): WorkerPart => ({
  name: 'redirect-return',
  redirectReturn: { save: saveReturnTo, urlOf: returnUrlOf, take: takeReturn, isReturn },
});

const withoutFragment = (url: string): string => url.replace(/#.*$/s, '');

async function isReturn({ returnTo }: ChallengeRecord, clientId: string): Promise<boolean> {
  if (!returnTo || clientId === '') return false;
  const client = await self.clients.get(clientId);
  return client !== undefined && withoutFragment(client.url) === withoutFragment(returnTo.url);
}

/**
 * Notes where a sign-in begins that takes the place of its page.
 *
 * @throws ChallengeError `authorization-url-unknown` for a challenge that is not open; ConfigurationError `option-invalid`.
 */
export async function saveReturnTo(
  challengeId: string,
  returnTo: ReturnTo,
  { portalIndex, database, keyRing }: Services,
): Promise<void> {
  // Never a way to another site.
  if (!URL.canParse(returnTo.url) || new URL(returnTo.url).origin !== self.location.origin)
    throw new IdentityError('option-invalid', { field: 'returnTo' });
  const record = (await database.challenges()).find(({ id }) => id === challengeId);
  const portal = record && portalIndex.byUrl(record.portal);
  if (!portal || record.phase !== 'open') throw new IdentityError('authorization-url-unknown');
  const leaving = { ...record, returnTo };
  await database.replaceChallenge(
    record,
    portal.persistence === 'memory' ? await outlivingWorker(leaving, keyRing) : leaving,
  );
}

/** With a fragment, empty if need be: it replaces the one of an implicit grant. */
export async function returnUrlOf(
  state: string,
  { database }: Pick<Services, 'database'>,
): Promise<string | null> {
  const returnTo = (await database.challenges()).find((record) => record.state === state)?.returnTo;
  if (!returnTo) return null;
  return returnTo.url.includes('#') ? returnTo.url : `${returnTo.url}#`;
}

/** The page is not prompted again for what the user cancelled at the portal. */
export async function takeReturn(
  clientId: string,
  { database }: Pick<Services, 'database'>,
): Promise<RedirectReturn | undefined> {
  for (const record of await database.challenges()) {
    const { returnTo, reason, phase, dismissedBy = [], ...rest } = record;
    const hasEnded = phase === 'signed-in' || phase === 'cancelled' || phase === 'failed';
    if (!returnTo || !hasEnded || !(await isReturn(record, clientId))) continue;
    await database.replaceChallenge(record, { ...rest, phase, dismissedBy: [...dismissedBy, clientId] });
    return { ...returnTo, portal: record.portal, ...(reason ? { error: reason } : {}) };
  }
  return undefined;
}

/** No page is left to keep the worker alive: the code verifier, and it alone, is stored for the time of the sign-in. */
async function outlivingWorker(record: ChallengeRecord, keyRing: KeyRing): Promise<ChallengeRecord> {
  const aad = challengeAad(record);
  const memory = await keyRing.encrypter(record.encryptedBy ?? 'memory');
  const verifier = record.encrypted && (await memory.decrypt(record.encrypted, aad))?.value;
  if (verifier === undefined) return record;
  const persistent = await keyRing.encrypter('persistent');
  return { ...record, encrypted: await persistent.encrypt(verifier, aad), encryptedBy: 'persistent' };
}
